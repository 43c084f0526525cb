"""Bodies of webhooks: the old format with all its oddities."""

from urllib.parse import parse_qsl

import pytest

from tests.sandbox.amocrm.world import World


async def test_the_account_block_comes_first_or_last_and_may_lack_the_id(world: World) -> None:
    await world.subscribe(["add_lead"])
    world.lead()
    (hook,) = await world.hooks()
    assert [key for key, _ in hook.pairs][:3] == [
        "account[subdomain]",
        "account[id]",
        "account[_links][self]",
    ]
    world.account.faults.update({"account_block": "last", "account_block_id": False})
    world.lead()
    (hook,) = await world.hooks()
    assert [key for key, _ in hook.pairs][-2:] == ["account[subdomain]", "account[_links][self]"]
    assert hook.value("account[id]") is None


async def test_an_added_lead_has_the_keys_of_a_real_capture(world: World) -> None:
    await world.subscribe(["add_lead"])
    lead = world.lead(price=999)
    (hook,) = await world.hooks()
    keys = [key.removeprefix("leads[add][0]") for key, _ in hook.pairs if key.startswith("leads")]
    assert keys == [
        "[id]",
        "[name]",
        "[status_id]",
        "[price]",
        "[responsible_user_id]",
        "[last_modified]",
        "[modified_user_id]",
        "[created_user_id]",
        "[date_create]",
        "[pipeline_id]",
        "[account_id]",
        "[created_at]",
        "[updated_at]",
    ]
    assert hook.value("leads[add][0][id]") == str(lead.id)


async def test_a_lead_made_straight_in_a_stage_says_add_and_never_status(world: World) -> None:
    await world.subscribe()
    world.lead(stage=3)
    (hook,) = await world.hooks()
    assert any(key.startswith("leads[add]") for key, _ in hook.pairs)


async def test_one_move_raises_an_update_and_a_status_hook_in_either_order(world: World) -> None:
    lead = world.lead()
    await world.subscribe()
    for order, expected in (("update_first", ["update", "status"]), ("status_first", ["status", "update"])):
        world.account.faults.pair_order = order
        target = world.stages[2] if lead.status_id != world.stages[2] else world.stages[3]
        world.account.move_lead(lead.id, target, by=world.seller)
        kinds = [hook.body.decode().split("leads%5B")[1].split("%5D")[0] for hook in await world.hooks()]
        assert kinds == expected


async def test_the_old_stage_sticks_to_later_hooks(world: World) -> None:
    lead = world.lead()
    world.account.move_lead(lead.id, world.stages[2], by=world.seller)
    await world.subscribe(["responsible_lead", "update_lead"])
    world.account.edit_lead(lead.id, by=world.admin, responsible_user_id=world.admin)
    update, responsible = await world.hooks()
    assert update.value("leads[update][0][old_status_id]") == str(world.stages[1])
    assert responsible.value("leads[responsible][0][old_status_id]") == str(world.stages[1])
    assert responsible.value("leads[responsible][0][old_responsible_user_id]") == str(world.seller)
    world.account.edit_lead(lead.id, by=world.admin, price=5)
    (again,) = await world.hooks()
    assert again.value("leads[update][0][old_responsible_user_id]") == str(world.seller)


@pytest.mark.parametrize(("mode", "sizes"), [("grouped", [3]), ("single", [1, 1, 1]), ("both", [3, 1, 1, 1])])
async def test_a_mass_move_comes_in_one_hook_or_in_many(world: World, mode: str, sizes: list[int]) -> None:
    leads = [world.lead().id for _ in range(3)]
    await world.subscribe(["status_lead"])
    world.account.faults.mass_hooks = mode
    assert world.account.move_leads(leads, world.stages[3], by=world.seller) == leads
    hooks = await world.hooks()
    assert [
        sum(key.endswith("[status_id]") and "old" not in key for key, _ in hook.pairs) for hook in hooks
    ] == sizes


async def test_a_status_hook_has_no_old_pipeline_unless_switched_on(world: World) -> None:
    lead = world.lead()
    service = list(world.account.pipelines)[1]
    await world.subscribe(["status_lead"])
    for switch in (False, True):
        world.account.faults.old_pipeline_in_hooks = switch
        world.account.move_lead(lead.id, 142, service if switch else world.line, by=world.seller)
        (hook,) = await world.hooks()
        shown = hook.value("leads[status][0][old_pipeline_id]")
        assert shown == (str(world.line) if switch else None)
    # The same status id in both pipelines: old and new status look equal.
    assert hook.value("leads[status][0][old_status_id]") == hook.value("leads[status][0][status_id]") == "142"


async def test_thin_hooks_carry_three_keys(world: World) -> None:
    await world.subscribe(["add_lead"])
    world.account.faults.thin_hooks = True
    world.lead()
    (hook,) = await world.hooks()
    assert sum(key.startswith("leads") for key, _ in hook.pairs) == 3


async def test_a_deleted_lead_tells_three_keys(world: World) -> None:
    lead = world.lead()
    await world.subscribe(["delete_lead"])
    world.account.delete_lead(lead.id, by=world.seller)
    (hook,) = await world.hooks()
    keys = [key for key, _ in hook.pairs if key.startswith("leads")]
    assert keys == [f"leads[delete][0][{name}]" for name in ("id", "status_id", "pipeline_id")]


async def test_field_values_take_three_shapes(world: World) -> None:
    add = world.account.add_field
    box = add("leads", "Галочка", "checkbox")
    day = add("leads", "Дата", "date")
    kind = add("leads", "Тип", "select", enums=["Срочно", "Тендер"])
    radio = add("leads", "Выбор", "radiobutton", enums=["Да", "Нет"])
    await world.subscribe(["add_lead"])
    world.lead(fields={box.id: True, day.id: 1_729_717_200, kind.id: "Тендер", radio.id: "Нет"})
    (hook,) = await world.hooks()
    prefix = "leads[add][0][custom_fields]"
    assert hook.value(f"{prefix}[0][values][0][value]") == "1"
    assert hook.value(f"{prefix}[1][values][0]") == "1729717200"
    assert hook.value(f"{prefix}[2][values][0][enum]") == str(kind.enums[1].id)
    assert hook.value(f"{prefix}[3][values][value]") == "Нет"


async def test_companies_come_under_contacts_and_links_are_keyed_by_lead_id(world: World) -> None:
    await world.subscribe(["add_company", "update_company", "add_contact"])
    company = world.account.create_contact(name="ООО «Ромашка»", kind="company", by=world.seller)
    world.account.create_contact(name="Иван Петров", by=world.seller, phones=["+7 900 111-22-33"])
    first, second = await world.hooks()
    assert first.value("contacts[add][0][type]") == "company"
    assert second.value("contacts[add][0][type]") == "contact"
    assert second.value("contacts[add][0][custom_fields][0][code]") == "PHONE"
    lead = world.lead(company_id=company.id)
    world.account.edit_contact(company.id, by=world.seller, name="Ромашка")
    (hook,) = await world.hooks()
    assert hook.value(f"contacts[update][0][linked_leads_id][{lead.id}][ID]") == str(lead.id)
    assert hook.value("contacts[update][0][old_responsible_user_id]") == str(world.seller)


async def test_a_note_hook_nests_the_note_one_level_deeper(world: World) -> None:
    lead = world.lead()
    await world.subscribe(["note_lead"])
    world.account.add_note("leads", lead.id, "Позвонить завтра", by=world.seller)
    (hook,) = await world.hooks()
    assert hook.value("leads[note][0][note][text]") == "Позвонить завтра"
    assert hook.value("leads[note][0][note][note_type]") == "4"
    assert "author_name" in (hook.value("leads[note][0][note][metadata]") or "")


@pytest.mark.parametrize("double", [False, True])
async def test_completing_a_task_gives_one_hook_or_two_with_unix_and_text_dates(
    world: World, double: bool
) -> None:
    lead = world.lead()
    task = world.account.add_task("leads", lead.id, "Созвон", complete_till=1_726_579_269, by=world.seller)
    await world.subscribe(["update_task"])
    world.account.faults.update({"double_task_hooks": double, "string_dates_offset": 10_800})
    world.account.complete_task(task.id, "Договорились", by=world.seller)
    hooks = await world.hooks()
    assert len(hooks) == (2 if double else 1)
    assert hooks[0].value("task[update][0][action_close]") == "1"
    assert hooks[0].value("task[update][0][result][text]") == "Договорились"
    # The text date is three hours ahead of the unix one: its zone is not to be trusted.
    assert hooks[0].value("task[update][0][complete_till]") == "2024-09-17 16:21:09"
    assert hooks[0].value("task[update][0][complete_before]") == "1726579269"


async def test_an_incoming_message_comes_with_its_lead(world: World) -> None:
    lead = world.lead()
    await world.subscribe(["add_message"])
    world.account.add_message(lead.id, "Получил, спасибо")
    world.account.add_message(lead.id, "Рады помочь", incoming=False, by=world.seller)
    (hook,) = await world.hooks()
    assert hook.value("message[add][0][entity_id]") == str(lead.id)
    assert hook.value("message[add][0][type]") == "incoming"


async def test_the_first_message_opens_a_talk_and_the_next_ones_update_it(world: World) -> None:
    lead = world.lead()
    await world.subscribe(["add_talk", "update_talk"])
    for text in ("Здравствуйте", "Вы здесь?"):
        world.account.add_message(lead.id, text)
    opened, updated = await world.hooks()
    assert opened.value("talk[add][0][entity_id]") == str(lead.id)
    assert updated.value("talk[update][0][talk_id]") == opened.value("talk[add][0][talk_id]")


async def test_a_note_with_a_file_raises_two_hooks(world: World) -> None:
    lead = world.lead()
    await world.subscribe(["note_lead"])
    params = {"file_uuid": "u", "version_uuid": "v", "file_name": "КП.pdf"}
    world.account.add_note("leads", lead.id, by=world.seller, note_type="attachment", params=params)
    hooks = await world.hooks()
    assert len(hooks) == 2
    # The vendor's own spelling.
    assert hooks[0].value("leads[note][0][note][attachement]") == "КП.pdf"


async def test_an_accepted_request_comes_as_a_deletion(world: World) -> None:
    await world.subscribe(["add_unsorted", "delete_unsorted"])
    item = world.account.add_unsorted_form(name="Заявка", pipeline_id=world.line, form_name="Сайт")
    world.account.settle_unsorted(item.uid, accept=True, by=world.seller)
    added, settled = await world.hooks()
    assert added.value("unsorted[add][0][category]") == "forms"
    assert settled.value("unsorted[delete][0][action]") == "accept"
    assert settled.value("unsorted[delete][0][accept_result][leads][0]") == str(item.lead_id)


async def test_the_api_s_own_change_echoes_back_after_a_moment(world: World) -> None:
    lead = world.lead()
    await world.subscribe(["status_lead"])
    world.account.faults.echo_delay_max = 3.0
    body = {"pipeline_id": world.line, "status_id": world.stages[2], "updated_by": 0}
    assert (await world.api.patch(f"/api/v4/leads/{lead.id}", json=body)).status_code == 200
    assert await world.hooks() == []
    world.clock.advance(3)
    (echo,) = await world.hooks()
    assert echo.value("leads[status][0][modified_user_id]") == "0"
    assert echo.value("leads[status][0][status_id]") == str(world.stages[2])


async def test_people_s_changes_sometimes_carry_author_zero(world: World) -> None:
    lead = world.lead()
    await world.subscribe(["status_lead"])
    world.account.faults.zero_author_rate = 1.0
    world.account.move_lead(lead.id, world.stages[2], by=world.seller)
    (hook,) = await world.hooks()
    assert hook.value("leads[status][0][modified_user_id]") == "0"
    assert world.account.journal.all()[-1].created_by == world.seller


async def test_a_deleted_stage_moves_its_leads_to_the_first_one(world: World) -> None:
    leads = [world.lead(stage=3).id for _ in range(2)]
    await world.subscribe(["status_lead"])
    address = f"/api/v4/leads/pipelines/{world.line}/statuses/{world.stages[3]}"
    assert (await world.api.delete(address)).status_code == 204
    (hook,) = await world.hooks()
    assert hook.value("leads[status][1][id]") == str(leads[1])
    assert hook.value("leads[status][0][status_id]") == str(world.stages[1])


def test_every_body_value_is_text_and_survives_the_round_trip() -> None:
    from app.sandbox import brackets

    data = {"a": [{"b": "x+y&z=я", "c": None, "d": True}], "e": {7: {"ID": 7}}}
    pairs = parse_qsl(brackets.encode(data).decode(), keep_blank_values=True)
    assert pairs == [("a[0][b]", "x+y&z=я"), ("a[0][c]", ""), ("a[0][d]", "1"), ("e[7][ID]", "7")]
    assert brackets.parse(pairs) == {"a": {"0": {"b": "x+y&z=я", "c": "", "d": "1"}}, "e": {"7": {"ID": "7"}}}
