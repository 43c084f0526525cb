"""Facts that nobody is sure of: both readings of each end in the same ledger and the same rights."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.evidence import EvidenceKind
from app.domain.stage import StageRef
from app.ledger.read import evidence_of, moves_of
from tests.crm.bitrix24.kit import Bench
from tests.crm.bitrix24.site import Site, make_site

OFFER = "PREPAYMENT_INVOICE"


@pytest.fixture
async def site(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """A portal with our app connected."""
    async with make_site(database_url, tmp_path, monkeypatch) as site:
        await site.install()
        yield site


async def ledger(site: Site, deal_id: int) -> tuple[list[StageRef], list[str]]:
    """Where the ledger says the deal was, and the texts of its notes and calls' lengths."""
    known = await site.known()
    assert known
    read = site.stepgate.services.db.read
    moves = await read(lambda conn: moves_of(conn, known.id, str(deal_id)))
    facts = await read(lambda conn: evidence_of(conn, known.id, str(deal_id)))
    told = [str(fact.seconds) for fact in facts if fact.kind is EvidenceKind.CALL]
    told += [fact.text for fact in facts if fact.kind in (EvidenceKind.NOTE, EvidenceKind.MESSAGE)]
    return [move.to_stage for move in moves], sorted(told)


SWITCHES: dict[str, dict[str, object]] = {
    "as documented": {
        "comment_event_shape": "flat",
        "event_name_case": "mixed",
        "handler_id_in_events": False,
    },
    "as built": {"comment_event_shape": "fields", "expired_event_tokens": True, "updates_per_save": 3},
    "of robots": {"lean_auth": "bare", "system_event_rate": 1.0, "activity_raises_update": True},
    "sparing": {"session_activity_updates": False, "call_event_first": True, "deal_previous_stage": True},
    "in disorder": {"duplicate_rate": 1.0, "reorder_rate": 1.0},
}


@pytest.mark.parametrize("switches", SWITCHES.values(), ids=SWITCHES)
async def test_whatever_the_portal_s_events_look_like_the_ledger_is_the_same(
    site: Site, switches: dict[str, object]
) -> None:
    site.portal.faults.update(switches)
    deal = site.deal()
    site.clock.clock.advance(60)
    site.move(deal, OFFER)
    site.clock.clock.advance(60)
    site.portal.add_call(deal, site.act(), duration=45)
    site.portal.add_message(deal, site.act(), "да", incoming=True)
    site.portal.add_comment(deal.link, site.act(), "слово")
    site.clock.clock.advance(60)
    await site.settle()
    assert await ledger(site, deal.id) == (
        [StageRef("0", "NEW"), StageRef("0", OFFER)],
        ["45", "да", "слово"],
    )


async def test_events_that_got_lost_are_found_by_the_poll(site: Site) -> None:
    site.portal.faults.drop_rate = 1.0
    deal = site.deal()
    site.move(deal, OFFER)
    site.portal.add_call(deal, site.act(), duration=45)
    await site.settle()
    assert (await ledger(site, deal.id))[0] == []
    await site.poll()
    await site.settle()
    assert await ledger(site, deal.id) == ([StageRef("0", "NEW"), StageRef("0", OFFER)], ["45"])


async def test_a_portal_that_posts_no_secret_is_known_by_the_address(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_site(database_url, tmp_path, monkeypatch) as site:
        site.portal.faults.post_application_token = False
        site.portal.faults.no_application_token = True
        await site.install()
        deal = site.deal()
        await site.settle()
        assert (await ledger(site, deal.id))[0] == [StageRef("0", "NEW")]


@pytest.mark.parametrize("answered", ["auth", "portal"])
async def test_the_domain_of_a_token_s_answer_is_not_read(bench: Bench, answered: str) -> None:
    faults = bench.world.portal.faults
    name = "answered_domain" if hasattr(faults, "answered_domain") else "token_domain"
    faults.update({name: answered})
    code = bench.world.portal.apps.code_for(bench.world.registered, bench.world.admin)
    grant = await bench.adapter.oauth.grant({"code": code, "server_domain": "portal.example.org"})
    assert grant.host == "portal.example.org"


@pytest.mark.parametrize("current_only", [False, True])
async def test_a_history_of_the_current_pipeline_only_ends_where_the_deal_stands(
    bench: Bench, current_only: bool
) -> None:
    bench.world.portal.faults.history_current_category_only = current_only
    deal = bench.deal(1)
    category = next(each for each in bench.world.portal.categories.values() if each.name == "Сервис")
    bench.world.portal.move_item(deal, f"C{category.id}:NEW", bench.act())
    log = await bench.client.deal_log(str(deal.id), "")
    assert log.deal is not None
    assert log.moves[-1].to_stage == log.deal.stage
