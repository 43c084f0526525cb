"""Roles: from which stage a person may move a deal to which, over the API and at the page."""

import pytest

from app.sandbox.bitrix24.roles import ANY, BLOCKED, INHERIT, Role, funnel_key
from app.sandbox.bitrix24.state import Act
from tests.sandbox.bitrix24.role_kit import close_way, seller_role
from tests.sandbox.bitrix24.world import World

DEAL = {"entityTypeId": 2}
API = "/sandbox/api"


@pytest.fixture
def role(world: World) -> Role:
    """The seller's role, which lets him through everywhere."""
    return seller_role(world.portal, world.seller)


async def move(world: World, deal_id: int, stage: str, user_id: int) -> tuple[int, str]:
    fields = {"stageId": stage}
    token = world.token_of(user_id)
    answer = await world.ask("crm.item.update", {**DEAL, "id": deal_id, "fields": fields}, token=token)
    return answer.status_code, str(answer.json().get("error", ""))


async def test_a_role_closes_one_way_and_leaves_the_others_open(world: World, role: Role) -> None:
    role.set_moves("NEW", ["PREPARATION"])
    deal = world.deal()
    assert await move(world, deal.id, "EXECUTING", world.seller) == (400, "0")
    assert deal.stage_id == "NEW"
    assert await move(world, deal.id, "PREPARATION", world.seller) == (200, "")
    assert await move(world, deal.id, "EXECUTING", world.seller) == (200, "")


@pytest.mark.parametrize(
    ("whole", "own", "is_let"),
    [
        ([ANY], [INHERIT], True),
        ([BLOCKED], [INHERIT], False),
        ([BLOCKED], [ANY], True),
        ([ANY], [BLOCKED], False),
        (["EXECUTING"], [INHERIT], True),
        (["PREPARATION"], [INHERIT], False),
        ([BLOCKED], ["EXECUTING"], True),
        ([ANY], [], False),
    ],
)
async def test_a_stage_s_own_list_goes_before_the_funnel_s(
    world: World, role: Role, whole: list[str], own: list[str], is_let: bool
) -> None:
    role.set_moves(funnel_key(0), whole)
    role.set_moves("NEW", own)
    status, _ = await move(world, world.deal().id, "EXECUTING", world.seller)
    assert (status == 200) is is_let


async def test_administrators_and_robots_are_bound_by_no_role(world: World, role: Role) -> None:
    role.set_moves(funnel_key(0), [BLOCKED])
    deal = world.deal()
    assert (await move(world, deal.id, "EXECUTING", world.admin))[0] == 200
    world.portal.move_item(deal, "NEW", Act(origin="robot"))
    assert deal.stage_id == "NEW"


async def test_a_change_of_the_funnel_is_not_checked(world: World, role: Role) -> None:
    role.set_moves(funnel_key(0), [BLOCKED])
    other = next(number for kind, number in world.portal.categories if kind == 2 and number)
    fields = {"categoryId": other, "stageId": f"C{other}:NEW"}
    deal = world.deal()
    token = world.token_of(world.seller)
    await world.call("crm.item.update", {**DEAL, "id": deal.id, "fields": fields}, token=token)
    assert deal.category_id == other


async def test_a_plan_without_roles_lets_everybody_through(world: World, role: Role) -> None:
    role.set_moves(funnel_key(0), [BLOCKED])
    world.portal.faults.role_rights = False
    assert (await move(world, world.deal().id, "EXECUTING", world.seller))[0] == 200


@pytest.mark.parametrize("code", ["0", "-", "ACCESS_DENIED"])
async def test_the_refusal_s_code_is_a_switch(world: World, code: str) -> None:
    world.portal.faults.refused_move_code = code
    close_way(world.portal, world.seller, "NEW", "EXECUTING")
    assert (await move(world, world.deal().id, "EXECUTING", world.seller))[1] == code


async def test_a_drag_on_the_board_is_refused_in_words(world: World) -> None:
    close_way(world.portal, world.seller, "NEW", "EXECUTING")
    deal = world.deal()
    headers = {"x-sandbox-user": str(world.seller)}
    refused = await world.http.post(
        f"{API}/deals/{deal.id}/move", json={"stage_id": "EXECUTING"}, headers=headers
    )
    assert refused.status_code == 422
    assert "недостаточно прав" in refused.json()["message"]
    assert deal.stage_id == "NEW"


async def test_an_administrator_sets_the_matrix_at_the_page(world: World, role: Role) -> None:
    path = f"{API}/roles/{role.id}/moves"
    saved = await world.http.put(path, json={"key": "NEW", "allowed": ["PREPARATION"]})
    assert saved.json()["moves"]["NEW"] == ["PREPARATION"]
    assert saved.json()["members"] == [world.seller]
    [told] = (await world.http.get(f"{API}/roles")).json()["roles"]
    assert (told["moves"]["#0"], told["moves"]["PREPARATION"]) == ([ANY], [INHERIT])
    assert (await move(world, world.deal().id, "EXECUTING", world.seller))[0] == 400


async def test_only_an_administrator_sets_roles_and_only_for_known_stages(world: World, role: Role) -> None:
    path, as_seller = f"{API}/roles/{role.id}/moves", {"x-sandbox-user": str(world.seller)}
    wish = {"key": "NEW", "allowed": [BLOCKED]}
    assert (await world.http.put(path, json=wish, headers=as_seller)).status_code == 403
    for wrong in ({"key": "NOWHERE", "allowed": [ANY]}, {"key": "NEW", "allowed": ["NOWHERE"]}):
        assert (await world.http.put(path, json=wrong)).status_code == 422
    assert (await world.http.put(f"{API}/roles/99/moves", json=wish)).status_code == 404
    assert role.moves == {}


async def test_a_person_gets_another_role_and_none(world: World, role: Role) -> None:
    added = (await world.http.post(f"{API}/roles", json={"name": "Стажёр"})).json()
    path = f"{API}/users/{world.seller}/role"
    assert (await world.http.put(path, json={"role_id": added["id"]})).json()["role_id"] == added["id"]
    assert (await world.http.put(path, json={"role_id": 0})).json()["role_id"] == 0
    assert (await world.http.put(path, json={"role_id": 77})).status_code == 404
    assert role.id in world.portal.roles
