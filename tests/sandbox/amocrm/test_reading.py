"""Reading over REST: empty answers, pages, filters, the events log."""

import pytest

from app.sandbox.amocrm.ids import milliseconds
from tests.sandbox.amocrm.world import World


async def test_empty_lists_and_unknown_ids_answer_204_without_a_body(world: World) -> None:
    for path in ("leads", "leads/1", "tasks", "tasks/1", "leads/notes", "leads/1/notes", "contacts/1",
                 "events/01pz58t6p04ymgsgfbmfyfy1mf", "leads/unsorted", "leads/tags", "talks/1"):  # fmt: skip
        answer = await world.api.get(f"/api/v4/{path}")
        assert (answer.status_code, answer.content) == (204, b""), path


async def test_success_is_hal_json_and_errors_are_problem_json(world: World) -> None:
    good = await world.api.get("/api/v4/account")
    assert good.headers["content-type"].startswith("application/hal+json")
    bad = await world.page.get("/api/v4/account", headers={"authorization": "Bearer nonsense"})
    assert bad.status_code == 401
    assert bad.headers["content-type"].startswith("application/problem+json")


async def test_pages_link_forward_and_the_last_one_has_no_next(world: World) -> None:
    made = [world.lead().id for _ in range(5)]
    seen: list[int] = []
    answer = await world.api.get("/api/v4/leads", params={"limit": 2})
    while True:
        body = answer.json()
        seen += [item["id"] for item in body["_embedded"]["leads"]]
        if "next" not in body["_links"]:
            break
        answer = await world.api.get(body["_links"]["next"]["href"])
    assert seen == made
    assert body["_page"] == 3
    assert body["_links"]["prev"]["href"].endswith("page=2")
    assert (await world.api.get("/api/v4/leads", params={"limit": 2, "page": 4})).status_code == 204


async def test_pages_shift_while_reading_by_switch(world: World) -> None:
    made = [world.lead().id for _ in range(4)]
    world.account.faults.shifting_pages = True
    second = (await world.api.get("/api/v4/leads", params={"limit": 2, "page": 2})).json()
    assert [item["id"] for item in second["_embedded"]["leads"]] == [made[3]]


async def test_events_give_at_most_a_hundred_clamped_or_refused(world: World) -> None:
    for _ in range(120):
        world.lead()
    answer = await world.api.get("/api/v4/events", params={"limit": 250})
    assert len(answer.json()["_embedded"]["events"]) == 100
    world.account.faults.event_limit_mode = "refuse"
    refused = await world.api.get("/api/v4/events", params={"limit": 250})
    assert refused.status_code == 400


async def test_lead_filters_work_when_paid_and_are_ignored_or_refused_otherwise(world: World) -> None:
    world.lead(stage=1)
    wanted = world.lead(stage=3)
    query = {
        "filter[statuses][0][pipeline_id]": world.line,
        "filter[statuses][0][status_id]": world.stages[3],
    }
    paid = await world.api.get("/api/v4/leads", params=query)
    assert [item["id"] for item in paid.json()["_embedded"]["leads"]] == [wanted.id]
    world.account.faults.filter_paid = False
    ignored = await world.api.get("/api/v4/leads", params=query)
    assert len(ignored.json()["_embedded"]["leads"]) == 2
    account = await world.api.get("/api/v4/account", params={"with": "is_api_filter_enabled"})
    assert account.json()["is_api_filter_enabled"] is False
    world.account.faults.unpaid_filter_mode = "refuse"
    assert (await world.api.get("/api/v4/leads", params=query)).status_code == 400


async def test_updated_leads_can_be_asked_for_by_time(world: World) -> None:
    world.lead()
    world.clock.advance(100)
    late = world.lead()
    query = {"filter[updated_at][from]": int(world.clock.now()) - 50}
    answer = await world.api.get("/api/v4/leads", params=query)
    assert [item["id"] for item in answer.json()["_embedded"]["leads"]] == [late.id]


async def test_the_trash_is_a_list_of_its_own_and_merged_leads_are_gone(world: World) -> None:
    kept, trashed, merged = world.lead(), world.lead(), world.lead()
    world.account.delete_lead(trashed.id, by=world.seller)
    world.account.merge_leads(kept.id, [merged.id], by=world.seller)
    for gone in (trashed, merged):
        assert (await world.api.get(f"/api/v4/leads/{gone.id}")).status_code == 204
    listed = (await world.api.get("/api/v4/leads")).json()["_embedded"]["leads"]
    assert [item["id"] for item in listed] == [kept.id]
    deleted = (await world.api.get("/api/v4/leads", params={"with": "only_deleted"})).json()
    assert [item["id"] for item in deleted["_embedded"]["leads"]] == [trashed.id]
    assert deleted["_embedded"]["leads"][0]["is_deleted"] is True
    kinds = [event.type for event in world.account.journal.of("lead", merged.id)]
    assert kinds == ["lead_added", "entity_merged"]


async def test_contacts_loss_reason_and_source_come_only_with_with(world: World) -> None:
    person = world.account.create_contact(name="Иван Петров")
    reason = world.account.add_loss_reason("Дорого")
    lead = world.lead(contact_ids=[person.id], source_name="Сайт")
    world.account.move_lead(lead.id, 143, by=world.seller, loss_reason_id=reason.id)
    plain = (await world.api.get(f"/api/v4/leads/{lead.id}")).json()
    assert set(plain["_embedded"]) == {"tags", "companies"}
    full = await world.api.get(f"/api/v4/leads/{lead.id}", params={"with": "contacts,loss_reason,source"})
    body = full.json()
    assert body["_embedded"]["contacts"][0] == {
        "id": person.id,
        "is_main": True,
        "_links": {"self": {"href": f"http://crm.example.org/api/v4/contacts/{person.id}"}},
    }
    assert body["_embedded"]["loss_reason"][0]["name"] == "Дорого"
    assert body["_embedded"]["source"]["name"] == "Сайт"


async def events(world: World, **query: object) -> list[dict[str, object]]:
    """The events that a query finds."""
    params = {key: str(value) for key, value in query.items()}
    answer = await world.api.get("/api/v4/events", params=params)
    found: list[dict[str, object]] = answer.json()["_embedded"]["events"] if answer.content else []
    return found


async def test_event_ids_are_texts_that_carry_milliseconds_and_order_one_second(world: World) -> None:
    lead = world.lead()
    start = world.clock.now()
    for step, offset in ((2, 0.1), (1, 0.25), (2, 0.9)):
        world.account.move_lead(lead.id, world.stages[step], by=world.seller, at=start + offset)
    moves = await events(world, **{"filter[type]": "lead_status_changed"})
    assert len({move["created_at"] for move in moves}) == 1
    ids = [str(move["id"]) for move in moves]
    assert ids == sorted(ids, reverse=True)
    assert [milliseconds(number) - int(start * 1000) for number in ids] == [900, 250, 100]
    assert all(len(number) == 26 for number in ids)


async def test_events_are_newest_first_and_oldest_first_by_switch(world: World) -> None:
    first, second = world.lead(), world.lead()
    assert [event["entity_id"] for event in await events(world)] == [second.id, first.id]
    world.account.faults.events_oldest_first = True
    assert [event["entity_id"] for event in await events(world)] == [first.id, second.id]


async def test_a_stage_move_names_both_pipelines_and_its_author(world: World) -> None:
    lead = world.lead()
    service = list(world.account.pipelines)[1]
    world.account.move_lead(lead.id, 142, service, by=world.seller)
    (move,) = await events(world, **{"filter[type]": "lead_status_changed"})
    assert move["created_by"] == world.seller
    assert move["value_after"] == [{"lead_status": {"id": 142, "pipeline_id": service}}]
    assert move["value_before"] == [{"lead_status": {"id": world.stages[1], "pipeline_id": world.line}}]


async def test_events_filter_by_time_author_entity_and_target_stage(world: World) -> None:
    lead = world.lead()
    world.clock.advance(100)
    world.account.move_lead(lead.id, world.stages[2], by=world.admin)
    since = int(world.clock.now()) - 10
    assert len(await events(world, **{"filter[created_at]": since})) == 1
    assert len(await events(world, **{"filter[created_at][to]": since})) == 1
    assert len(await events(world, **{"filter[created_by][]": world.admin})) == 1
    assert len(await events(world, **{"filter[entity]": "lead", "filter[entity_id]": lead.id})) == 2
    place = "filter[value_after][leads_statuses][0]"
    query = {f"{place}[pipeline_id]": world.line, f"{place}[status_id]": world.stages[2]}
    assert len(await events(world, **query)) == 1
    assert len(await events(world, **(query | {f"{place}[status_id]": world.stages[3]}))) == 0


@pytest.mark.parametrize(
    "query",
    [
        {"filter[entity_id]": "1"},
        {"filter[type]": "custom_field_5_value_changed,lead_added"},
        {"filter[type]": "no_such_event"},
        {"filter[entity]": "lead", "filter[entity_id]": ",".join(str(number) for number in range(11))},
    ],
)
async def test_the_log_refuses_what_the_documentation_forbids(world: World, query: dict[str, str]) -> None:
    assert (await world.api.get("/api/v4/events", params=query)).status_code == 400


@pytest.mark.parametrize("kind", ["per_field", "generic"])
async def test_a_field_change_is_found_by_the_general_type(world: World, kind: str) -> None:
    world.account.faults.field_event_type = kind
    field = world.account.add_field("leads", "Тип", "select", enums=["Срочно", "Тендер"])
    lead = world.lead()
    world.account.set_field("leads", lead.id, field.id, "Тендер", by=world.seller)
    (event,) = await events(world, **{"filter[type]": "custom_field_value_changed"})
    expected = "custom_field_value_changed" if kind == "generic" else f"custom_field_{field.id}_value_changed"
    assert event["type"] == expected
    change = {"field_id": field.id, "field_type": 4, "enum_id": field.enums[1].id, "text": "Тендер"}
    assert event["value_after"] == [{"custom_field_value": change}]


async def test_a_call_event_holds_only_a_note_id_and_the_note_tells_the_rest(world: World) -> None:
    person = world.account.create_contact(name="Иван", phones=["+7 (900) 111-22-33"])
    lead = world.lead(contact_ids=[person.id])
    world.account.client_call(lead.id, duration=120)
    (event,) = await events(world, **{"filter[type]": "incoming_call"})
    assert event["entity_type"] == "lead"
    kept = world.account.notes_of[("leads", lead.id)]
    assert event["value_after"] == [{"note": {"id": kept[0]}}]
    note = (await world.api.get(f"/api/v4/leads/notes/{kept[0]}")).json()
    assert note["note_type"] == "call_in"
    assert note["params"]["duration"] == 120
    filtered = await world.api.get(
        f"/api/v4/leads/{lead.id}/notes", params={"filter[note_type][]": "call_out"}
    )
    assert filtered.status_code == 204


async def test_a_call_lands_on_the_contact_when_it_has_no_or_several_open_leads(world: World) -> None:
    person = world.account.create_contact(name="Иван", phones=["+7 (900) 111-22-33"])
    call = {"direction": "inbound", "phone": "8 900 111 22 33", "duration": 60, "source": "АТС"}
    none = (await world.api.post("/api/v4/calls", json=[call])).json()["_embedded"]["calls"][0]
    assert (none["entity_type"], none["entity_id"]) == ("contact", person.id)
    first = world.lead(contact_ids=[person.id])
    one = (await world.api.post("/api/v4/calls", json=[call])).json()["_embedded"]["calls"][0]
    assert (one["entity_type"], one["entity_id"]) == ("lead", first.id)
    world.lead(contact_ids=[person.id])
    two = (await world.api.post("/api/v4/calls", json=[call])).json()["_embedded"]["calls"][0]
    assert two["entity_type"] == "contact"
    notes = (await world.api.get(f"/api/v4/contacts/{person.id}/notes")).json()["_embedded"]["notes"]
    assert len(notes) == 2
    stranger = await world.api.post("/api/v4/calls", json=[call | {"phone": "+7 999 999 99 99"}])
    assert stranger.json()["errors"]


@pytest.mark.parametrize(("switch", "entity"), [("task", "task"), ("lead", "lead")])
async def test_a_completed_task_says_nothing_in_the_log(world: World, switch: str, entity: str) -> None:
    world.account.faults.task_event_entity = switch
    lead = world.lead()
    task = world.account.add_task("leads", lead.id, "Созвон", complete_till=1, by=world.seller)
    world.account.complete_task(task.id, "Договорились", by=world.seller)
    (event,) = await events(world, **{"filter[type]": "task_completed"})
    assert (event["entity_type"], event["value_after"], event["value_before"]) == (entity, [], [])
    shown = (await world.api.get(f"/api/v4/tasks/{task.id}")).json()
    assert (shown["entity_id"], shown["result"]) == (lead.id, {"text": "Договорились"})


async def test_chat_events_asked_for_by_contact_come_back_as_the_lead_s(world: World) -> None:
    person = world.account.create_contact(name="Иван")
    lead = world.lead(contact_ids=[person.id])
    message = world.account.add_message(lead.id, "Здравствуйте")
    query = {
        "filter[entity]": "contact",
        "filter[entity_id]": person.id,
        "filter[type]": "incoming_chat_message",
    }
    (event,) = await events(world, **query)
    assert (event["entity_type"], event["entity_id"]) == ("lead", lead.id)
    assert event["value_after"] == [{"message": {"id": message.id}}]
    assert event["_embedded"]["entity"]["linked_talk_contact_id"] == person.id  # type: ignore[index]


async def test_the_log_shows_a_change_only_after_its_lag(world: World) -> None:
    world.account.faults.event_log_lag = 15.0
    lead = world.lead()
    assert (await world.api.get(f"/api/v4/leads/{lead.id}")).status_code == 200
    assert await events(world) == []
    world.clock.advance(15)
    assert len(await events(world)) == 1


async def test_mail_reaches_the_log_only_by_switch_but_always_the_notes(world: World) -> None:
    lead = world.lead()
    for switch in (True, False):
        world.account.faults.mail_events = switch
        world.account.add_mail(lead.id, "Re: КП", "Получили")
    assert len(await events(world, **{"filter[type]": "incoming_mail"})) == 1
    notes = (await world.api.get(f"/api/v4/leads/{lead.id}/notes")).json()["_embedded"]["notes"]
    assert [note["note_type"] for note in notes] == ["amomail_message"] * 2


async def test_administrators_alone_read_users_and_webhooks(world: World) -> None:
    headers = {"x-context-user-id": str(world.seller)}
    for path in ("users", "webhooks", "roles"):
        answer = await world.api.get(f"/api/v4/{path}", headers=headers)
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith("application/problem+json")
    field = await world.api.post(
        "/api/v4/leads/custom_fields", headers=headers, json=[{"name": "a", "type": "text"}]
    )
    assert field.status_code == 403


async def test_a_page_of_the_account_reads_with_the_session_of_its_user(world: World) -> None:
    cookie = {"cookie": f"sandbox_user={world.seller}"}
    answer = await world.page.get("/api/v4/account", headers=cookie)
    assert answer.json()["current_user_id"] == world.seller
    assert (await world.page.get("/api/v4/users", headers=cookie)).status_code == 403
    assert (await world.page.get("/api/v4/account")).status_code == 401
