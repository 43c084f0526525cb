"""The whole way on this CRM: a forbidden move is undone, explained and never judged twice."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.deal import MoveOrigin
from app.domain.stage import StageRef
from app.frontdoor.status import status_of
from app.installations.store import load_catalog
from app.outbox.rows import OutboxRow, WriteKind
from app.sandbox.bitrix24.model import Item
from app.sandbox.bitrix24.state import Act
from tests.crm.bitrix24.gated import BACK, CONTRACT, OFFER, Gated, make_gated
from tests.crm.bitrix24.site import Site
from tests.mapping import checkpoint, gate, mapping


@pytest.fixture
async def site(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """A portal whose gate on the offer demands an incoming call."""
    async with make_gated(database_url, tmp_path, monkeypatch) as gated:
        yield gated.site


async def writes(site: Site, deal: Item) -> list[OutboxRow]:
    return await Gated(site).writes(deal)


async def origins(site: Site, deal: Item) -> list[MoveOrigin]:
    return [origin for _, origin in await Gated(site).way(deal)]


async def test_a_forbidden_move_is_undone_and_explained(site: Site) -> None:
    deal = site.deal()
    await site.settle()
    site.clock.clock.advance(60)
    site.move(deal, OFFER)
    await site.settle()
    assert deal.stage_id == "NEW"
    comments = [comment.text for comment in site.portal.comments.values() if comment.owner == deal.link]
    assert len(comments) == 1
    assert "Do called" in comments[0]
    notices = [notice for notice in site.portal.notifications.values() if notice.user_id == site.seller]
    assert len(notices) == 1
    todos = [each for each in site.portal.activities.values() if each.provider_id == "CRM_TODO"]
    assert [each.responsible_id for each in todos] == [site.seller]
    rows = await writes(site, deal)
    assert {row.state for row in rows} == {"confirmed"}
    assert await origins(site, deal) == [MoveOrigin.PERSON, MoveOrigin.OWN]


async def test_once_the_client_has_called_the_same_move_stays(site: Site) -> None:
    deal = site.deal()
    site.move(deal, OFFER)
    await site.settle()
    assert deal.stage_id == "NEW"
    site.clock.clock.advance(3700)
    site.portal.add_call(deal, site.act(), duration=90)
    await site.settle()
    site.clock.clock.advance(60)
    site.move(deal, OFFER)
    before = len(await writes(site, deal))
    await site.settle()
    assert deal.stage_id == OFFER
    assert len(await writes(site, deal)) == before


async def test_our_own_writes_come_back_and_start_nothing(site: Site) -> None:
    deal = site.deal()
    await site.settle()
    site.clock.clock.advance(60)
    site.move(deal, OFFER)
    await site.settle()
    rows = await writes(site, deal)
    for _ in range(3):
        site.clock.clock.advance(120)
        await site.poll()
        await site.settle()
    assert await writes(site, deal) == rows
    assert deal.stage_id == "NEW"


async def test_a_robot_that_moves_forward_again_is_not_fought_for_ever(site: Site) -> None:
    deal = site.deal()
    await site.settle()
    for _ in range(6):
        site.clock.clock.advance(60)
        site.portal.update_item(deal, {"stage_id": OFFER}, Act(origin="robot"))
        await site.settle()
    backs = [row for row in await writes(site, deal) if row.kind == "move_back" and row.state == "confirmed"]
    assert 1 <= len(backs) <= 2
    assert deal.stage_id == OFFER


async def test_a_move_back_that_the_portal_refuses_ends_in_a_warning(site: Site) -> None:
    deal = site.deal()
    await site.settle()
    site.portal.stages[2, "NEW"].required.append("opportunity")
    site.clock.clock.advance(60)
    site.move(deal, OFFER)
    for _ in range(3):
        await site.settle()
        site.clock.clock.advance(120)
        await site.poll()
    assert deal.stage_id == OFFER
    rows = {row.kind: (row.state, row.tries) for row in await writes(site, deal)}
    assert rows[WriteKind.MOVE_BACK][0] == "dead"
    assert rows[WriteKind.NOTE][0] == "confirmed"
    comments = [comment.text for comment in site.portal.comments.values() if comment.owner == deal.link]
    assert len(comments) == 1
    assert BACK not in comments[0]


async def test_answers_that_are_lost_double_nothing(site: Site) -> None:
    deal = site.deal()
    await site.settle()
    site.clock.clock.advance(60)
    site.move(deal, OFFER)
    site.portal.faults.lost_write_rate = 0.4
    for _ in range(25):
        await site.settle()
        site.clock.clock.advance(30)
    site.portal.faults.lost_write_rate = 0.0
    for _ in range(10):
        site.clock.clock.advance(60)
        await site.poll()
        await site.settle()
    assert deal.stage_id == "NEW"
    comments = [comment for comment in site.portal.comments.values() if comment.owner == deal.link]
    todos = [each for each in site.portal.activities.values() if each.provider_id == "CRM_TODO"]
    assert (len(comments), len(todos)) == (1, 1)


class Killed(BaseException):
    """The process is gone."""


POINTS = (
    "after_claim", "after_read", "after_ledger", "after_mark_sent", "after_crm_write", "after_confirmed",
    "after_release",
)  # fmt: skip
"""Those between transactions; what happens within one is the store's matter, not the CRM's."""


async def test_a_process_that_dies_anywhere_leaves_one_move_back_and_one_note(site: Site) -> None:
    """Every named point of the way, one after the other, each met by a process of its own."""
    for point in POINTS:
        deal = site.deal(title=point)
        await site.settle()
        site.clock.clock.advance(60)
        site.move(deal, OFFER)
        await site.hear()
        deaths = await die_at(site, point)
        assert deaths == 1, point
        for _ in range(6):
            site.clock.clock.advance(30)
            await site.settle()
        assert deal.stage_id == "NEW", point
        comments = [comment for comment in site.portal.comments.values() if comment.owner == deal.link]
        todos = [each for each in site.portal.activities.values() if deal.link in each.bindings]
        assert (len(comments), len(todos)) == (1, 1), point
        assert {row.state for row in await writes(site, deal)} == {"confirmed"}, point


async def die_at(site: Site, point: str) -> int:
    """Let an engine work until it comes to that point, where it is gone."""
    deaths = 0

    def at(name: str) -> None:
        nonlocal deaths
        if name == point:
            deaths += 1
            raise Killed

    processor = site.processor(at)
    try:
        while await processor.run_once("dying"):
            pass
    except Killed:
        return deaths
    return deaths


async def test_another_pipeline_is_no_way_round_the_gate(site: Site) -> None:
    site.portal.add_category("Сервис", ["Обращение"])
    await site.refresh_catalog()
    deal = site.deal()
    await site.settle()
    category = next(each for each in site.portal.categories.values() if each.name == "Сервис")
    site.clock.clock.advance(60)
    site.portal.move_item(deal, f"C{category.id}:NEW", site.act())
    await site.settle()
    site.clock.clock.advance(60)
    site.portal.move_item(deal, OFFER, site.act())
    await site.settle()
    assert (deal.category_id, deal.stage_id) == (category.id, f"C{category.id}:NEW")


async def test_a_stage_that_was_just_made_is_known_and_shows_which_rules_broke(site: Site) -> None:
    await Gated(site).enforce(mapping([checkpoint("called")], [gate(CONTRACT, "called", mode="warn")]))
    deal, known = site.deal(), await site.known()
    await site.settle()
    site.clock.clock.advance(180)
    site.portal.delete_stage(CONTRACT)
    made = site.portal.add_stage(0, "Проверка юристом", code="LAWYER", sort=45)
    site.move(deal, made.status_id)
    await site.settle()
    assert known
    now = site.clock.now()
    status = await site.stepgate.services.db.read(lambda conn: status_of(conn, known.id, "ru", now))
    assert {rule.code for rule in status.broken_rules} == {"unknown_stage"}
    catalog = await site.stepgate.services.db.read(lambda conn: load_catalog(conn, known.id))
    assert catalog
    assert catalog.stage(StageRef("0", made.status_id))
