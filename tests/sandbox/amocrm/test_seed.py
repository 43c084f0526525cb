"""The seeded account: believable, complete, dirty where it should be, and the same each time."""

import random
from collections import Counter

import pytest

from app.sandbox import seed_story
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.ids import milliseconds
from app.sandbox.amocrm.model import LOST, WON, Event, Lead
from app.sandbox.amocrm.seed import DAYS, LEADS, STORY_LEAD, seed
from app.sandbox.amocrm.seed_office import open_office
from app.sandbox.seed_course import World
from app.sandbox.seed_office import CHOOSING, QUALIFIED, SENT, TENDER, URGENT

NOW = 1_795_000_000.0
DAY = 86_400
CLIENT_ACTS = {"incoming_call", "incoming_chat_message", "incoming_mail"}


def grown(number: int) -> Account:
    account = Account.empty()
    seed(account, number, NOW)
    return account


@pytest.fixture(scope="module")
def account() -> Account:
    return grown(1)


def kind_of(account: Account, lead: Lead) -> object:
    field = next(item for item in account.fields.values() if item.name == "Тип клиента")
    values = lead.fields.get(field.id)
    return values[0]["value"] if values else None


def story_of(account: Account) -> Lead:
    return next(lead for lead in account.leads.values() if lead.name == STORY_LEAD)


def moves_into(account: Account, stage: str) -> list[Event]:
    ids = {
        status.id
        for line in account.pipelines.values()
        for status in line.statuses.values()
        if status.name == stage
    }
    return [
        event
        for event in account.journal.all()
        if event.type == "lead_status_changed" and stage_id(event) in ids
    ]


def stage_id(event: Event) -> object:
    status = event.value_after[0]["lead_status"]
    assert isinstance(status, dict)
    return status["id"]


def test_the_account_has_its_leads_people_and_pipelines(account: Account) -> None:
    assert len(account.leads) == LEADS
    assert [line.name for line in account.pipelines.values()] == ["Продажи", "Повторные продажи"]
    assert sum(user.is_admin for user in account.users.values()) == 1
    assert len([user for user in account.users.values() if user.is_active]) == 8


def test_the_past_is_half_a_year_long_and_ends_now(account: Account) -> None:
    moments = [milliseconds(event.id) / 1000 for event in account.journal.all()]
    assert NOW - DAYS * DAY <= min(moments) < NOW - (DAYS - 2) * DAY
    assert NOW - DAY < max(moments) <= NOW


def test_the_same_number_gives_the_same_account(account: Account) -> None:
    again = grown(1)
    assert again.journal.all() == account.journal.all()
    assert again.leads == account.leads
    assert again.notes == account.notes


def test_another_number_gives_another_account_and_no_listener_hears_of_it(account: Account) -> None:
    other = Account.empty()
    heard: list[object] = []
    other.listeners.append(heard.append)
    seed(other, 2, NOW)
    assert heard == []
    assert [lead.name for lead in other.leads.values()] != [lead.name for lead in account.leads.values()]


def test_the_three_kinds_of_client_take_different_times(account: Account) -> None:
    days: dict[object, list[float]] = {URGENT: [], CHOOSING: [], TENDER: []}
    for lead in account.leads.values():
        if lead.status_id == WON and lead.closed_at and kind_of(account, lead) in days:
            days[kind_of(account, lead)].append((lead.closed_at - lead.created_at) / DAY)
    medians = [sorted(days[kind])[len(days[kind]) // 2] for kind in (URGENT, CHOOSING, TENDER)]
    assert medians[0] < 4 < medians[1] < 40 < medians[2]


def test_sellers_differ_in_what_they_win(account: Account) -> None:
    won = Counter(lead.responsible_user_id for lead in account.leads.values() if lead.status_id == WON)
    rates = sorted(won[user.id] for user in account.users.values() if won[user.id] > 20)
    assert rates[-1] > 2 * rates[0]


def test_stages_say_more_than_clients_did(account: Account) -> None:
    sent = moves_into(account, SENT)
    silent = [move for move in sent if not reacted_after(account, move)]
    assert 0.15 < len(silent) / len(sent) < 0.6


def reacted_after(account: Account, move: Event) -> bool:
    return any(
        event.type in CLIENT_ACTS and event.id > move.id
        for event in account.journal.of("lead", move.entity_id)
    )


def test_nothing_of_the_seller_happens_at_night(account: Account) -> None:
    hours = Counter(
        (event.created_at // 3600 + 3) % 24
        for event in account.journal.all()
        if event.type == "outgoing_call"
    )
    assert sum(hours[hour] for hour in (0, 1, 2, 3, 4, 5, 6, 7)) == 0


def test_records_are_dirty_where_real_ones_are(account: Account) -> None:
    leads = account.leads.values()
    lost = [lead for lead in leads if lead.status_id == LOST]
    dismissed = {user.id for user in account.users.values() if not user.is_active}
    assert any(lead.name == "" for lead in leads)
    assert any(lead.price == 0 for lead in leads)
    assert any(kind_of(account, lead) is None for lead in leads)
    assert any(not lead.contact_ids for lead in leads)
    assert any(lead.is_deleted for lead in leads)
    assert any(lead.loss_reason_id is None for lead in lost)
    assert any(lead.responsible_user_id in dismissed for lead in leads)
    assert any(
        before_is_closed(event) for event in account.journal.all() if event.type == "lead_status_changed"
    )


def before_is_closed(event: Event) -> bool:
    status = event.value_before[0]["lead_status"]
    assert isinstance(status, dict)
    return status["id"] in {WON, LOST}


def test_old_moves_name_a_stage_that_was_deleted(account: Account) -> None:
    known = {number for line in account.pipelines.values() for number in line.statuses}
    gone = {stage_id(event) for event in account.journal.all() if event.type == "lead_status_changed"} - known
    assert len(gone) == 1


def test_some_calls_land_on_the_contact(account: Account) -> None:
    calls = Counter(
        note.entity for note in account.notes.values() if note.note_type in {"call_in", "call_out"}
    )
    assert calls["contacts"] > 20
    assert calls["leads"] > calls["contacts"]


def test_deals_are_lost_for_the_reasons_that_sellers_write_down(account: Account) -> None:
    reasons = Counter(
        account.loss_reasons[lead.loss_reason_id].name
        for lead in account.leads.values()
        if lead.loss_reason_id
    )
    assert reasons["Дорого"] > 50
    assert len(reasons) >= 5


def test_the_lead_of_the_story_waits_for_its_offer(account: Account) -> None:
    lead = story_of(account)
    stage = account.pipelines[lead.pipeline_id].statuses[lead.status_id]
    assert stage.name == QUALIFIED
    events = account.journal.of("lead", lead.id)
    entered = max(event.id for event in events if event.type == "lead_status_changed")
    assert not [
        event for event in events if event.type in CLIENT_ACTS | {"outgoing_mail"} and event.id > entered
    ]
    in_stage = [other for other in account.leads.values() if other.status_id == lead.status_id]
    assert max(in_stage, key=lambda other: other.stage_since) is lead
    assert account.open_leads_of(account.contacts[lead.contact_ids[0]]) == [lead.id]


def test_a_call_of_the_storys_client_lands_on_its_lead() -> None:
    account = Account.empty()
    lead = seed_story.tell_story(World(account, open_office(account), random.Random(1), NOW))
    note = account.client_call(lead.id, duration=120)
    assert (note.entity, note.entity_id, note.note_type) == ("leads", lead.id, "call_in")
    assert note.params["duration"] == 120
    assert [event.type for event in account.journal.of("lead", lead.id)].count("incoming_call") == 1
