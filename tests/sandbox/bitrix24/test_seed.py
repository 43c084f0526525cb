"""The seeded portal: believable, complete, and the same each time."""

from collections import Counter

import pytest

from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.model import DEAL, INVOICE
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.seed import STORY_DEAL, seed
from app.sandbox.seed_office import CHOOSING, QUALIFIED, TENDER, URGENT

NOW = 1_795_000_000.0
DEALS = 300


def grown(number: int) -> Portal:
    portal = Portal.empty(SandboxConfig(seed=number))
    seed(portal, number, NOW, DEALS)
    return portal


@pytest.fixture(scope="module")
def portal() -> Portal:
    return grown(1)


def traces(portal: Portal) -> list[object]:
    deals = [(deal.id, deal.title, deal.stage_id, deal.updated_time) for deal in portal.items[DEAL].values()]
    rows = [(row.owner_id, row.stage_id, row.created_time) for row in portal.history.values()]
    acts = [(item.provider_id, item.subject, item.created) for item in portal.activities.values()]
    return [deals, rows, acts]


def test_the_same_number_grows_the_same_portal(portal: Portal) -> None:
    assert traces(grown(1)) == traces(portal)
    assert traces(grown(2)) != traces(portal)


def test_six_sellers_work_in_two_funnels_with_three_kinds_of_client(portal: Portal) -> None:
    assert sum(user.position == "Менеджер по продажам" for user in portal.users.values()) == 6
    funnels = Counter(deal.category_id for deal in portal.items[DEAL].values())
    assert set(funnels) == {0, 1}
    field = next(item for item in portal.user_fields.values() if item.label == "Тип клиента")
    kinds = Counter(deal.fields.get(field.name) for deal in portal.items[DEAL].values())
    assert {field.items[number] for number in kinds if isinstance(number, int)} == {URGENT, CHOOSING, TENDER}


def test_clients_left_traces_of_every_kind(portal: Portal) -> None:
    kinds = Counter(activity.provider_id for activity in portal.activities.values())
    assert {"VOXIMPLANT_CALL", "IMOPENLINES_SESSION", "CRM_EMAIL", "CRM_WEBFORM", "CRM_TASKS_TASK"} <= set(
        kinds
    )
    assert len(portal.calls) == kinds["VOXIMPLANT_CALL"]
    assert len(portal.items[INVOICE]) > 20


def test_no_event_lies_in_the_future_and_moves_of_a_deal_are_in_order(portal: Portal) -> None:
    assert max(row.created_time for row in portal.history.values()) <= NOW
    for rows in portal.history_of.values():
        assert [row.created_time for row in rows] == sorted(row.created_time for row in rows)


def test_old_moves_name_a_stage_that_is_no_more(portal: Portal) -> None:
    gone = {row.stage_id for row in portal.history.values()} - {code for _, code in portal.stages}
    assert len(gone) == 1


def test_the_deal_of_the_story_waits_before_the_offer(portal: Portal) -> None:
    deal = next(deal for deal in portal.items[DEAL].values() if deal.title == STORY_DEAL)
    stage = portal.stage(DEAL, deal.stage_id)
    assert stage is not None
    assert stage.name == QUALIFIED
    assert portal.contact_of(deal) is not None


def test_nobody_is_told_of_the_past() -> None:
    portal = Portal.empty()
    heard: list[object] = []
    portal.listeners.append(heard.append)
    seed(portal, 1, NOW, 20)
    assert heard == []
