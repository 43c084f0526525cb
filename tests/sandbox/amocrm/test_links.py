"""What leads, contacts and companies are tied to, asked from either side."""

from typing import Any

from tests.sandbox.amocrm.world import World


async def links_of(world: World, path: str, query: str = "") -> list[list[Any]]:
    """Kind, id and metadata of each tie."""
    answer = await world.api.get(f"/api/v4/{path}/links{query}")
    assert answer.status_code == 200, answer.text
    rows = answer.json()["_embedded"]["links"]
    return [[row["to_entity_type"], row["to_entity_id"], row["metadata"]] for row in rows]


async def tie(world: World, path: str, kind: str, number: int, verb: str = "link", **metadata: Any) -> int:
    """Tie or untie; answers the status."""
    row = {"to_entity_id": number, "to_entity_type": kind, "metadata": metadata or None}
    return (await world.api.post(f"/api/v4/{path}/{verb}", json=[row])).status_code


async def test_a_contact_that_is_said_to_be_the_main_one_becomes_it(world: World) -> None:
    first, second = (world.account.create_contact(name=name) for name in ("Ольга", "Пётр"))
    lead = world.lead(contact_ids=[first.id])
    assert await tie(world, f"leads/{lead.id}", "contacts", second.id, is_main=True) == 200
    mains = [["contacts", second.id, {"main_contact": True}], ["contacts", first.id, {"main_contact": False}]]
    assert await links_of(world, f"leads/{lead.id}") == mains
    assert await links_of(world, f"contacts/{first.id}") == [["leads", lead.id, {"main_contact": False}]]


async def test_a_tie_is_made_and_undone_from_either_side(world: World) -> None:
    person, lead = world.account.create_contact(name="Ольга"), world.lead()
    assert await tie(world, f"contacts/{person.id}", "leads", lead.id) == 200
    assert lead.contact_ids == [person.id]
    assert await tie(world, f"contacts/{person.id}", "leads", lead.id, "unlink") == 204
    assert lead.contact_ids == []


async def test_a_lead_has_one_company_and_the_one_before_forgets_it(world: World) -> None:
    firms = [world.account.create_contact(name=name, kind="company") for name in ("Ромашка", "Лютик")]
    lead = world.lead()
    for firm in firms:
        assert await tie(world, f"leads/{lead.id}", "companies", firm.id) == 200
    assert await links_of(world, f"leads/{lead.id}") == [["companies", firms[1].id, None]]
    assert await links_of(world, f"companies/{firms[0].id}") == []
    assert await links_of(world, f"companies/{firms[1].id}") == [["leads", lead.id, None]]


async def test_a_contact_works_for_a_company(world: World) -> None:
    person = world.account.create_contact(name="Ольга")
    firm = world.account.create_contact(name="Ромашка", kind="company")
    assert await tie(world, f"companies/{firm.id}", "contacts", person.id) == 200
    assert await links_of(world, f"contacts/{person.id}") == [["companies", firm.id, None]]
    assert await tie(world, f"contacts/{person.id}", "companies", firm.id, "unlink") == 204
    assert await links_of(world, f"companies/{firm.id}") == []


async def test_links_are_asked_for_many_records_and_for_some_kinds(world: World) -> None:
    person = world.account.create_contact(name="Ольга")
    leads = [world.lead(contact_ids=[person.id]) for _ in range(2)]
    query = "&".join(f"filter[entity_id][]={number}" for number in (leads[0].id, leads[1].id, 1))
    answer = await world.api.get(f"/api/v4/leads/links?{query}")
    assert [row["entity_id"] for row in answer.json()["_embedded"]["links"]] == [lead.id for lead in leads]
    assert await links_of(world, f"leads/{leads[0].id}", "?filter[to_entity_type]=companies") == []
    assert (await world.api.get("/api/v4/leads/links")).status_code == 400


async def test_records_of_one_kind_are_not_tied(world: World) -> None:
    first, second = world.lead(), world.lead()
    assert await tie(world, f"leads/{first.id}", "leads", second.id) == 400
    assert (await world.api.get("/api/v4/leads/1/links")).status_code == 204


async def test_a_contact_made_with_tags_is_told_of_once(world: World) -> None:
    await world.subscribe(["add_contact", "update_contact"])
    body = {"first_name": "Ольга", "last_name": "Зуева", "_embedded": {"tags": [{"name": "клиент"}]}}
    made = await world.api.post("/api/v4/contacts", json=[body])
    number = made.json()["_embedded"]["contacts"][0]["id"]
    assert [hook.value("contacts[add][0][name]") for hook in await world.hooks()] == ["Ольга Зуева"]
    change = {"last_name": "Петрова", "tags_to_delete": [{"name": "клиент"}]}
    await world.api.patch(f"/api/v4/contacts/{number}", json=change)
    contact = world.account.contacts[number]
    assert (contact.name, contact.tags) == ("Ольга Петрова", [])


async def test_a_search_looks_into_names_and_values(world: World) -> None:
    world.account.create_contact(name="Ольга", phones=["+7 900 111-22-33"])
    lead, _ = world.lead(name="Ремонт кровли"), world.lead(name="Забор")
    found = await world.api.get("/api/v4/leads?query=КРОВЛИ")
    assert [row["id"] for row in found.json()["_embedded"]["leads"]] == [lead.id]
    found = await world.api.get("/api/v4/contacts?query=111-22")
    assert [row["name"] for row in found.json()["_embedded"]["contacts"]] == ["Ольга"]


async def test_tasks_are_found_by_either_name_of_their_type(world: World) -> None:
    lead = world.lead()
    meeting = world.account.add_task(
        "leads", lead.id, "Встреча", complete_till=1_800_000_000, by=world.seller, task_type_id=2
    )
    world.account.add_task("leads", lead.id, "Звонок", complete_till=1_800_000_000, by=world.seller)
    for name in ("task_type", "task_type_id"):
        found = await world.api.get(f"/api/v4/tasks?filter[{name}]=2")
        assert [row["id"] for row in found.json()["_embedded"]["tasks"]] == [meeting.id]
