"""Writing over REST: thin answers, validation, and everything that PATCH does not protect from."""

import pytest

from tests.sandbox.amocrm.world import World


def codes(answer: object) -> list[tuple[str, str]]:
    """(code, path) of a validation answer."""
    body = answer.json()  # type: ignore[attr-defined]
    assert body["status"] == 400
    assert body["title"] == "Bad Request"
    assert body["detail"] == "Request validation failed"
    return [
        (error["code"], error["path"]) for entry in body["validation-errors"] for error in entry["errors"]
    ]


async def test_answers_to_writes_are_thin_and_echo_the_request_id(world: World) -> None:
    rows = [{"name": "Первая"}, {"name": "Вторая", "request_id": "mine"}]
    made = (await world.api.post("/api/v4/leads", json=rows)).json()["_embedded"]["leads"]
    assert [set(item) for item in made] == [{"id", "request_id", "_links"}] * 2
    assert [item["request_id"] for item in made] == ["0", "mine"]
    changed = await world.api.patch(f"/api/v4/leads/{made[0]['id']}", json={"price": 5})
    assert set(changed.json()) == {"id", "updated_at", "_links"}
    both = await world.api.patch("/api/v4/leads", json=[{"id": item["id"], "price": 7} for item in made])
    assert len(both.json()["_embedded"]["leads"]) == 2
    assert world.account.leads[made[1]["id"]].price == 7


async def test_collections_take_arrays_and_records_take_objects(world: World) -> None:
    lead = world.lead()
    assert (await world.api.post("/api/v4/leads", json={"name": "x"})).status_code == 400
    assert (await world.api.patch("/api/v4/leads", json={"id": lead.id})).status_code == 400
    assert (await world.api.patch(f"/api/v4/leads/{lead.id}", json=[{"price": 1}])).status_code == 400
    assert (await world.api.post("/api/v4/leads", content=b"{broken")).status_code == 400


async def test_more_than_250_entities_are_refused(world: World) -> None:
    answer = await world.api.post("/api/v4/leads", json=[{"name": "x"}] * 251)
    assert answer.status_code == 422
    assert "250" in answer.json()["detail"]


async def test_a_new_lead_stands_in_the_first_ordinary_stage_of_the_main_pipeline(world: World) -> None:
    made = (await world.api.post("/api/v4/leads", json=[{}])).json()["_embedded"]["leads"][0]
    lead = world.account.leads[made["id"]]
    assert (lead.pipeline_id, lead.status_id) == (world.line, world.stages[1])


async def test_a_status_alone_moves_across_pipelines_but_142_stays_at_home(world: World) -> None:
    lead = world.lead()
    service = list(world.account.pipelines.values())[1]
    first = next(stage.id for stage in service.statuses.values() if stage.is_editable)
    await world.api.patch(f"/api/v4/leads/{lead.id}", json={"status_id": 142})
    assert lead.pipeline_id == world.line
    await world.api.patch(f"/api/v4/leads/{lead.id}", json={"status_id": first})
    assert (lead.pipeline_id, lead.status_id) == (service.id, first)
    world.account.faults.status_alone_moves_pipeline = False
    refused = await world.api.patch(f"/api/v4/leads/{lead.id}", json={"status_id": world.stages[1]})
    assert codes(refused) == [("NotSupportedChoice", "status_id")]


async def test_an_unsorted_stage_is_no_target(world: World) -> None:
    lead = world.lead()
    body = {"pipeline_id": world.line, "status_id": world.stages[0]}
    refused = await world.api.patch(f"/api/v4/leads/{lead.id}", json=body)
    assert codes(refused) == [("NotSupportedChoice", "status_id")]
    assert lead.status_id == world.stages[1]


async def test_a_loss_reason_belongs_to_143_only_and_goes_when_the_deal_is_reopened(world: World) -> None:
    lead, reason = world.lead(), world.account.add_loss_reason("Дорого")
    place = {"pipeline_id": world.line, "loss_reason_id": reason.id}
    address = f"/api/v4/leads/{lead.id}"
    refused = await world.api.patch(address, json=place | {"status_id": world.stages[2]})
    assert codes(refused) == [("InvalidValue", "loss_reason_id")]
    assert "only for lost lead" in refused.text
    assert (await world.api.patch(address, json=place | {"status_id": 143})).status_code == 200
    assert (lead.loss_reason_id, lead.closed_at) == (reason.id, int(world.clock.now()))
    back = {"pipeline_id": world.line, "status_id": world.stages[2]}
    assert (await world.api.patch(address, json=back)).status_code == 200
    assert (lead.loss_reason_id, lead.closed_at) == (None, None)
    world.account.faults.keep_loss_reason_on_reopen = True
    await world.api.patch(address, json=place | {"status_id": 143})
    await world.api.patch(address, json=back)
    assert lead.loss_reason_id == reason.id


async def test_validation_names_dotted_paths_and_changes_nothing(world: World) -> None:
    lead = world.lead(price=1)
    kind = world.account.add_field("leads", "Тип", "select", enums=["Срочно"])
    body = {
        "price": 9,
        "custom_fields_values": [
            {"field_id": kind.id, "values": [{"value": "Срочно"}]},
            {"field_id": 1, "values": []},
        ],
    }
    refused = await world.api.patch(f"/api/v4/leads/{lead.id}", json=body)
    assert codes(refused) == [("NotSupportedChoice", "custom_fields_values.1.field_id")]
    assert (lead.price, lead.fields) == (1, {})
    wrong = await world.api.patch(f"/api/v4/leads/{lead.id}", json={"price": "много"})
    assert codes(wrong) == [("InvalidType", "price")]


async def test_what_was_read_from_a_checkbox_is_refused_when_sent_back(world: World) -> None:
    box = world.account.add_field("leads", "КП открыто", "checkbox")
    lead = world.lead(fields={box.id: True})
    read = (await world.api.get(f"/api/v4/leads/{lead.id}")).json()["custom_fields_values"]
    refused = await world.api.patch(f"/api/v4/leads/{lead.id}", json={"custom_fields_values": read})
    assert codes(refused) == [("FieldNotExpected", "custom_fields_values.0.values.0.enum_code")]
    clean = [{"field_id": box.id, "values": [{"value": False}]}]
    accepted = await world.api.patch(f"/api/v4/leads/{lead.id}", json={"custom_fields_values": clean})
    assert accepted.status_code == 200
    assert lead.fields[box.id] == [{"value": False}]


@pytest.mark.parametrize("strict", [False, True])
async def test_the_api_passes_required_fields_unless_strict_but_people_are_stopped(
    world: World, strict: bool
) -> None:
    place = (world.line, world.stages[3])
    lock = world.account.add_field(
        "leads", "Пропуск", "checkbox", is_api_only=True, required_statuses=[place]
    )
    lead = world.lead()
    world.account.faults.strict_required_statuses = strict
    by_hand = await world.page.post(f"/sandbox/api/leads/{lead.id}/move", json={"status_id": place[1]})
    assert by_hand.status_code == 422
    assert by_hand.json()["code"] == "RequiredField"
    typed = await world.page.post(
        f"/sandbox/api/leads/{lead.id}/field", json={"field_id": lock.id, "value": True}
    )
    assert typed.json()["code"] == "ApiOnly"
    body = {"pipeline_id": place[0], "status_id": place[1]}
    answer = await world.api.patch(f"/api/v4/leads/{lead.id}", json=body)
    assert answer.status_code == (400 if strict else 200)
    world.account.move_lead(lead.id, world.stages[1], by=world.seller)
    key = [{"field_id": lock.id, "values": [{"value": True}]}]
    await world.api.patch(f"/api/v4/leads/{lead.id}", json={"custom_fields_values": key})
    again = await world.page.post(f"/sandbox/api/leads/{lead.id}/move", json={"status_id": place[1]})
    assert again.status_code == 200


async def test_required_stages_of_a_field_are_set_over_the_api(world: World) -> None:
    places = [{"pipeline_id": world.line, "status_id": world.stages[3]}]
    rows = [{"name": "Пропуск", "type": "checkbox", "is_api_only": True, "required_statuses": places}]
    made = (await world.api.post("/api/v4/leads/custom_fields", json=rows)).json()
    field = made["_embedded"]["custom_fields"][0]
    assert field["required_statuses"] == [{"status_id": world.stages[3], "pipeline_id": world.line}]
    address = f"/api/v4/leads/custom_fields/{field['id']}"
    cleared = await world.api.patch(address, json={"required_statuses": []})
    assert cleared.json()["required_statuses"] == []
    unknown = await world.api.patch(address, json={"required_statuses": [{"pipeline_id": 1, "status_id": 2}]})
    assert unknown.status_code == 400
    assert (await world.api.delete(address)).status_code == 204


async def test_there_is_no_conditional_update_so_a_human_move_in_between_is_lost(world: World) -> None:
    lead = world.lead(stage=1)
    read = (await world.api.get(f"/api/v4/leads/{lead.id}")).json()
    world.account.move_lead(lead.id, world.stages[3], by=world.seller)
    headers = {"if-match": "anything", "if-unmodified-since": "Thu, 01 Jan 1970 00:00:00 GMT"}
    body = {"pipeline_id": world.line, "status_id": world.stages[2], "updated_at": read["updated_at"]}
    answer = await world.api.patch(f"/api/v4/leads/{lead.id}", json=body, headers=headers)
    assert answer.status_code == 200
    assert lead.status_id == world.stages[2]


async def test_moving_there_and_back_within_a_second_leaves_the_same_times(world: World) -> None:
    lead = world.lead()
    second = int(world.clock.now())
    world.account.move_lead(lead.id, world.stages[2], by=world.seller, at=second + 0.2)
    world.account.move_lead(lead.id, world.stages[1], by=world.seller, at=second + 0.7)
    shown = (await world.api.get(f"/api/v4/leads/{lead.id}")).json()
    assert (shown["status_id"], shown["updated_at"]) == (world.stages[1], second)


async def test_a_robot_s_change_is_the_robot_s_in_the_log(world: World) -> None:
    lead = world.lead()
    body = {"pipeline_id": world.line, "status_id": world.stages[2], "updated_by": 0}
    await world.api.patch(f"/api/v4/leads/{lead.id}", json=body)
    assert world.account.journal.all()[-1].created_by == 0
    body = {"pipeline_id": world.line, "status_id": world.stages[1]}
    await world.api.patch(f"/api/v4/leads/{lead.id}", json=body)
    assert world.account.journal.all()[-1].created_by == world.admin


async def test_a_move_to_the_stage_where_the_lead_stands_is_no_event(world: World) -> None:
    lead = world.lead()
    before = len(world.account.journal)
    body = {"pipeline_id": world.line, "status_id": world.stages[1]}
    await world.api.patch(f"/api/v4/leads/{lead.id}", json=body)
    assert len(world.account.journal) == before


async def test_tags_are_added_taken_off_replaced_and_cleared(world: World) -> None:
    lead = world.lead(tags=["старый"])
    address = f"/api/v4/leads/{lead.id}"

    async def names(**body: object) -> list[str]:
        assert (await world.api.patch(address, json=body)).status_code == 200
        return sorted(world.account.tags[number].name for number in lead.tags)

    assert await names(tags_to_add=[{"name": "новый"}]) == ["новый", "старый"]
    assert await names(tags_to_delete=[{"name": "старый"}]) == ["новый"]
    assert await names(_embedded={"tags": [{"name": "один"}]}) == ["один"]
    assert await names(_embedded={"tags": None}) == []


async def test_one_patch_of_many_things_raises_one_update_hook(world: World) -> None:
    field = world.account.add_field("leads", "Бюджет", "numeric")
    lead = world.lead()
    await world.subscribe(["update_lead"])
    body = {
        "name": "Другая",
        "price": 3,
        "tags_to_add": [{"name": "a"}],
        "custom_fields_values": [{"field_id": field.id, "values": [{"value": 5}]}],
    }
    await world.api.patch(f"/api/v4/leads/{lead.id}", json=body)
    (hook,) = await world.hooks()
    assert hook.value("leads[update][0][name]") == "Другая"
    assert hook.value("leads[update][0][custom_fields][0][values][0][value]") == "5"


async def test_notes_are_written_read_changed_and_refused_without_a_type(world: World) -> None:
    lead = world.lead()
    params = {"service": "Stepgate", "text": "Сделка возвращена"}
    rows = [{"note_type": "extended_service_message", "params": params}]
    made = await world.api.post(f"/api/v4/leads/{lead.id}/notes", json=rows)
    number = made.json()["_embedded"]["notes"][0]["id"]
    address = f"/api/v4/leads/{lead.id}/notes/{number}"
    assert (await world.api.get(address)).json()["params"] == params
    await world.api.patch(address, json={"params": {"text": "Поправка"}})
    assert (await world.api.get(address)).json()["params"]["text"] == "Поправка"
    assert world.account.journal.all()[-1].type == "service_note_added"
    wrong = await world.api.post(f"/api/v4/leads/{lead.id}/notes", json=[{"note_type": "x", "params": {}}])
    assert codes(wrong) == [("NotSupportedChoice", "note_type")]
    nowhere = await world.api.post("/api/v4/leads/notes", json=[{**rows[0], "entity_id": 5}])
    assert codes(nowhere) == [("NotFound", "entity_id")]


async def test_tasks_need_a_text_and_a_deadline_and_are_completed_with_a_result(world: World) -> None:
    lead = world.lead()
    row = {
        "text": "Узнать бюджет",
        "complete_till": 2_000_000_000,
        "entity_id": lead.id,
        "entity_type": "leads",
    }
    refused = await world.api.post("/api/v4/tasks", json=[{"text": "x"}])
    assert codes(refused) == [("FieldMissing", "complete_till")]
    made = (await world.api.post("/api/v4/tasks", json=[row])).json()["_embedded"]["tasks"][0]
    assert (await world.api.get(f"/api/v4/leads/{lead.id}")).json()["closest_task_at"] == 2_000_000_000
    body = {"is_completed": True, "result": {"text": "Узнал"}}
    assert (await world.api.patch(f"/api/v4/tasks/{made['id']}", json=body)).status_code == 200
    query = {"filter[is_completed]": "1", "filter[entity_type]": "leads", "filter[entity_id]": str(lead.id)}
    listed = (await world.api.get("/api/v4/tasks", params=query)).json()["_embedded"]["tasks"]
    assert listed[0]["result"] == {"text": "Узнал"}


async def test_a_complex_lead_brings_its_contact_and_company(world: World) -> None:
    phone = [{"field_code": "PHONE", "values": [{"value": "+79001112233", "enum_code": "WORK"}]}]
    people = {
        "contacts": [{"first_name": "Анна", "last_name": "Ким", "custom_fields_values": phone}],
        "companies": [{"name": "ООО «Луч»"}],
    }
    row = {"name": "Заявка", "request_id": "r1", "_embedded": people}
    (made,) = (await world.api.post("/api/v4/leads/complex", json=[row])).json()
    assert set(made) == {"id", "contact_id", "company_id", "request_id", "merged"}
    assert made["request_id"] == ["r1"]
    assert world.account.contacts[made["contact_id"]].name == "Анна Ким"
    links = (await world.api.get(f"/api/v4/leads/{made['id']}/links")).json()["_embedded"]["links"]
    assert [item["to_entity_type"] for item in links] == ["contacts", "companies"]
    assert links[0]["metadata"] == {"main_contact": True}
    found = await world.api.get("/api/v4/contacts", params={"query": "9001112233"})
    assert found.json()["_embedded"]["contacts"][0]["id"] == made["contact_id"]


async def test_hooks_are_listed_by_destination_replaced_and_dropped_with_a_body(world: World) -> None:
    await world.subscribe(["add_lead"])
    await world.subscribe(["status_lead"])
    listed = (
        await world.api.get(
            "/api/v4/webhooks", params={"filter[destination]": "http://product.example.org/hooks/secret"}
        )
    ).json()
    assert listed["_total_items"] == 1
    assert listed["_embedded"]["webhooks"][0]["settings"] == ["status_lead"]
    body = {"destination": "http://product.example.org/hooks/secret"}
    assert (await world.api.request("DELETE", "/api/v4/webhooks", json=body)).status_code == 204
    assert (await world.api.request("DELETE", "/api/v4/webhooks", json=body)).status_code == 404
    for destination in ("http://пример.рф/", "ftp://a.b", "nonsense"):
        row = {"destination": destination, "settings": ["add_lead"]}
        assert (await world.api.post("/api/v4/webhooks", json=row)).status_code == 400
    world.account.faults.trailing_slash_required = True
    bare = {"destination": "http://product.example.org/hooks", "settings": ["add_lead"]}
    assert "Invalid URL" in (await world.api.post("/api/v4/webhooks", json=bare)).text
    world.account.faults.trailing_slash_required = False
    for number in range(100):
        await world.subscribe(["add_lead"], f"http://product.example.org/{number}")
    full = {"destination": "http://product.example.org/more", "settings": ["add_lead"]}
    assert (await world.api.post("/api/v4/webhooks", json=full)).status_code == 422


async def test_requests_from_forms_are_accepted_and_declined(world: World) -> None:
    first = world.account.add_unsorted_form(name="Заявка", pipeline_id=world.line, form_name="Сайт")
    second = world.account.add_unsorted_form(name="Спам", pipeline_id=world.line, form_name="Сайт")
    listed = (await world.api.get("/api/v4/leads/unsorted")).json()["_embedded"]["unsorted"]
    assert [item["uid"] for item in listed] == [first.uid, second.uid]
    assert (await world.api.get("/api/v4/leads")).status_code == 204
    accept = await world.api.post(
        f"/api/v4/leads/unsorted/{first.uid}/accept", json={"user_id": world.seller}
    )
    assert accept.status_code == 200
    assert world.account.leads[first.lead_id].status_id == world.stages[1]
    assert (await world.api.delete(f"/api/v4/leads/unsorted/{second.uid}/decline")).status_code == 200
    assert (await world.api.get("/api/v4/leads/unsorted")).status_code == 204
    assert (await world.api.post(f"/api/v4/leads/unsorted/{first.uid}/accept", json={})).status_code == 404


async def test_links_are_written_and_removed(world: World) -> None:
    lead, person = world.lead(), world.account.create_contact(name="Иван")
    rows = [{"to_entity_id": person.id, "to_entity_type": "contacts", "metadata": {"is_main": True}}]
    made = await world.api.post(f"/api/v4/leads/{lead.id}/link", json=rows)
    assert made.json()["_embedded"]["links"][0]["metadata"] == {"main_contact": True}
    assert (await world.api.post(f"/api/v4/leads/{lead.id}/unlink", json=rows)).status_code == 204
    assert lead.contact_ids == []
