"""Events: what they say, when they come, and how they get lost."""

import pytest

from app.sandbox.bitrix24.forgery import VARIANTS, forge
from app.sandbox.bitrix24.installs import add_app, finish_install, remove_app, update_app
from app.sandbox.bitrix24.model import INVOICE
from app.sandbox.bitrix24.state import Act, Robot
from tests.sandbox.bitrix24.world import HOOK, PAGE, World


async def test_a_move_by_a_person_is_an_update_with_nothing_but_the_id(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    (event,) = await world.events()
    form = event.form
    assert event.path == "/events"
    assert form["event"] == "ONCRMDEALUPDATE"
    assert {key for key in form if key.startswith("data")} == {"data[FIELDS][ID]"}
    assert form["data[FIELDS][ID]"] == str(deal.id)
    assert (form["auth[user_id]"], form["auth[member_id]"]) == (str(world.seller), world.portal.member_id)
    assert form["auth[application_token]"] == world.registered.application_token
    assert form["auth[domain]"] == "portal.example.org"
    assert "auth[refresh_token]" not in form
    assert int(form["ts"]) == int(world.clock.now())


async def test_the_token_of_an_event_calls_as_the_one_who_caused_it(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    (event,) = await world.events()
    profile = await world.call("profile", token=event.form["auth[access_token]"])
    assert profile["ID"] == str(world.seller)


async def test_two_quick_moves_are_two_events_that_look_alike(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    for stage in ("PREPARATION", "EXECUTING"):
        world.portal.move_item(deal, stage, Act(by=world.seller))
    events = await world.events()
    assert [event.form["data[FIELDS][ID]"] for event in events] == [str(deal.id)] * 2
    assert [row.stage_id for row in world.portal.history_of[deal.link]] == ["NEW", "PREPARATION", "EXECUTING"]


async def test_a_change_of_funnel_is_another_event_and_no_update(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    world.portal.move_item(deal, "C1:NEW", Act(by=world.seller))
    (event,) = await world.events()
    assert event.event == "ONCRMDEALMOVETOCATEGORY"
    form = event.form
    assert (form["data[FIELDS][CATEGORY_ID]"], form["data[FIELDS][STAGE_ID]"]) == ("1", "C1:NEW")


async def test_the_change_of_a_robot_brings_no_tokens(world: World) -> None:
    world.portal.robots = {"PREPARATION": [Robot("move", "EXECUTING")]}
    deal = world.deal()
    await world.subscribe()
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    person, robot = await world.events()
    assert "auth[access_token]" in person.form
    assert {key for key in robot.form if key.startswith("auth")} == {
        "auth[domain]",
        "auth[client_endpoint]",
        "auth[server_endpoint]",
        "auth[member_id]",
        "auth[application_token]",
    }


async def test_a_lean_system_event_names_only_domain_member_and_token(world: World) -> None:
    faults = world.portal.faults
    faults.lean_auth, faults.system_event_rate, faults.handler_id_in_events = "bare", 1.0, False
    deal = world.deal()
    await world.subscribe()
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    (event,) = await world.events()
    assert set(event.form) == {
        "event",
        "data[FIELDS][ID]",
        "ts",
        "auth[domain]",
        "auth[member_id]",
        "auth[application_token]",
    }


@pytest.mark.parametrize(("shape", "key"), [("fields", "data[FIELDS][ID]"), ("flat", "data[ID]")])
async def test_comments_are_told_in_both_shapes(world: World, shape: str, key: str) -> None:
    deal = world.deal()
    await world.subscribe("ONCRMTIMELINECOMMENTADD")
    world.portal.faults.comment_event_shape = shape
    comment = world.portal.add_comment(deal.link, Act(by=world.seller), "Привет")
    (event,) = await world.events()
    assert event.form[key] == str(comment.id)


async def test_an_event_s_name_may_be_in_mixed_case(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    world.portal.faults.event_name_case = "mixed"
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    (event,) = await world.events()
    assert event.event == "onCrmDealUpdate"


async def test_an_own_write_comes_back_as_an_event_of_the_token_s_user(world: World) -> None:
    deal = world.deal("PREPARATION")
    await world.subscribe()
    await world.call("crm.item.update", {"entityTypeId": 2, "id": deal.id, "fields": {"stageId": "NEW"}})
    (event,) = await world.events()
    assert event.form["auth[user_id]"] == str(world.admin)


async def test_a_chain_of_event_born_tokens_ends_after_seven_more_events(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    world.portal.update_item(deal, {"title": "0"}, Act(by=world.seller))
    rounds = 0
    while events := await world.events():
        rounds += 1
        token = events[0].form["auth[access_token]"]
        change = {"entityTypeId": 2, "id": deal.id, "fields": {"title": str(rounds)}}
        await world.call("crm.item.update", change, token=token)
        assert rounds < 20
    assert rounds == 1 + 7


async def test_a_handler_that_fails_is_not_called_again(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    world.product.answers.append(500)
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    assert len(await world.events()) == 1
    world.clock.advance(86_400)
    assert await world.events() == []


async def test_lost_doubled_and_late_events_are_switches(world: World) -> None:
    deal, faults = world.deal(), world.portal.faults
    await world.subscribe()
    faults.drop_rate = 1.0
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    assert await world.events() == []
    faults.drop_rate, faults.duplicate_rate = 0.0, 1.0
    world.portal.move_item(deal, "NEW", Act(by=world.seller))
    assert len(await world.events()) == 2
    faults.duplicate_rate, faults.delay_min, faults.delay_max = 0.0, 60.0, 60.0
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    assert await world.events() == []
    world.clock.advance(61)
    assert len(await world.events()) == 1


async def test_an_application_gets_nothing_until_it_has_finished_its_installation(world: World) -> None:
    app = world.portal.apps.register(handler_url=PAGE)
    add_app(world.portal, app, world.admin)
    token = world.portal.apps.issue(app, world.admin).access
    await world.call("event.bind", {"event": "ONCRMDEALADD", "handler": HOOK}, token=token)
    world.deal()
    assert await world.events() == []
    assert (await world.call("app.info", token=token))["INSTALLED"] is False
    finish_install(world.portal, app)
    world.deal()
    assert len(await world.events()) == 1
    assert (await world.call("app.info", token=token))["INSTALLED"] is True


async def test_an_application_without_pages_is_told_of_its_installation(world: World) -> None:
    app = world.portal.apps.register(kind="api", handler_url=PAGE, install_url=f"{PAGE}/install")
    add_app(world.portal, app, world.admin)
    (event,) = await world.events()
    form = event.form
    assert (event.path, event.event) == ("/app/install", "ONAPPINSTALL")
    assert (form["data[VERSION]"], form["data[ACTIVE]"]) == ("1", "Y")
    assert {"auth[access_token]", "auth[refresh_token]", "auth[application_token]"} <= set(form)


async def test_a_removal_is_told_without_tokens_and_ends_everything(world: World) -> None:
    await world.subscribe("ONAPPUNINSTALL", "ONCRMDEALADD")
    remove_app(world.portal, world.registered, clean=True)
    world.deal()
    (event,) = await world.events()
    assert (event.event, event.form["data[CLEAN]"]) == ("ONAPPUNINSTALL", "1")
    assert "auth[access_token]" not in event.form
    assert event.form["auth[application_token]"] == world.registered.application_token
    answer = await world.ask("profile")
    assert (answer.status_code, answer.json()["error"]) == (401, "APPLICATION_NOT_FOUND")


async def test_an_update_tells_and_then_drops_the_handlers(world: World) -> None:
    await world.subscribe("ONAPPUPDATE", "ONCRMDEALADD")
    update_app(world.portal, world.registered)
    (event,) = await world.events()
    assert (event.event, event.form["data[VERSION]"]) == ("ONAPPUPDATE", "2")
    assert await world.call("event.get") == []
    assert world.registered.installed is False


async def test_binding_twice_is_refused_and_unbinding_counts(world: World) -> None:
    await world.subscribe("ONCRMDEALADD")
    again = await world.ask("event.bind", {"event": "onCrmDealAdd", "handler": HOOK})
    assert (again.status_code, again.json()["error"]) == (400, "ERROR_CORE")
    assert again.json()["error_description"] == "Unable to set event handler: Handler already binded"
    assert await world.call("event.get") == [
        {"event": "ONCRMDEALADD", "handler": HOOK, "auth_type": "0", "offline": 0}
    ]
    assert await world.call("event.unbind", {"event": "ONCRMDEALADD", "handler": HOOK}) == {"count": 1}


@pytest.mark.parametrize(
    ("event", "handler", "code"),
    [
        ("ONNOSUCH", HOOK, "ERROR_EVENT_NOT_FOUND"),
        ("ONCRMDEALADD", "http://localhost/x", "ERROR_WRONG_HANDLER_URL"),
        ("ONCRMDEALADD", "ftp://a.example/x", "ERROR_UNSUPPORTED_PROTOCOL"),
    ],
)
async def test_bad_bindings_are_refused(world: World, event: str, handler: str, code: str) -> None:
    answer = await world.ask("event.bind", {"event": event, "handler": handler})
    assert (answer.status_code, answer.json()["error"]) == (400, code)


async def test_a_smart_invoice_is_a_dynamic_item_of_type_31(world: World) -> None:
    await world.subscribe("ONCRMDYNAMICITEMADD", "ONCRMINVOICEADD")
    deal = world.deal()
    world.portal.create_item("Счёт", Act(by=world.seller), entity_type_id=INVOICE, parents={2: deal.id})
    (event,) = await world.events()
    assert event.form["data[FIELDS][ENTITY_TYPE_ID]"] == "31"


async def test_the_end_of_a_call_is_told_with_its_figures(world: World) -> None:
    client = world.client()
    deal = world.deal(contact_ids=[client.id])
    await world.subscribe("ONVOXIMPLANTCALLEND", "ONCRMACTIVITYADD")
    activity = world.portal.add_call(deal, Act(by=0), duration=0)
    added, ended = await world.events()
    assert (added.event, added.form["data[FIELDS][ID]"]) == ("ONCRMACTIVITYADD", str(activity.id))
    form = ended.form
    assert (form["data[CALL_DURATION]"], form["data[CALL_FAILED_CODE]"]) == ("0", "304")
    assert form["data[CRM_ACTIVITY_ID]"] == str(activity.id)


async def test_an_expired_payment_silences_the_application(world: World) -> None:
    await world.subscribe()
    world.registered.payment_expired = True
    world.deal()
    assert await world.events() == []


async def test_the_same_change_is_merged_within_one_request_of_the_portal(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    with world.portal.batch():
        world.portal.update_item(deal, {"title": "раз"}, Act(by=world.seller))
        world.portal.update_item(deal, {"title": "два"}, Act(by=world.seller))
    assert len(await world.events()) == 1


async def test_offline_events_collapse_and_are_gone_once_read(world: World) -> None:
    deal = world.deal()
    await world.call("event.bind", {"event": "ONCRMDEALUPDATE", "event_type": "offline"})
    for title in ("раз", "два"):
        world.portal.update_item(deal, {"title": title}, Act(by=world.seller))
    seen = await world.call("event.offline.list")
    assert [(row["EVENT_NAME"], row["EVENT_DATA"]["FIELDS"]["ID"]) for row in seen] == [
        ("ONCRMDEALUPDATE", deal.id)
    ]
    taken = await world.call("event.offline.get")
    assert (len(taken["events"]), taken["process_id"]) == (1, None)
    assert (await world.call("event.offline.get"))["events"] == []


async def test_reserved_offline_events_wait_until_they_are_cleared(world: World) -> None:
    deal = world.deal()
    await world.call("event.bind", {"event": "ONCRMDEALUPDATE", "event_type": "offline"})
    world.portal.update_item(deal, {"title": "раз"}, Act(by=world.seller))
    taken = await world.call("event.offline.get", {"clear": 0})
    assert len(taken["events"]) == 1
    assert (await world.call("event.offline.get", {"clear": 0}))["events"] == []
    assert await world.call("event.offline.clear", {"process_id": taken["process_id"]}) is True
    assert world.portal.offline.rows == {}


async def test_an_own_write_with_its_source_key_stays_out_of_that_queue(world: World) -> None:
    deal = world.deal()
    bind = {"event": "ONCRMDEALUPDATE", "event_type": "offline", "auth_connector": "stepgate"}
    await world.call("event.bind", bind)
    change = {"entityTypeId": 2, "id": deal.id, "fields": {"title": "наше"}, "auth_connector": "stepgate"}
    await world.call("crm.item.update", change)
    world.portal.update_item(deal, {"comments": "чужое"}, Act(by=world.seller))
    assert await world.call("event.offline.list") == []
    assert len(await world.call("event.offline.list", {"auth_connector": "stepgate"})) == 1


async def test_offline_events_are_for_administrators(world: World) -> None:
    refused = await world.ask("event.offline.get", token=world.token_of(world.seller))
    assert (refused.status_code, refused.json()["error"]) == (403, "ACCESS_DENIED")


async def test_the_call_event_may_come_before_the_activity_s(world: World) -> None:
    deal = world.deal(contact_ids=[world.client().id])
    await world.subscribe("ONVOXIMPLANTCALLEND", "ONCRMACTIVITYADD")
    world.portal.faults.call_event_first = True
    world.portal.add_call(deal, Act(by=0), duration=5)
    assert [event.event for event in await world.events()] == ["ONVOXIMPLANTCALLEND", "ONCRMACTIVITYADD"]


@pytest.mark.parametrize("variant", VARIANTS)
async def test_forged_events_differ_from_true_ones_where_they_say(world: World, variant: str) -> None:
    deal = world.deal()
    await world.subscribe("ONCRMDEALUPDATE")
    assert forge(world.portal, world.registered, variant, deal.id) == 1
    form = (await world.events())[0].form
    assert form["data[FIELDS][ID]"] == str(deal.id)
    token, member = world.registered.application_token, world.portal.member_id
    proven = form.get("auth[application_token]") == token and form.get("auth[member_id]") == member
    assert proven == (variant in {"foreign_portal", "replayed"})


async def test_the_offline_queue_pings_at_most_once_a_second(world: World) -> None:
    deal = world.deal()
    await world.call("event.bind", {"event": "ONCRMDEALUPDATE", "event_type": "offline"})
    await world.subscribe("ONOFFLINEEVENT")
    for title in ("раз", "два"):
        world.portal.update_item(deal, {"title": title}, Act(by=world.seller))
    (ping,) = await world.events()
    assert ping.event == "ONOFFLINEEVENT"
    assert not [key for key in ping.form if key.startswith("data")]
    assert "auth[refresh_token]" in ping.form
    world.clock.advance(2)
    world.portal.update_item(deal, {"title": "три"}, Act(by=world.seller))
    assert len(await world.events()) == 1


async def test_a_slow_handler_is_called_after_growing_pauses(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    world.product.takes = lambda: world.clock.advance(6)
    pauses = []
    for title in ("раз", "два", "три"):
        world.portal.update_item(deal, {"title": title}, Act(by=world.seller))
        asked = world.clock.now()
        while not await world.events():
            world.clock.advance(1)
        pauses.append(world.clock.now() - asked - 6)
    assert pauses == [0, 5, 10]


async def test_custom_fields_come_and_go_with_events(world: World) -> None:
    await world.subscribe("ONCRMDEALUSERFIELDADD", "ONCRMDEALUSERFIELDDELETE")
    fields = {"FIELD_NAME": "BUDGET", "USER_TYPE_ID": "double", "EDIT_FORM_LABEL": "Бюджет"}
    number = await world.call("crm.deal.userfield.add", {"fields": fields})
    assert await world.call("crm.deal.userfield.delete", {"id": number}) is True
    added, deleted = await world.events()
    assert added.form["data[FIELDS][FIELD_NAME]"] == "UF_CRM_BUDGET"
    assert deleted.event == "ONCRMDEALUSERFIELDDELETE"
    assert "auth[access_token]" not in added.form


async def test_a_new_employee_is_told_of(world: World) -> None:
    await world.subscribe("ONUSERADD")
    made = world.portal.add_user("Пётр", "Ким")
    (event,) = await world.events()
    assert event.form["data[ID]"] == str(made.id)
