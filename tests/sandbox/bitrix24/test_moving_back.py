"""Stage history, moves that are refused, and funnels that change under a product's feet."""

import asyncio
import json
from typing import Any

import pytest

from app.sandbox.bitrix24.installs import page_form
from app.sandbox.bitrix24.model import Item
from app.sandbox.bitrix24.state import Act
from tests.sandbox.bitrix24.world import World, make_world

DEAL = {"entityTypeId": 2}
API = "/sandbox/api"


async def history(world: World, deal: Item, token: str = "") -> list[dict[str, Any]]:
    """The rows of a deal's history, oldest first."""
    asked = {**DEAL, "filter": {"OWNER_ID": deal.id}, "order": {"ID": "ASC"}}
    rows: list[dict[str, Any]] = (await world.call("crm.stagehistory.list", asked, token=token))["items"]
    return rows


async def moved_to(world: World, deal: Item, stage: str, token: str = "") -> tuple[int, str]:
    """What a move by the API answers: status and code."""
    change = {**DEAL, "id": deal.id, "fields": {"stageId": stage}}
    answer = await world.ask("crm.item.update", change, token=token)
    return answer.status_code, str(answer.json().get("error", ""))


@pytest.mark.parametrize("code", ["0", "-", "ACCESS_DENIED"])
async def test_a_refused_move_is_told_by_the_switched_code(world: World, code: str) -> None:
    deal = world.deal("PREPARATION")
    world.portal.users[world.seller].refused_stages = {"NEW"}
    world.portal.faults.refused_move_code = code
    assert await moved_to(world, deal, "NEW", world.token_of(world.seller)) == (400, code)
    assert deal.stage_id == "PREPARATION"


async def test_a_deleted_deal_is_not_moved(world: World) -> None:
    deal = world.deal("PREPARATION")
    world.portal.delete_item(deal, Act(by=world.seller))
    assert await moved_to(world, deal, "NEW") == (400, "NOT_FOUND")


async def test_a_deal_that_one_may_not_see_is_not_moved(world: World) -> None:
    deal = world.deal("PREPARATION", assigned_by_id=world.admin)
    world.portal.users[world.seller].sees = "own"
    status, code = await moved_to(world, deal, "NEW", world.token_of(world.seller))
    assert (status, code) == (400, "ACCESS_DENIED")


async def test_moves_of_one_second_are_told_apart_by_their_ids_alone(world: World) -> None:
    deal = world.deal()
    for stage in ("PREPARATION", "NEW", "PREPARATION"):
        world.portal.move_item(deal, stage, Act(by=world.seller))
    rows = await history(world, deal)
    assert len({row["CREATED_TIME"] for row in rows}) == 1
    assert [row["STAGE_ID"] for row in rows] == ["NEW", "PREPARATION", "NEW", "PREPARATION"]
    assert [row["ID"] for row in rows] == sorted({row["ID"] for row in rows})


async def test_an_own_move_back_is_a_row_like_any_other(world: World) -> None:
    deal = world.deal()
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    assert await moved_to(world, deal, "NEW") == (200, "")
    assert [row["STAGE_ID"] for row in await history(world, deal)] == ["NEW", "PREPARATION", "NEW"]


async def test_the_row_of_the_creation_may_be_missing(world: World) -> None:
    world.portal.faults.history_keeps_creation = False
    deal = world.deal()
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    assert [(row["TYPE_ID"], row["STAGE_ID"]) for row in await history(world, deal)] == [(2, "PREPARATION")]


async def test_rows_of_hidden_funnels_and_of_others_deals_are_not_seen(world: World) -> None:
    seller, token = world.portal.users[world.seller], world.token_of(world.seller)
    deal = world.deal()
    world.portal.move_item(deal, "C1:NEW", Act(by=world.admin))
    seller.hidden_categories = {0}
    assert [row["STAGE_ID"] for row in await history(world, deal, token)] == ["C1:NEW"]
    seller.hidden_categories, seller.sees = set(), "none"
    assert await history(world, deal, token) == []
    assert len(await history(world, deal)) == 2


async def test_an_older_portal_shows_rows_of_the_present_funnel_only(world: World) -> None:
    world.portal.faults.history_current_category_only = True
    deal = world.deal()
    world.portal.move_item(deal, "C1:NEW", Act(by=world.admin))
    assert [row["STAGE_ID"] for row in await history(world, deal)] == ["C1:NEW"]


async def test_the_stage_before_is_there_on_newer_portals_only(world: World) -> None:
    deal = world.deal()
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    old = (await world.call("crm.item.get", {**DEAL, "id": deal.id}))["item"]
    assert "previousStageId" not in old
    world.portal.faults.deal_previous_stage = True
    new = (await world.call("crm.item.get", {**DEAL, "id": deal.id}))["item"]
    assert new["previousStageId"] == "NEW"
    assert "previousStageId" in (await world.call("crm.item.fields", DEAL))["fields"]


async def test_rows_that_come_while_paging_make_one_be_seen_twice(world: World) -> None:
    made = [world.deal().id for _ in range(60)]
    seen: list[int] = []
    for start in (0, 50):
        asked = {**DEAL, "order": {"id": "DESC"}, "start": start}
        seen += [item["id"] for item in (await world.call("crm.item.list", asked))["items"]]
        world.deal()
    assert sorted({*seen}) == made
    assert len(seen) == len(made) + 1


async def test_stages_are_renamed_put_elsewhere_and_deleted_without_an_event(world: World) -> None:
    await world.subscribe()
    changed = await world.http.patch(f"{API}/stages/PREPARATION", json={"name": "Расчёт", "sort": 999})
    assert (changed.json()["name"], changed.json()["sort"]) == ("Расчёт", 999)
    asked = {"filter": {"ENTITY_ID": "DEAL_STAGE"}, "order": {"SORT": "ASC"}}
    stages = await world.call("crm.status.list", asked)
    assert stages[-1]["NAME"] == "Расчёт"
    assert (await world.http.delete(f"{API}/stages/PREPARATION")).status_code == 200
    left = await world.call("crm.status.list", asked)
    assert "PREPARATION" not in [row["STATUS_ID"] for row in left]
    assert await world.events() == []


async def test_a_funnel_that_is_empty_goes_with_its_stages(world: World) -> None:
    deal = world.deal()
    world.portal.move_item(deal, "C1:NEW", Act(by=world.admin))
    refused = await world.http.delete(f"{API}/categories/1")
    assert (refused.status_code, refused.json()["code"]) == (422, "CATEGORY_NOT_EMPTY")
    world.portal.delete_item(deal, Act(by=world.admin))
    assert (await world.http.delete(f"{API}/categories/1")).json() == {"id": 1}
    assert [row["id"] for row in (await world.call("crm.category.list", DEAL))["categories"]] == [0]
    assert await world.call("crm.status.list", {"filter": {"ENTITY_ID": "DEAL_STAGE_1"}}) == []
    assert (await world.http.delete(f"{API}/categories/1")).status_code == 404


async def test_a_write_that_is_tried_again_makes_a_second_comment(world: World) -> None:
    deal = world.deal()
    comment = {"fields": {"ENTITY_ID": deal.id, "ENTITY_TYPE": "deal", "COMMENT": "раз"}}
    world.portal.faults.lost_write_rate = 1.0
    assert (await world.ask("crm.timeline.comment.add", comment)).status_code == 504
    world.portal.faults.lost_write_rate = 0.0
    await world.call("crm.timeline.comment.add", comment)
    assert [row.text for row in world.portal.comments.values()] == ["раз", "раз"]


async def test_of_two_refreshes_with_one_token_one_wins(world: World) -> None:
    params = {
        "grant_type": "refresh_token",
        "client_id": world.registered.client_id,
        "client_secret": world.registered.client_secret,
        "refresh_token": world.grant.refresh,
    }
    answers = await asyncio.gather(
        *(world.http.get("/auth-server/oauth/token/", params=params) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    lost = next(answer for answer in answers if answer.status_code == 400)
    assert lost.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("host", ["oauth.bitrix.info", "oauth.bitrix24.tech"])
async def test_either_authorization_server_serves_a_portal_of_its_own_domain(host: str) -> None:
    world = make_world(auth_root=f"https://{host}", origin="https://crm.firm.example")
    answer = await world.http.get(f"https://{host}/rest/app.info", params={"auth": world.grant.access})
    install = answer.json()["result"]["install"]
    assert (install["domain"], install["client_endpoint"]) == (
        "crm.firm.example",
        "https://crm.firm.example/rest/",
    )
    await world.close()


@pytest.mark.parametrize("method", ["event.offline.list", "placement.get", "crm.automation.trigger.list"])
async def test_one_who_is_no_administrator_any_more_is_refused_what_needs_one(
    world: World, method: str
) -> None:
    assert (await world.ask(method)).status_code == 200
    world.portal.users[world.admin].is_admin = False
    refused = await world.ask(method)
    assert (refused.status_code, refused.json()["error"]) == (403, "ACCESS_DENIED")
    assert (await world.call("profile"))["ADMIN"] is False


async def test_the_number_of_a_foreign_deal_in_a_page_s_form_opens_nothing(world: World) -> None:
    seller = world.portal.users[world.seller]
    seller.sees = "own"
    mine, foreign = world.deal(), world.deal(assigned_by_id=world.admin)
    world.portal.faults.post_options = "foreign"
    options = {"ID": str(mine.id)}
    form = page_form(world.portal, world.registered, seller, placement="CRM_DEAL_DETAIL_TAB", options=options)
    posted = int(json.loads(form.fields["PLACEMENT_OPTIONS"])["ID"])
    assert posted == foreign.id
    refused = await world.ask("crm.item.get", {**DEAL, "id": posted}, token=form.fields["AUTH_ID"])
    assert (refused.status_code, refused.json()["error"]) == (400, "ACCESS_DENIED")
