"""The JSON behind the portal's pages."""

import json
from typing import Any

import pytest

from app.sandbox.bitrix24.model import Notice
from app.sandbox.bitrix24.ui.stream import change_of
from tests.sandbox.bitrix24.world import PAGE, World

API = "/sandbox/api"


async def get(world: World, path: str, user: int = 0) -> Any:
    answer = await world.http.get(API + path, headers={"x-sandbox-user": str(user or world.admin)})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(world: World, path: str, body: dict[str, Any] | None = None, user: int = 0) -> Any:
    headers = {"x-sandbox-user": str(user or world.admin)}
    answer = await world.http.post(API + path, json=body or {}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_board_shows_stages_with_totals_and_newest_moves_first(world: World) -> None:
    first = world.deal(opportunity=100.0)
    world.clock.advance(60)
    second = world.deal(opportunity=50.0)
    columns = (await get(world, "/board/0"))["stages"]
    assert [column["name"] for column in columns][:2] == ["Новая", "Подготовка КП"]
    assert (columns[0]["total"], columns[0]["sum"]) == (2, 150)
    assert [deal["id"] for deal in columns[0]["deals"]] == [second.id, first.id]


async def test_a_person_s_move_writes_history_and_raises_an_event(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    card = await post(world, f"/deals/{deal.id}/move", {"stage_id": "PREPARATION"}, user=world.seller)
    assert card["stage_id"] == "PREPARATION"
    (event,) = await world.events()
    assert event.form["auth[user_id]"] == str(world.seller)
    assert [row["stage"] for row in card["history"]] == ["Новая", "Подготовка КП"]


async def test_a_refused_move_answers_with_a_sentence(world: World) -> None:
    deal = world.deal()
    world.portal.users[world.seller].refused_stages = {"PREPARATION"}
    answer = await world.http.post(
        f"{API}/deals/{deal.id}/move",
        json={"stage_id": "PREPARATION"},
        headers={"x-sandbox-user": str(world.seller)},
    )
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        "У вас недостаточно прав для изменения стадии",
    )
    assert deal.stage_id == "NEW"


@pytest.mark.parametrize(
    ("what", "body", "provider"),
    [
        ("call", {"duration": 90}, "VOXIMPLANT_CALL"),
        ("message", {"text": "Привет"}, "IMOPENLINES_SESSION"),
        ("mail", {"subject": "Вопрос"}, "CRM_EMAIL"),
        ("form", {}, "CRM_WEBFORM"),
        ("todo", {"title": "Позвонить"}, "CRM_TODO"),
        ("task", {"title": "Проверить"}, "CRM_TASKS_TASK"),
        ("document", {"title": "КП"}, "CRM_DOCUMENT"),
    ],
)
async def test_every_act_lands_in_the_timeline(
    world: World, what: str, body: dict[str, Any], provider: str
) -> None:
    deal = world.deal(contact_ids=[world.client().id])
    card = await post(world, f"/deals/{deal.id}/{what}", body)
    assert provider in [entry.get("provider") for entry in card["timeline"]]


async def test_an_invoice_and_a_payment_are_followed_to_the_money(world: World) -> None:
    deal = world.deal(opportunity=900.0)
    card = await post(world, f"/deals/{deal.id}/invoice")
    (invoice,) = card["invoices"]
    card = await post(world, f"/invoices/{invoice['id']}/move", {"stage_id": "P"})
    assert card["invoices"][0]["semantics"] == "S"
    card = await post(world, f"/deals/{deal.id}/payment")
    card = await post(world, f"/payments/{card['payments'][0]['id']}/pay")
    assert card["payments"][0]["is_paid"] is True


async def test_a_task_is_completed_from_its_activity(world: World) -> None:
    deal = world.deal()
    card = await post(world, f"/deals/{deal.id}/task", {"title": "Проверить"})
    entry = next(entry for entry in card["timeline"] if entry.get("task_id"))
    card = await post(world, f"/activities/{entry['id']}/complete")
    entry = next(entry for entry in card["timeline"] if entry.get("task_id"))
    assert entry["completed"] is True
    assert world.portal.tasks[entry["task_id"]].status == 5


async def test_a_deal_is_made_with_its_client_and_edited(world: World) -> None:
    body = {"title": "Новая", "amount": 10, "contact_name": "Ольга Зуева", "phone": "+79001112233"}
    card = await post(world, "/deals", body)
    assert (card["contact"], card["amount"]) == ("Ольга Зуева", 10)
    field = world.portal.add_field("Бюджет", "double")
    answer = await world.http.patch(
        f"{API}/deals/{card['id']}", json={"title": "Другая", "fields": {field.name: "500"}}
    )
    assert (answer.json()["title"], answer.json()["fields"][field.name]) == ("Другая", 500)


async def test_a_seller_without_the_right_does_not_see_a_deal(world: World) -> None:
    deal = world.deal()
    other = world.portal.add_user("Пётр", "Ким")
    other.sees = "own"
    answer = await world.http.get(f"{API}/deals/{deal.id}", headers={"x-sandbox-user": str(other.id)})
    assert (answer.status_code, answer.json()["code"]) == (403, "hidden_deal")
    assert (await get(world, "/board/0", user=other.id))["stages"][0]["total"] == 0


async def test_an_application_is_added_opened_and_finished_from_its_page(world: World) -> None:
    made = await post(world, "/apps", {"name": "Второе", "handler_url": PAGE})
    assert made["client_secret"]
    client_id = made["client_id"]
    refused = await world.http.get(f"{API}/apps/{client_id}/form")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_added")
    await post(world, f"/apps/{client_id}/add")
    form = await get(world, f"/apps/{client_id}/form")
    assert (form["method"], form["fields"]["PLACEMENT"], form["init"]["INSTALL"]) == ("POST", "DEFAULT", True)
    seller = await world.http.get(
        f"{API}/apps/{client_id}/form", headers={"x-sandbox-user": str(world.seller)}
    )
    assert seller.json()["code"] == "not_installed"
    assert (await post(world, f"/apps/{client_id}/install_finish"))["installed"] is True
    assert (await get(world, f"/apps/{client_id}/form", user=world.seller))["init"]["INSTALL"] is False


async def test_only_an_administrator_removes_an_application(world: World) -> None:
    client_id = world.registered.client_id
    refused = await world.http.post(
        f"{API}/apps/{client_id}/uninstall", headers={"x-sandbox-user": str(world.seller)}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "admin_only")
    assert (await post(world, f"/apps/{client_id}/uninstall", {"clean": True}))["present"] is False


async def test_a_place_s_form_names_the_deal(world: World) -> None:
    options = json.dumps({"ID": "9001"})
    path = f"/apps/{world.registered.client_id}/form?placement=CRM_DEAL_DETAIL_TAB&options={options}"
    form = await get(world, path)
    assert json.loads(form["fields"]["PLACEMENT_OPTIONS"])["ID"] == "9001"


async def test_roles_robots_and_mandatory_fields_are_arranged(world: World) -> None:
    user = await world.http.patch(f"{API}/users/{world.seller}", json={"refused_stages": ["EXECUTING"]})
    assert user.json()["refused_stages"] == ["EXECUTING"]
    stage = await world.http.patch(f"{API}/stages/PREPARATION", json={"required": ["comments"]})
    assert stage.json()["required"] == ["comments"]
    robots = {"robots": [{"kind": "move", "value": "EXECUTING"}]}
    assert (await world.http.put(f"{API}/stages/PREPARATION/robots", json=robots)).status_code == 200
    assert world.portal.robots["PREPARATION"][0].value == "EXECUTING"


async def test_switches_are_set_and_reset_and_a_wrong_one_changes_nothing(world: World) -> None:
    await world.http.patch("/sandbox/faults", json={"drop_rate": 0.5})
    assert world.portal.faults.drop_rate == 0.5
    wrong = await world.http.patch("/sandbox/faults", json={"drop_rate": 0.1, "no_such": 1})
    assert (wrong.status_code, world.portal.faults.drop_rate) == (422, 0.5)
    share = await world.http.patch("/sandbox/faults", json={"drop_rate": 7})
    assert (share.status_code, "drop_rate" in share.text) == (422, True)
    choice = await world.http.patch("/sandbox/faults", json={"down": "404"})
    assert (choice.status_code, world.portal.faults.down) == (422, "")
    assert (await world.http.delete("/sandbox/faults")).json()["drop_rate"] == 0


async def test_a_change_is_told_to_pages_with_the_deal_as_it_was_then(world: World) -> None:
    heard: list[Notice] = []
    deal = world.deal()
    world.portal.listeners.append(heard.append)
    await post(world, f"/deals/{deal.id}/move", {"stage_id": "PREPARATION"})
    change = change_of(world.portal, heard[0])
    assert change is not None
    assert change["deal_id"] == deal.id
    assert isinstance(change["deal"], dict)
    assert change["deal"]["stage_id"] == "PREPARATION"


async def test_notices_are_shown_to_their_owner(world: World) -> None:
    await world.call("im.notify.personal.add", {"USER_ID": world.seller, "MESSAGE": "Привет"})
    assert [row["text"] for row in (await get(world, "/bootstrap", user=world.seller))["notices"]] == [
        "Привет"
    ]
    assert (await get(world, "/bootstrap"))["notices"] == []


async def test_the_portal_s_own_addresses_show_its_page(world: World) -> None:
    for path in ("/", "/crm/deal/kanban/category/0/", "/crm/deal/details/9001/"):
        answer = await world.http.get(path)
        assert answer.status_code == 200
        assert "text/html" in answer.headers["content-type"]


async def test_a_mass_edit_is_a_burst_of_events(world: World) -> None:
    for _ in range(30):
        world.deal()
    await world.subscribe()
    assert await post(world, "/burst", {"count": 25}) == {"touched": 25}
    assert len(await world.events()) == 25
