"""Calls: tokens, both limits, renamed portals, bindings; writes that change only what is meant."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.crm.adapters.bitrix24 import gather
from app.crm.adapters.bitrix24.adapter import build
from app.crm.adapters.bitrix24.operating import OperatingTime
from app.crm.adapters.bitrix24.subscriptions import NEEDED
from app.crm.adapters.bitrix24.wire import Command, OperatingLimit, Timing
from app.crm.adapters.bitrix24.writes import WORDS_LIMIT
from app.crm.errors import (
    AuthExpired,
    Blocked,
    CrmError,
    NotFound,
    PaymentRequired,
    RateLimited,
    Rejected,
    Unavailable,
    Unsupported,
)
from app.crm.port import CrmClient, FindsDeals, StageMismatch
from app.domain.stage import StageRef
from app.domain.writeback import AddNote, AddTag, AddTask, MoveBack
from app.sandbox.bitrix24.model import INVOICE
from app.sandbox.bitrix24.state import Act
from tests.crm.bench import FakeSession
from tests.crm.bitrix24.kit import HOST, Bench, environment_of
from tests.sandbox.bitrix24.world import ORIGIN

MARK = "#ref:1f3a9c07"
HOOK = "http://product.example.org/hooks/bitrix24/key"


def finder(client: CrmClient) -> FindsDeals:
    assert isinstance(client, FindsDeals)
    return client


async def test_an_expired_token_is_replaced_once_and_the_call_repeated(bench: Bench) -> None:
    deal = bench.deal()
    bench.wait(3700)
    assert (await bench.client.get_deal(str(deal.id))).id == str(deal.id)
    assert bench.session.refused == 1


async def test_a_token_that_ends_within_a_batch_costs_its_commands_one_more_call(bench: Bench) -> None:
    deal = bench.deal()
    await bench.client.get_deal(str(deal.id))
    bench.world.portal.faults.tokens_expire_mid_batch = True
    log = await bench.client.deal_log(str(deal.id), "")
    assert log.deal is not None
    assert len(log.moves) == 1


async def test_a_token_that_no_refresh_mends_is_refused(bench: Bench) -> None:
    bench.session.mint = None
    bench.session.token = "f" * 70
    with pytest.raises(AuthExpired):
        await bench.client.get_catalog()


async def test_a_full_bucket_stops_the_account_for_a_while(bench: Bench) -> None:
    faults = bench.world.portal.faults
    faults.rate_limit, faults.rate_ceiling, faults.rate_per_second = True, 1.0, 0.01
    await bench.client.changed_deals(bench.long_ago, "deals;0")
    with pytest.raises(RateLimited):
        await bench.client.changed_deals(bench.long_ago, "deals;0")
    assert bench.session.punished == [(5.0, "rate_limited")]


async def test_a_method_that_used_up_its_time_rests_alone(bench: Bench) -> None:
    deal = bench.deal()
    faults = bench.world.portal.faults
    faults.operating_limit, faults.operating_ceiling, faults.call_seconds = True, 100.0, 60.0
    for _ in range(2):
        await bench.client.changed_deals(bench.long_ago, "")
    with pytest.raises(RateLimited) as caught:
        await bench.client.changed_deals(bench.long_ago, "")
    assert 0 < caught.value.retry_after <= 600
    admitted = len(bench.session.admitted)
    with pytest.raises(RateLimited):
        await bench.client.changed_deals(bench.long_ago, "")
    assert len(bench.session.admitted) == admitted
    assert bench.session.punished == []
    faults.operating_limit = False
    assert await bench.client.find_effect(AddNote(str(deal.id), MARK), MARK, bench.long_ago) is None
    bench.wait(660)
    await bench.client.changed_deals(bench.long_ago, "")


def test_a_method_rests_before_it_is_refused(bench: Bench) -> None:
    operating, now = OperatingTime(bench.clock), bench.clock.now().timestamp()
    operating.note([Timing("crm.item.list", 100.0, now + 300)])
    operating.check(["crm.item.list"])
    operating.note([Timing("crm.item.list", 440.0, now + 300)])
    operating.check(["profile"])
    with pytest.raises(OperatingLimit) as caught:
        operating.check(["profile", "crm.item.list"])
    assert caught.value.retry_after == pytest.approx(300, abs=1)
    bench.wait(301)
    operating.check(["crm.item.list"])
    assert operating.refuse(["crm.deal.list"]).retry_after == pytest.approx(60, abs=1)


@pytest.mark.parametrize(
    ("plan", "pace"),
    [("basic", (1.6, 25.0)), ("ent250", (4.0, 125.0)), ("enterprise", (4.0, 125.0)), ("client", (1.6, 25.0))],
)
async def test_an_enterprise_portal_is_called_faster(
    bench: Bench, plan: str, pace: tuple[float, float]
) -> None:
    bench.world.portal.config.license_type = plan
    await bench.client.get_catalog()
    assert bench.session.paced == [pace]


async def test_support_that_blocks_us_stops_everything(bench: Bench) -> None:
    bench.world.portal.faults.overload = True
    with pytest.raises(Blocked):
        await bench.client.changed_deals(bench.long_ago, "")
    assert bench.session.punished[0][1] == "blocked"


async def test_an_unpaid_portal_says_so(bench: Bench) -> None:
    bench.world.portal.faults.unpaid = True
    with pytest.raises(PaymentRequired):
        await bench.client.get_catalog()


async def test_a_portal_that_is_gone_takes_no_token(bench: Bench) -> None:
    bench.session.mint = None
    bench.world.portal.faults.portal_deleted = True
    with pytest.raises(AuthExpired):
        await bench.client.get_catalog()


@pytest.mark.parametrize("down", ["500", "502", "503", "cut"])
async def test_a_portal_that_is_away_is_unavailable(bench: Bench, down: str) -> None:
    bench.world.portal.faults.down = down
    with pytest.raises(Unavailable):
        await bench.client.get_catalog()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_missing_scope_is_told_apart_from_a_dead_token(bench: Bench, status: int) -> None:
    bench.world.portal.faults.scope_status = status
    bench.world.registered.scope.remove("crm")
    with pytest.raises(Unsupported):
        await bench.client.get_catalog()
    assert bench.session.refused == 0


async def test_a_renamed_portal_is_followed_and_told_of(bench: Bench) -> None:
    deal = bench.deal()
    bench.world.portal.faults.moved_to_host = "renamed.example.org"
    environment = environment_of(bench.clock, httpx.ASGITransport(bench.world.app))
    with pytest.raises(Unavailable):
        await bench.client.get_deal(str(deal.id))
    assert bench.session.hosts == []
    trusting = replace(environment, trusted_origins=(ORIGIN, "http://renamed.example.org"))
    client = build(trusting).open_client(bench.session)
    assert (await client.get_deal(str(deal.id))).id == str(deal.id)
    assert bench.session.hosts == ["renamed.example.org"]
    assert (await client.get_deal(str(deal.id))).id == str(deal.id)
    assert bench.session.hosts == ["renamed.example.org"]


async def test_bindings_are_made_once_and_mended(bench: Bench) -> None:
    app = bench.world.registered
    assert await bench.client.ensure_hooks(HOOK) is True
    made, places = len(app.handlers), len(app.placements)
    assert set(NEEDED) <= {row.event for row in app.handlers if row.url == HOOK}
    assert await bench.client.ensure_hooks(HOOK) is False
    app.handlers.pop(0)
    app.placements.pop(0)
    assert await bench.client.ensure_hooks(HOOK) is True
    assert (len(app.handlers), len(app.placements)) == (made, places)


async def test_events_that_a_scope_forbids_are_done_without(bench: Bench) -> None:
    for scope in ("telephony", "task", "placement", "user", "user_brief", "user_basic"):
        if scope in bench.world.registered.scope:
            bench.world.registered.scope.remove(scope)
    assert await bench.client.ensure_hooks(HOOK) is True
    assert set(NEEDED) <= {row.event for row in bench.world.registered.handlers}


async def test_without_the_right_to_the_list_of_people_only_we_are_known(bench: Bench) -> None:
    for scope in ("user", "user_brief", "user_basic"):
        if scope in bench.world.registered.scope:
            bench.world.registered.scope.remove(scope)
    catalog = await bench.client.get_catalog()
    assert [(user.id, user.is_admin) for user in catalog.users] == [(str(bench.world.admin), True)]


async def test_without_its_deals_events_the_portal_is_not_ready(bench: Bench) -> None:
    bench.world.registered.scope[:] = ["placement"]
    with pytest.raises(CrmError):
        await bench.client.ensure_hooks(HOOK)


async def test_records_lead_to_their_deals(bench: Bench) -> None:
    portal, deal = bench.world.portal, bench.deal()
    call = portal.add_call(deal, bench.act(), duration=30)
    loose = portal.add_call(deal, bench.act(), duration=30, contact_only=True)
    comment = portal.add_comment(deal.link, bench.act(), "слово")
    invoice = portal.make_item("Счёт", bench.act(), {"parents": {2: deal.id}}, entity_type_id=INVOICE)
    task = portal.add_task(
        "дело", bench.act(), responsible_id=bench.world.seller, crm=[f"D_{deal.id}", "C_1"]
    )
    client = finder(bench.client)
    for record in (
        f"activity-{call.id}", f"activity-{loose.id}", f"comment-{comment.id}", f"invoice-{invoice.id}",
        f"task-{task.id}",
    ):  # fmt: skip
        assert list(await client.deals_of_record(record)) == [str(deal.id)], record
    for gone in ("activity-99999", "comment-99999", "invoice-99999", "task-99999"):
        assert list(await client.deals_of_record(gone)) == []
    with pytest.raises(Unsupported):
        await client.deals_of_record("moon-1")
    assert await bench.client.deals_of_contact(str(deal.contact_ids[0])) == [str(deal.id)]


@pytest.mark.parametrize("known", ["contactIds", "contactId"])
async def test_one_of_two_filters_by_contact_is_enough(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    first, second = bench.world.client(), bench.world.client()
    deal = bench.world.deal(contact_ids=[first.id, second.id])
    commands = gather.deals_commands

    def older(holder: gather.Holder, **filters: object) -> list[Command]:
        names = {"contactIds": "x1", "contactId": "x2"}
        names.pop(known)
        told = commands(holder, **filters)
        return [
            Command(
                each.method,
                {**each.params, "filter": {names.get(k, k): v for k, v in each.params["filter"].items()}},
            )
            for each in told
        ]

    monkeypatch.setattr(gather, "deals_commands", older)
    assert list(await bench.client.deals_of_contact(str(first.id))) == [str(deal.id)]
    monkeypatch.setattr(
        gather,
        "deals_commands",
        lambda holder, **filters: [Command("crm.item.list", {"entityTypeId": 2, "filter": {"x": 1}})],
    )
    with pytest.raises(Rejected):
        await bench.client.deals_of_contact(str(first.id))


async def test_a_move_back_sends_the_stage_alone(bench: Bench) -> None:
    deal = bench.deal(2, opportunity=500.0, comments="слово")
    before = {name: getattr(deal, name) for name in ("title", "opportunity", "comments", "assigned_by_id")}
    await bench.client.apply(MoveBack(str(deal.id), bench.ref(2), bench.ref(1)), MARK)
    assert deal.stage_id == bench.stages[0]
    assert {name: getattr(deal, name) for name in before} == before


async def test_a_deal_goes_back_into_another_pipeline_too(bench: Bench) -> None:
    deal = bench.deal(2)
    bench.wait()
    category = next(each for each in bench.world.portal.categories.values() if each.name == "Сервис")
    there = StageRef(str(category.id), f"C{category.id}:NEW")
    bench.world.portal.move_item(deal, there.stage_id, bench.act())
    bench.wait()
    command, since = MoveBack(str(deal.id), there, bench.ref(2)), bench.clock.now()
    await bench.client.apply(command, MARK)
    assert (deal.category_id, deal.stage_id) == (0, bench.stages[1])
    assert await bench.client.find_effect(command, MARK, since)


@pytest.mark.parametrize("code", ["0", "-", "ACCESS_DENIED"])
async def test_a_move_back_that_the_portal_refuses_is_refused_for_good(bench: Bench, code: str) -> None:
    bench.world.portal.faults.refused_move_code = code
    deal = bench.deal(2)
    bench.world.portal.users[bench.world.admin].is_admin = False
    bench.world.portal.users[bench.world.admin].refused_stages.add(bench.stages[0])
    with pytest.raises((Rejected, Unsupported)):
        await bench.client.apply(MoveBack(str(deal.id), bench.ref(2), bench.ref(1)), MARK)
    assert deal.stage_id == bench.stages[1]


async def test_a_required_field_of_the_earlier_stage_refuses_the_move_back(bench: Bench) -> None:
    deal = bench.deal(2)
    bench.world.portal.stages[2, bench.stages[0]].required.append("opportunity")
    with pytest.raises(Rejected) as caught:
        await bench.client.apply(MoveBack(str(deal.id), bench.ref(2), bench.ref(1)), MARK)
    assert "required" in caught.value.vendor_text.lower()


async def test_a_deal_that_is_gone_is_not_found(bench: Bench) -> None:
    deal = bench.deal(2)
    bench.world.portal.delete_item(deal, bench.act())
    with pytest.raises(NotFound):
        await bench.client.apply(MoveBack(str(deal.id), bench.ref(2), bench.ref(1)), MARK)


async def test_a_person_s_same_move_is_not_taken_for_ours(bench: Bench) -> None:
    deal = bench.deal(2)
    bench.wait()
    since = bench.clock.now()
    bench.move(deal, 1)
    command = MoveBack(str(deal.id), bench.ref(2), bench.ref(1))
    assert await bench.client.find_effect(command, MARK, since) is None
    with pytest.raises(StageMismatch):
        await bench.client.apply(command, MARK)


async def test_a_note_is_told_to_whoever_leads_the_deal_once(bench: Bench) -> None:
    deal = bench.deal()
    for _ in range(2):
        await bench.client.apply(AddNote(str(deal.id), f"Осталось: бриф\n{MARK}"), MARK)
    notices = list(bench.world.portal.notifications.values())
    assert [(notice.user_id, notice.tag) for notice in notices] == [(bench.world.seller, MARK)]
    assert "Осталось: бриф" in notices[0].text
    assert MARK not in notices[0].text


async def test_a_note_stays_when_nobody_can_be_notified(bench: Bench) -> None:
    deal = bench.deal()
    bench.world.registered.scope.remove("im")
    assert (await bench.client.apply(AddNote(str(deal.id), f"x\n{MARK}"), MARK)).ref


async def test_a_task_is_the_deal_s_to_do_for_the_right_person(bench: Bench) -> None:
    deal, due = bench.deal(), bench.clock.now() + timedelta(days=1)
    applied = await bench.client.apply(
        AddTask(str(deal.id), f"Помочь клиенту\n{MARK}", str(bench.world.admin), due), MARK
    )
    activity = bench.world.portal.activities[int(applied.ref)]
    assert (activity.provider_id, activity.responsible_id) == ("CRM_TODO", bench.world.admin)
    assert activity.deadline == pytest.approx(due.timestamp(), abs=1)
    assert activity.subject == "Помочь клиенту"


async def test_a_tag_is_one_entry_with_a_badge_however_often_it_is_set(bench: Bench) -> None:
    deal = bench.deal()
    first = await bench.client.apply(AddTag(str(deal.id), "нужен шаг клиента"), MARK)
    again = await bench.client.apply(AddTag(str(deal.id), "нужен шаг клиента"), MARK)
    assert first.ref == again.ref
    activity = bench.world.portal.activities[int(first.ref)]
    assert bench.world.registered.badges[activity.badge_code]["value"] == "нужен шаг клиента"


async def test_the_entry_says_in_words_what_the_client_has_yet_to_do(bench: Bench) -> None:
    deal = bench.deal()
    told = "Помочь клиенту сделать шаг: «Открыть коммерческое предложение». " + "Подойдёт звонок. " * 40
    applied = await bench.client.apply(AddTag(str(deal.id), "нужен шаг клиента", told), MARK)
    layout: Any = bench.world.portal.activities[int(applied.ref)].layout
    blocks = layout["body"]["blocks"]
    said = blocks["missing"]["properties"]["value"]
    assert blocks["tag"]["properties"]["value"] == "нужен шаг клиента"
    assert said.startswith("Помочь клиенту сделать шаг: «Открыть коммерческое предложение».")
    assert said.endswith("…")
    assert len(said) <= WORDS_LIMIT


async def test_an_ordinary_person_s_token_makes_the_entry_without_a_badge(bench: Bench) -> None:
    deal = bench.deal()
    bench.session.token = bench.world.token_of(bench.world.seller)
    applied = await bench.client.apply(AddTag(str(deal.id), "нужен шаг клиента"), MARK)
    assert bench.world.portal.activities[int(applied.ref)].badge_code == ""


async def test_nobody_is_asked_on_behalf_of_another(bench: Bench) -> None:
    deal = bench.deal()
    with pytest.raises(Unsupported):
        await bench.client.can_read(str(bench.world.seller), str(deal.id))


async def test_one_deal_costs_few_calls(bench: Bench) -> None:
    deal = bench.deal()
    bench.world.portal.add_call(deal, bench.act(), duration=30)
    bench.world.portal.add_message(deal, bench.act(), "да", incoming=True)
    await bench.client.deal_log(str(deal.id), "")
    bench.session.admitted.clear()
    await bench.client.deal_log(str(deal.id), "")
    assert len(bench.session.admitted) <= 3


async def test_a_change_by_a_robot_of_ours_is_read_with_a_fresh_client(bench: Bench) -> None:
    deal = bench.deal()
    bench.world.portal.update_item(deal, {"stage_id": bench.stages[2]}, Act(origin="robot"))
    session = FakeSession(bench.session.account, [bench.world.grant.access])
    client = bench.adapter.open_client(session)
    assert (await client.get_deal(str(deal.id))).stage == bench.ref(3)
    await client.close()
    assert session.account.host == HOST
