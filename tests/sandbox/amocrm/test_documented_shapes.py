"""Answers compared with the examples of the official documentation: the same keys, type by type."""

import json
import re
from pathlib import Path

import pytest

from tests.sandbox.amocrm.world import World

DOCS = Path(__file__).parents[2] / "fixtures/amocrm/docs"


def example(page: str, number: int) -> object:
    """One example of a documentation page; a few are printed with missing punctuation."""
    for item in json.loads((DOCS / f"{page}.json").read_text())["examples"]:
        if item["n"] == number:
            return item["json"] if "json" in item else _mended(item["raw"])
    raise AssertionError(f"{page} has no example {number}")


def _mended(raw: str) -> object:
    raw = re.sub(r'"href": (https)', r'"href": "\1', raw)
    raw = re.sub(r'(")\n(\s*")', r"\1,\n\2", raw)
    return json.loads(raw)


def missing(expected: object, shown: object, path: str = "") -> list[str]:
    """Keys that the documentation has and the answer lacks; lists are compared by their first item."""
    if isinstance(expected, dict):
        if not isinstance(shown, dict):
            return [path]
        return [
            line
            for key, value in expected.items()
            for line in (missing(value, shown[key], f"{path}.{key}") if key in shown else [f"{path}.{key}"])
        ]
    if isinstance(expected, list) and expected:
        if not isinstance(shown, list) or not shown:
            return [path]
        return missing(expected[0], shown[0], f"{path}[0]")
    return []


async def test_a_page_of_leads(world: World) -> None:
    for _ in range(5):
        world.lead()
    shown = (await world.api.get("/api/v4/leads", params={"limit": 2, "page": 2})).json()
    assert missing(example("crm_platform__leads-api", 1), shown) == []


async def test_one_lead_with_everything(world: World) -> None:
    reason = world.account.add_loss_reason("Пропала потребность")
    company = world.account.create_contact(name="ООО «Луч»", kind="company")
    person = world.account.create_contact(name="Анна Ким")
    lead = world.lead(tags=["тест"], contact_ids=[person.id], company_id=company.id, source_name="API")
    world.account.move_lead(lead.id, 143, by=world.seller, loss_reason_id=reason.id)
    also = {"with": "contacts,loss_reason,catalog_elements,source_id,source"}
    shown = (await world.api.get(f"/api/v4/leads/{lead.id}", params=also)).json()
    lacks = missing(example("crm_platform__leads-api", 2), shown)
    assert lacks == ["._embedded.catalog_elements"]  # the sandbox sells no products


async def test_writes_of_leads(world: World) -> None:
    made = (await world.api.post("/api/v4/leads", json=[{"name": "a"}])).json()
    assert missing(example("crm_platform__leads-api", 4), made) == []
    number = made["_embedded"]["leads"][0]["id"]
    changed = (await world.api.patch("/api/v4/leads", json=[{"id": number, "price": 1}])).json()
    assert missing(example("crm_platform__leads-api", 8), changed) == []
    row = {"name": "a", "_embedded": {"contacts": [{"name": "b"}], "companies": [{"name": "c"}]}}
    added = (await world.api.post("/api/v4/leads/complex", json=[row])).json()
    assert missing(example("crm_platform__leads-api", 6), added) == []


async def test_pipelines(world: World) -> None:
    shown = (await world.api.get("/api/v4/leads/pipelines")).json()
    assert missing(example("crm_platform__leads_pipelines", 1), shown) == []
    stages = shown["_embedded"]["pipelines"][0]["_embedded"]["statuses"]
    system = [
        (stage["id"], stage["sort"], stage["color"], stage["type"])
        for stage in stages
        if not stage["is_editable"]
    ]
    assert system == [
        (world.stages[0], 10, "#c1c1c1", 1),
        (142, 10_000, "#CCFF66", 0),
        (143, 11_000, "#D5D8DB", 0),
    ]


async def test_events(world: World) -> None:
    world.lead()
    world.lead()
    page = (await world.api.get("/api/v4/events", params={"limit": 1})).json()
    assert missing(example("crm_platform__events-and-notes", 1), page) == []
    event = page["_embedded"]["events"][0]
    shown = (await world.api.get(f"/api/v4/events/{event['id']}")).json()
    assert missing(example("crm_platform__events-and-notes", 2), shown) == []
    types = (await world.api.get("/api/v4/events/types")).json()
    assert missing(example("crm_platform__events-and-notes", 22), types) == []


async def test_notes(world: World) -> None:
    lead = world.lead()
    rows = [{"note_type": "common", "params": {"text": "a"}}] * 2
    made = (await world.api.post(f"/api/v4/leads/{lead.id}/notes", json=rows)).json()
    assert missing(example("crm_platform__events-and-notes", 29), made) == []
    everywhere = (await world.api.get("/api/v4/leads/notes", params={"limit": 1})).json()
    assert missing(example("crm_platform__events-and-notes", 24), everywhere) == []
    here = (await world.api.get(f"/api/v4/leads/{lead.id}/notes", params={"limit": 1})).json()
    assert missing(example("crm_platform__events-and-notes", 25), here) == []
    number = made["_embedded"]["notes"][0]["id"]
    change = [{"id": number, "params": {"text": "b"}}]
    changed = (await world.api.patch("/api/v4/leads/notes", json=change)).json()
    assert missing(example("crm_platform__events-and-notes", 31), changed) == []


async def test_tasks(world: World) -> None:
    lead = world.lead()
    row = {"text": "a", "complete_till": 1, "entity_id": lead.id, "entity_type": "leads"}
    made = (await world.api.post("/api/v4/tasks", json=[row, row])).json()
    assert missing(example("crm_platform__tasks-api", 4), made) == []
    first = made["_embedded"]["tasks"][0]["id"]
    done = await world.api.patch(
        f"/api/v4/tasks/{first}", json={"is_completed": True, "result": {"text": "ok"}}
    )
    assert missing(example("crm_platform__tasks-api", 8), done.json()) == []
    listed = (await world.api.get("/api/v4/tasks", params={"limit": 1})).json()
    assert missing(example("crm_platform__tasks-api", 1), listed) == []
    shown = (await world.api.get(f"/api/v4/tasks/{first}")).json()
    assert missing(example("crm_platform__tasks-api", 2), shown) == []


async def test_users(world: World) -> None:
    shown = (await world.api.get("/api/v4/users")).json()
    lacks = missing(example("crm_platform__users-api", 1), shown)
    # This account has neither roles nor rights per stage.
    assert set(lacks) <= {
        "._embedded.users[0].rights.status_rights",
        "._embedded.users[0]._embedded.roles",
    }


async def test_the_account(world: World) -> None:
    names = "amojo_id,uuid,users_groups,task_types,version,datetime_settings,drive_url"
    also = {"with": f"{names},is_api_filter_enabled,amojo_rights"}
    shown = (await world.api.get("/api/v4/account", params=also)).json()
    lacks = missing(example("crm_platform__account-info", 1), shown)
    assert lacks == [".entity_names"]  # nobody has renamed the leads of this account


@pytest.mark.parametrize("entity", ["contacts", "companies"])
async def test_contacts(world: World, entity: str) -> None:
    made = (await world.api.post(f"/api/v4/{entity}", json=[{"name": "Анна Ким"}, {"name": "b"}])).json()
    assert missing({"_links": {}, "_embedded": {entity: [{"id": 1, "request_id": "0"}]}}, made) == []
    if entity == "contacts":
        shown = (await world.api.get("/api/v4/contacts", params={"limit": 1})).json()
        lacks = missing(example("crm_platform__contacts-api", 1), shown)
        assert [
            line for line in lacks if "custom_fields_values" not in line and "companies" not in line
        ] == []


async def test_custom_fields(world: World) -> None:
    rows = [
        {
            "name": "Пропуск",
            "type": "multiselect",
            "required_statuses": [{"pipeline_id": world.line, "status_id": world.stages[2]}],
            "enums": [{"value": "Значение 1", "sort": 1}],
        },
        {"name": "Ещё", "type": "text"},
    ]
    made = (await world.api.post("/api/v4/leads/custom_fields", json=rows)).json()
    assert missing(example("crm_platform__custom-fields", 4), made) == []
    page = (await world.api.get("/api/v4/leads/custom_fields", params={"limit": 1})).json()
    lacks = missing(example("crm_platform__custom-fields", 1), page)
    assert lacks == ["._links.last"]
    phone = world.account.field_by_code("contacts", "PHONE")
    assert phone is not None
    shown = (await world.api.get(f"/api/v4/contacts/custom_fields/{phone.id}")).json()
    assert missing(example("crm_platform__custom-fields", 2), shown) == []


async def test_webhooks(world: World) -> None:
    row = {"destination": "https://example.test", "settings": ["add_lead"], "sort": 10}
    made = (await world.api.post("/api/v4/webhooks", json=row)).json()
    assert missing(example("crm_platform__webhooks-api", 3), made) == []
    listed = (await world.api.get("/api/v4/webhooks")).json()
    assert missing(example("crm_platform__webhooks-api", 1), listed) == []


async def test_calls_links_talks_and_requests(world: World) -> None:
    person = world.account.create_contact(name="Иван", phones=["+79001112233"])
    call = {"direction": "inbound", "phone": "+79001112233", "duration": 5, "source": "x"}
    made = (await world.api.post("/api/v4/calls", json=[call])).json()
    assert missing(example("crm_platform__calls-api", 2), made) == []
    lead = world.lead(contact_ids=[person.id])
    links = (await world.api.get(f"/api/v4/leads/{lead.id}/links")).json()
    expected = example("crm_platform__entity-links-api", 1)
    assert [line for line in missing(expected, links) if "metadata" not in line] == []
    message = world.account.add_message(lead.id, "Привет")
    talk = (await world.api.get(f"/api/v4/talks/{message.talk_id}")).json()
    assert missing(example("crm_platform__talks-api", 1), talk) == []
    world.account.add_unsorted_form(name="x", pipeline_id=world.line, form_name="Сайт", contact_id=person.id)
    waiting = (await world.api.get("/api/v4/leads/unsorted")).json()
    lacks = missing(example("crm_platform__unsorted-api", 2), waiting)
    assert [line for line in lacks if ".metadata." not in line] == []


async def test_a_validation_error(world: World) -> None:
    fields = [{"field_id": 1, "values": []}]
    answer = await world.api.post("/api/v4/leads", json=[{"custom_fields_values": fields}])
    assert answer.json() == example("crm_platform__error-codes", 1)
