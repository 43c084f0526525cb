"""What clients do, and where the API shows it."""

from app.sandbox.bitrix24.state import Act
from tests.sandbox.bitrix24.world import World


def bound(deal_id: int) -> dict[str, object]:
    """The filter that finds the activities of a deal."""
    return {"filter": {"BINDINGS": [{"OWNER_TYPE_ID": 2, "OWNER_ID": deal_id}]}}


async def test_a_call_has_an_activity_and_a_row_in_the_statistics(world: World) -> None:
    deal = world.deal(contact_ids=[world.client().id])
    activity = world.portal.add_call(deal, Act(by=0), duration=143, transcript="Да, согласны.")
    (row,) = await world.call("voximplant.statistic.get", {"FILTER": {"CRM_ACTIVITY_ID": activity.id}})
    assert (row["CALL_TYPE"], row["CALL_DURATION"], row["CALL_FAILED_CODE"]) == ("2", "143", "200")
    assert (row["CRM_ENTITY_TYPE"], row["PHONE_NUMBER"]) == ("CONTACT", "+79001112233")
    (shown,) = await world.call("crm.activity.list", bound(deal.id))
    assert (shown["PROVIDER_ID"], shown["DIRECTION"], shown["COMPLETED"]) == ("VOXIMPLANT_CALL", "1", "Y")
    text = await world.call("crm.activity.call.getTranscript", {"activityId": activity.id})
    assert text == {"transcription": "Да, согласны."}


async def test_a_call_written_down_by_hand_is_in_no_statistics(world: World) -> None:
    deal = world.deal(contact_ids=[world.client().id])
    world.portal.add_call(deal, Act(by=world.seller), incoming=False, by_hand=True)
    assert len(await world.call("crm.activity.list", bound(deal.id))) == 1
    assert await world.call("voximplant.statistic.get") == []


async def test_a_call_may_be_bound_to_the_contact_alone(world: World) -> None:
    client = world.client()
    deal = world.deal(contact_ids=[client.id])
    world.portal.add_call(deal, Act(by=0), contact_only=True)
    assert await world.call("crm.activity.list", bound(deal.id)) == []
    filters = {"filter": {"BINDINGS": [{"OWNER_TYPE_ID": 3, "OWNER_ID": client.id}]}}
    assert len(await world.call("crm.activity.list", filters)) == 1


async def test_the_owner_filter_misses_what_the_bindings_find(world: World) -> None:
    client = world.client()
    deal = world.deal(contact_ids=[client.id])
    world.portal.add_mail(deal, Act(by=0), subject="Вопрос")
    wanted = {"filter": {"OWNER_TYPE_ID": 3, "OWNER_ID": client.id}}
    assert await world.call("crm.activity.list", wanted) == []
    two = [{"OWNER_TYPE_ID": 2, "OWNER_ID": deal.id}, {"OWNER_TYPE_ID": 3, "OWNER_ID": client.id}]
    assert len(await world.call("crm.activity.list", {"filter": {"BINDINGS": two}})) == 2


async def test_a_chat_is_one_activity_whose_history_tells_the_client_from_the_operator(world: World) -> None:
    deal = world.deal(contact_ids=[world.client().id])
    await world.subscribe("ONCRMACTIVITYADD", "ONCRMACTIVITYUPDATE", "ONOPENLINEMESSAGEADD")
    world.portal.add_message(deal, Act(), "Сколько стоит?")
    world.portal.add_message(deal, Act(by=world.seller), "Отвечаем", incoming=False)
    assert [event.event for event in await world.events()] == ["ONCRMACTIVITYADD", "ONCRMACTIVITYUPDATE"]
    (activity,) = await world.call("crm.activity.list", bound(deal.id))
    assert activity["PROVIDER_ID"] == "IMOPENLINES_SESSION"
    wanted = {"CRM_ENTITY_TYPE": "deal", "CRM_ENTITY": deal.id, "ACTIVE_ONLY": "N"}
    (chat,) = await world.call("imopenlines.crm.chat.get", wanted)
    dialog = await world.call("imopenlines.dialog.get", {"CHAT_ID": chat["CHAT_ID"]})
    session = dialog["entity_data_1"].split("|")[5]
    assert session == activity["ASSOCIATED_ENTITY_ID"]
    assert dialog["entity_data_2"].endswith(f"DEAL|{deal.id}")
    history = await world.call("imopenlines.session.history.get", {"SESSION_ID": session})
    said = {
        row["text"]: history["users"][row["senderid"]]["connector"] for row in history["message"].values()
    }
    assert said == {"Сколько стоит?": True, "Отвечаем": False}


async def test_letters_and_forms_are_activities_of_their_providers(world: World) -> None:
    deal = world.deal(contact_ids=[world.client().id])
    world.portal.add_mail(deal, Act(), subject="Re: КП", text="Подходит")
    world.portal.add_form(deal, Act(), form_id=5, name="Заявка")
    rows = await world.call("crm.activity.list", bound(deal.id))
    assert [(row["PROVIDER_ID"], row["TYPE_ID"], row["DIRECTION"]) for row in rows] == [
        ("CRM_EMAIL", "4", "1"),
        ("CRM_WEBFORM", "6", "1"),
    ]
    assert (await world.call("crm.item.get", {"entityTypeId": 2, "id": deal.id}))["item"]["webformId"] == 5


async def test_communications_come_on_request_only(world: World) -> None:
    deal = world.deal(contact_ids=[world.client().id])
    activity = world.portal.add_mail(deal, Act(), subject="Вопрос")
    (plain,) = await world.call("crm.activity.list", bound(deal.id))
    assert "COMMUNICATIONS" not in plain
    full = await world.call("crm.activity.get", {"id": activity.id})
    assert full["COMMUNICATIONS"][0]["VALUE"] == "o@firm.example"
    assert full["SETTINGS"] == []


async def test_tasks_are_tied_to_deals_only_when_asked(world: World) -> None:
    deal = world.deal()
    task = world.portal.add_task(
        "Проверить оплату", Act(by=world.seller), responsible_id=world.seller, crm=[f"D_{deal.id}"]
    )
    plain = (await world.call("tasks.task.get", {"taskId": task.id}))["task"]
    assert "ufCrmTask" not in plain
    full = await world.call("tasks.task.get", {"taskId": task.id, "select": ["ID", "UF_CRM_TASK"]})
    assert full["task"]["ufCrmTask"] == [f"D_{deal.id}"]
    world.portal.complete_task(task, Act(by=world.seller))
    assert (await world.call("tasks.task.get", {"taskId": task.id}))["task"]["status"] == "5"


async def test_payments_of_a_deal_say_whether_the_money_has_come(world: World) -> None:
    deal = world.deal()
    payment = world.portal.add_payment(deal, Act(by=world.seller), 1500.0)
    await world.subscribe("ONPAYMENTENTITYSAVED")
    world.portal.pay(payment, Act())
    (event,) = await world.events()
    assert event.form["data[FIELDS][ID]"] == str(payment.id)
    (row,) = await world.call("crm.item.payment.list", {"entityId": deal.id, "entityTypeId": 2})
    assert (row["paid"], row["sum"]) == ("Y", 1500)


async def test_a_comment_needs_its_parameter_in_lower_case(world: World) -> None:
    deal = world.deal()
    fields = {"ENTITY_ID": deal.id, "ENTITY_TYPE": "deal", "COMMENT": "Привет"}
    assert (await world.ask("crm.timeline.comment.add", {"FIELDS": fields})).status_code == 400
    number = await world.call("crm.timeline.comment.add", {"fields": fields})
    wanted = {"filter": {"ENTITY_ID": deal.id, "ENTITY_TYPE": "deal"}}
    (row,) = await world.call("crm.timeline.comment.list", wanted)
    assert (row["ID"], row["COMMENT"], row["AUTHOR_ID"]) == (str(number), "Привет", str(world.admin))


async def test_a_notice_with_the_same_tag_takes_the_place_of_the_earlier_one(world: World) -> None:
    for text in ("раз", "два"):
        await world.call("im.notify.personal.add", {"USER_ID": world.seller, "MESSAGE": text, "TAG": "deal1"})
    assert [notice.text for notice in world.portal.notifications.values()] == ["два"]


async def test_a_to_do_and_a_configurable_activity_are_made_for_a_deal(world: World) -> None:
    deal = world.deal()
    when = world.portal.iso(world.clock.now() + 3600)
    owner = {"ownerTypeId": 2, "ownerId": deal.id}
    made = await world.call("crm.activity.todo.add", {**owner, "title": "Позвонить", "deadline": when})
    await world.call("crm.activity.badge.add", {"code": "stop", "title": "Шаг", "value": "Стоп"})
    layout = {"header": {"title": "Ждём клиента"}, "body": {"blocks": {}}}
    shown = await world.call(
        "crm.activity.configurable.add",
        {**owner, "fields": {"typeId": "STEPS", "badgeCode": "stop"}, "layout": layout},
    )
    activity = world.portal.activities[shown["activity"]["id"]]
    assert (activity.badge_code, activity.completed, activity.subject) == ("stop", False, "Ждём клиента")
    assert world.portal.activities[made["id"]].deadline == world.clock.now() + 3600
    unknown = {**owner, "fields": {"badgeCode": "other"}, "layout": layout}
    assert (await world.ask("crm.activity.configurable.add", unknown)).json()["error"] == "NOT_FOUND"


async def test_a_trigger_moves_a_deal_forward_only_where_an_administrator_placed_it(world: World) -> None:
    deal = world.deal()
    await world.call("crm.automation.trigger.add", {"CODE": "gate", "NAME": "Шаг пройден"})
    fire = {"CODE": "gate", "OWNER_TYPE_ID": 2, "OWNER_ID": deal.id}
    assert await world.call("crm.automation.trigger.execute", fire) is True
    assert deal.stage_id == "NEW"
    world.portal.trigger_targets["gate"] = "PREPAYMENT_INVOICE"
    await world.call("crm.automation.trigger.execute", fire)
    assert deal.stage_id == "PREPAYMENT_INVOICE"
