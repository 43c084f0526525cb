"""The client against the account's moods: tokens, limits, bans, rights, hooks, writes."""

from datetime import timedelta

import pytest

from app.crm.errors import (
    AuthExpired,
    Blocked,
    NotFound,
    PaymentRequired,
    RateLimited,
    Rejected,
    Unavailable,
    Unknown,
    Unsupported,
)
from app.crm.port import StageMismatch
from app.domain.evidence import EvidenceKind
from app.domain.stage import StageRef
from app.domain.writeback import AddNote, AddTask, MoveBack
from tests.crm.amocrm.kit import Bench

HOOK = "http://product.example.org/hooks/amocrm/key"
MARK = "#ref:1f3a9c07"


async def calls_of(bench: Bench, deal_id: int) -> list[int]:
    """Lengths of the calls that count for a deal."""
    log = await bench.client.deal_log(str(deal_id), "")
    return [fact.seconds for fact in log.evidence if fact.kind is EvidenceKind.CALL]


async def test_a_refused_token_is_exchanged_once_and_the_call_repeated(bench: Bench) -> None:
    lead = bench.lead(1)
    bench.session.tokens.insert(0, "stale")
    assert (await bench.client.get_deal(str(lead.id))).id == str(lead.id)
    assert bench.session.refused == 1
    assert bench.session.admitted == [1, 1]


async def test_without_another_token_the_refusal_stands(bench: Bench) -> None:
    bench.world.account.faults.tokens_revoked = True
    with pytest.raises(AuthExpired):
        await bench.client.get_deal("5")


async def test_a_fresh_token_that_is_refused_too_is_an_address_that_is_wrong(bench: Bench) -> None:
    bench.session.tokens[:] = ["stale", "stale too"]
    with pytest.raises(Unavailable):
        await bench.client.get_deal("5")


@pytest.mark.parametrize("html", [False, True])
async def test_too_many_calls_stop_the_whole_account_for_a_while(bench: Bench, html: bool) -> None:
    faults = bench.world.account.faults
    faults.rate_limit, faults.html_429, faults.integration_rps = True, html, 1
    await bench.client.get_deal(str(bench.lead(1).id))
    with pytest.raises(RateLimited):
        await bench.client.get_deal("5")
    assert bench.session.punished == [(300.0, "rate_limited")]


async def test_a_ban_stops_the_account_and_is_told(bench: Bench) -> None:
    bench.world.account.faults.ip_ban = True
    with pytest.raises(Blocked):
        await bench.client.get_catalog()
    assert bench.session.punished == [(60.0, "blocked")]


async def test_an_unpaid_account_is_told_as_such(bench: Bench) -> None:
    lead = bench.lead(1)
    bench.world.account.faults.unpaid = "writes"
    assert (await bench.client.get_deal(str(lead.id))).id == str(lead.id)
    with pytest.raises(PaymentRequired):
        await bench.client.apply(AddNote(str(lead.id), "x"), MARK)


async def test_whether_a_person_may_see_a_deal_is_asked_with_his_rights(bench: Bench) -> None:
    lead = bench.lead(1)
    see = bench.client.can_read
    assert await see(str(bench.world.seller), str(lead.id))
    assert not await see(str(bench.world.seller), "1")
    bench.world.account.delete_lead(lead.id, by=bench.world.seller)
    assert not await see(str(bench.world.seller), str(lead.id))


async def test_an_unknown_person_does_not_cost_us_the_token(bench: Bench) -> None:
    lead = bench.lead(1)
    assert not await bench.client.can_read("999999", str(lead.id))
    assert bench.session.refused == 0


async def test_a_dead_token_is_not_taken_for_a_person_without_rights(bench: Bench) -> None:
    bench.world.account.faults.tokens_revoked = True
    with pytest.raises(AuthExpired):
        await bench.client.can_read(str(bench.world.seller), "5")


async def test_a_limit_or_a_ban_is_not_taken_for_a_person_without_rights(bench: Bench) -> None:
    deal_id, faults = str(bench.lead(1).id), bench.world.account.faults
    await bench.client.get_deal(deal_id)
    faults.ip_ban = True
    with pytest.raises(Blocked):
        await bench.client.can_read(str(bench.world.seller), deal_id)


@pytest.mark.parametrize("status", [401, 404])
async def test_an_account_that_moved_is_no_account_without_deals(bench: Bench, status: int) -> None:
    faults = bench.world.account.faults
    faults.moved_to_host, faults.moved_status = "newname.amocrm.ru", status
    bench.session.tokens.append(bench.session.tokens[0])
    with pytest.raises(Unavailable):
        await bench.client.get_deal("5")
    assert bench.session.refused == 1


async def test_hooks_are_subscribed_once(bench: Bench) -> None:
    assert await bench.client.ensure_hooks(HOOK)
    assert not await bench.client.ensure_hooks(HOOK)
    (hook,) = bench.world.account.hooks.values()
    assert {"add_lead", "status_lead", "note_lead", "note_contact", "update_task"} <= set(hook.settings)


async def test_a_hook_that_was_switched_off_is_made_anew(bench: Bench) -> None:
    await bench.client.ensure_hooks(HOOK)
    (hook,) = bench.world.account.hooks.values()
    hook.disabled = True
    assert await bench.client.ensure_hooks(HOOK)
    (again,) = bench.world.account.hooks.values()
    assert not again.disabled


async def test_a_hook_that_lacks_events_gets_them(bench: Bench) -> None:
    await bench.world.subscribe(["add_lead"], HOOK)
    assert await bench.client.ensure_hooks(HOOK)
    assert not await bench.client.ensure_hooks(HOOK)


@pytest.mark.parametrize("status", [200, 201])
async def test_an_account_that_wants_a_trailing_slash_gets_one(bench: Bench, status: int) -> None:
    faults = bench.world.account.faults
    faults.trailing_slash_required, faults.webhook_created_status = True, status
    assert await bench.client.ensure_hooks(HOOK)
    assert not await bench.client.ensure_hooks(HOOK)
    (hook,) = bench.world.account.hooks.values()
    assert hook.destination == f"{HOOK}/"


async def test_an_address_that_the_account_does_not_take_is_refused(bench: Bench) -> None:
    with pytest.raises(Rejected):
        await bench.client.ensure_hooks("http://пример.рф/hooks")


async def test_people_are_read_with_an_administrator_s_token_only(bench: Bench) -> None:
    account = bench.world.account
    bench.session.tokens[:] = [
        account.integrations.long_lived(bench.world.integration, bench.world.seller, 1e6)
    ]
    with pytest.raises(Unsupported):
        await bench.client.get_catalog()


async def test_a_deal_is_never_put_into_the_unsorted_stage(bench: Bench) -> None:
    lead = bench.lead(2)
    with pytest.raises(Rejected):
        await bench.client.apply(MoveBack(str(lead.id), bench.ref(2), bench.ref(0)), MARK)
    assert lead.status_id == bench.world.stages[2]


async def test_a_lost_deal_comes_back_without_its_reason(bench: Bench) -> None:
    account = bench.world.account
    lead = bench.lead(2)
    reason = account.add_loss_reason("Дорого")
    account.move_lead(lead.id, 143, by=bench.world.seller, loss_reason_id=reason.id)
    lost = StageRef(str(bench.world.line), "143")
    await bench.client.apply(MoveBack(str(lead.id), lost, bench.ref(2)), MARK)
    assert (lead.status_id, lead.loss_reason_id) == (bench.world.stages[2], None)


async def test_a_move_back_names_the_pipeline_for_won_and_lost_repeat(bench: Bench) -> None:
    account = bench.world.account
    other = next(line for line in account.pipelines.values() if line.id != bench.world.line)
    lead = bench.lead(2)
    account.move_lead(lead.id, 142, other.id, by=bench.world.seller)
    won = StageRef(str(bench.world.line), "142")
    with pytest.raises(StageMismatch):
        await bench.client.apply(MoveBack(str(lead.id), won, bench.ref(2)), MARK)


async def test_our_moves_are_signed_as_a_robot_s_and_change_nothing_else(bench: Bench) -> None:
    lead = bench.lead(1, price=500, tags=["опт"])
    bench.wait()
    bench.move(lead, 2)
    bench.wait()
    await bench.client.apply(MoveBack(str(lead.id), bench.ref(2), bench.ref(1)), MARK)
    log = await bench.client.deal_log(str(lead.id), "")
    assert log.moves[-1].actor_id == ""
    assert log.deal is not None
    assert (log.deal.price, set(log.deal.tags)) == (500, {"опт"})


async def test_a_person_s_own_move_back_is_not_taken_for_ours(bench: Bench) -> None:
    lead = bench.lead(2)
    bench.wait()
    since = bench.clock.now()
    bench.move(lead, 1)
    assert (
        await bench.client.find_effect(MoveBack(str(lead.id), bench.ref(2), bench.ref(1)), MARK, since)
        is None
    )


async def test_a_deal_that_is_gone_takes_no_writes(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.client.apply(MoveBack("1", bench.ref(2), bench.ref(1)), MARK)


async def test_notes_and_tasks_say_who_writes_and_for_whom(bench: Bench) -> None:
    lead = bench.lead(1)
    due = bench.clock.now() + timedelta(days=1)
    note = await bench.client.apply(AddNote(str(lead.id), f"Текст\n{MARK}"), MARK)
    task = await bench.client.apply(AddTask(str(lead.id), "Позвонить", str(bench.world.seller), due), MARK)
    written = bench.world.account.notes[int(note.ref)]
    assert written.note_type == "extended_service_message"
    assert written.params == {"service": "Stepgate", "text": f"Текст\n{MARK}"}
    made = bench.world.account.tasks[int(task.ref)]
    assert made.responsible_user_id == bench.world.seller
    assert made.text.endswith(MARK)
    assert made.complete_till == int(due.timestamp())


async def test_our_own_notes_and_tasks_prove_nothing(bench: Bench) -> None:
    lead = bench.lead(1)
    due = bench.clock.now() + timedelta(days=1)
    await bench.client.apply(AddNote(str(lead.id), f"Текст\n{MARK}"), MARK)
    task = await bench.client.apply(AddTask(str(lead.id), f"Позвонить\n{MARK}", "", due), MARK)
    bench.world.account.complete_task(int(task.ref), "Сделано", by=bench.world.seller)
    assert (await bench.client.deal_log(str(lead.id), "")).evidence == ()


@pytest.mark.parametrize("mode", ["504", "cut"])
async def test_a_write_whose_answer_was_lost_is_unknown(bench: Bench, mode: str) -> None:
    lead = bench.lead(1)
    bench.world.account.faults.lost_write_rate, bench.world.account.faults.lost_write_mode = 1.0, mode
    with pytest.raises(Unknown):
        await bench.client.apply(AddNote(str(lead.id), MARK), MARK)


async def test_a_call_lands_on_the_contact_when_he_has_two_open_deals_and_proves_nothing(
    bench: Bench,
) -> None:
    contact = bench.contact()
    first = bench.lead(1, contact_ids=[contact.id])
    second = bench.lead(1, contact_ids=[contact.id])
    bench.wait()
    bench.world.account.client_call(first.id, duration=90)
    assert await calls_of(bench, first.id) == await calls_of(bench, second.id) == []


async def test_a_call_on_a_contact_counts_for_the_deal_that_was_open_then(bench: Bench) -> None:
    contact = bench.contact()
    closed = bench.lead(1, contact_ids=[contact.id])
    bench.wait()
    bench.world.account.move_lead(closed.id, 142, by=bench.world.seller)
    bench.wait()
    lead = bench.lead(1, contact_ids=[contact.id])
    bench.wait()
    bench.world.account.add_call("contacts", contact.id, direction="inbound", duration=75, by=0)
    assert await calls_of(bench, lead.id) == [75]
    assert await calls_of(bench, closed.id) == []


async def test_a_call_right_before_a_deal_was_made_counts_for_it(bench: Bench) -> None:
    contact = bench.contact()
    bench.world.account.add_call("contacts", contact.id, direction="inbound", duration=75, by=0)
    bench.wait(600)
    lead = bench.lead(1, contact_ids=[contact.id])
    bench.wait(600)
    assert await calls_of(bench, lead.id) == [75]


async def test_a_contact_linked_later_is_read_from_its_beginning(bench: Bench) -> None:
    contact, lead = bench.contact(), bench.lead(1)
    bench.wait()
    bench.world.account.add_call("contacts", contact.id, direction="inbound", duration=75, by=0)
    bench.wait(86_400)
    first = await bench.client.deal_log(str(lead.id), "")
    bench.world.account.link_contact(lead.id, contact.id, by=bench.world.seller)
    bench.wait(600)
    second = await bench.client.deal_log(str(lead.id), first.cursor)
    assert [fact.seconds for fact in second.evidence if fact.kind is EvidenceKind.CALL] == [75]


async def test_the_cursor_of_a_deal_with_many_contacts_fits_its_column(bench: Bench) -> None:
    contacts = [bench.contact(f"К{number}", f"+7999000{number:04}").id for number in range(14)]
    lead = bench.lead(1, contact_ids=contacts)
    assert len((await bench.client.deal_log(str(lead.id), "")).cursor) <= 64


async def test_a_birth_is_told_only_when_its_first_move_can_no_longer_be_hidden(bench: Bench) -> None:
    bench.world.account.faults.event_log_lag = 30
    lead = bench.lead(1, tags=["опт"])
    bench.wait(5)
    bench.move(lead, 2)
    bench.wait(28)
    early = await bench.client.deal_log(str(lead.id), "")
    assert (early.moves, early.evidence, early.cursor) == ((), (), "")
    bench.wait(600)
    late = await bench.client.deal_log(str(lead.id), early.cursor)
    assert [move.to_stage for move in late.moves] == [bench.ref(1), bench.ref(2)]
    assert [fact.subject for fact in late.evidence] == ["опт"]


async def test_changes_of_contacts_and_tasks_lead_to_their_deals(bench: Bench) -> None:
    contact = bench.contact()
    lead, other = bench.lead(1, contact_ids=[contact.id]), bench.lead(1)
    task = bench.world.account.add_task(
        "leads", other.id, "Позвонить", complete_till=int(bench.world.clock.now()) + 60, by=bench.world.seller
    )
    bench.wait(3600)
    since = bench.clock.now()
    bench.wait(1)
    bench.world.account.add_call("contacts", contact.id, direction="inbound", duration=75, by=0)
    bench.world.account.complete_task(task.id, "Договорились", by=bench.world.seller)
    page = await bench.client.changed_deals(since, "")
    assert set(page.items) == {str(lead.id), str(other.id)}


async def test_changes_of_many_pages_are_read_to_the_end(bench: Bench) -> None:
    since = bench.clock.now()
    leads = {str(bench.lead(1).id) for _ in range(230)}
    found, cursor = set[str](), ""
    for _ in range(5):
        page = await bench.client.changed_deals(since, cursor)
        found.update(page.items)
        cursor = page.cursor
        if not cursor:
            break
    assert found == leads


async def test_the_open_deals_of_a_contact_are_found_without_the_paid_filter(bench: Bench) -> None:
    contact = bench.contact()
    leads = [bench.lead(1, contact_ids=[contact.id]) for _ in range(4)]
    bench.world.account.move_lead(leads[0].id, 142, by=bench.world.seller)
    bench.world.account.delete_lead(leads[1].id, by=bench.world.seller)
    open_ids = {str(leads[2].id), str(leads[3].id)}
    assert set(await bench.client.deals_of_contact(str(contact.id))) == open_ids
    bench.world.account.faults.filter_paid = False
    assert set(await bench.client.deals_of_contact(str(contact.id))) == open_ids
    bench.world.account.faults.unpaid_filter_mode = "refuse"
    assert set(await bench.client.deals_of_contact(str(contact.id))) == open_ids
    assert await bench.client.deals_of_contact("1") == []


async def test_fields_of_a_deal_are_read_with_their_choices(bench: Bench) -> None:
    field = bench.world.account.add_field("leads", "Тип клиента", "select", enums=["Срочно", "Выбирают"])
    found = [item for item in (await bench.client.get_catalog()).fields if item.id == str(field.id)]
    assert [(item.title, item.kind) for item in found] == [("Тип клиента", "choice")]
    assert [label for _, label in found[0].options] == ["Срочно", "Выбирают"]


async def test_a_hook_address_that_only_lacks_its_slash_is_found_as_ours(bench: Bench) -> None:
    bench.world.account.faults.trailing_slash_required = True
    await bench.client.ensure_hooks(HOOK)
    (hook,) = bench.world.account.hooks.values()
    hook.disabled = True
    assert await bench.client.ensure_hooks(HOOK)
    assert [again.disabled for again in bench.world.account.hooks.values()] == [False]


@pytest.mark.parametrize("lag", [0.0, 1.4, 5.0])
async def test_a_deal_moved_within_its_first_second_was_made_in_its_first_stage(
    bench: Bench, lag: float
) -> None:
    bench.world.account.faults.event_log_lag = lag
    lead = bench.lead(1)
    bench.wait(0.4)
    bench.move(lead, 3)
    bench.wait(lag - 0.3 if lag else 0.1)
    log = await bench.client.deal_log(str(lead.id), "")
    again = await bench.client.deal_log(str(lead.id), log.cursor)
    told = {move.log_id: (move.from_stage, move.to_stage) for move in (*log.moves, *again.moves)}
    assert set(told.values()) == {(None, bench.ref(1)), (bench.ref(1), bench.ref(3))}


async def test_a_deal_that_moves_while_it_is_read_is_not_said_to_be_made_there(bench: Bench) -> None:
    bench.world.account.faults.event_log_lag = 30.0
    lead = bench.lead(1)
    bench.wait(30)

    async def sleep(seconds: float) -> None:
        bench.wait(seconds)
        bench.move(lead, 3)

    bench.clock.sleep = sleep  # type: ignore[method-assign]
    log = await bench.client.deal_log(str(lead.id), "")
    assert log.deal is not None
    assert (log.deal.stage, log.moves, log.cursor) == (bench.ref(3), (), "")


async def test_a_deal_made_straight_into_a_stage_is_told_after_a_second_look(bench: Bench) -> None:
    lead = bench.lead(3)
    log = await bench.client.deal_log(str(lead.id), "")
    assert [(move.from_stage, move.to_stage) for move in log.moves] == [(None, bench.ref(3))]
