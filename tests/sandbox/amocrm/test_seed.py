"""The seeded account: believable, reproducible, and ready for the story of the demo."""

from collections import Counter

import pytest

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import LOST, WON
from app.sandbox.amocrm.seed import DAYS, STORY_LEAD, seed

NOW = 1_792_000_000.0


def grown(number: int) -> Account:
    account = Account.empty()
    seed(account, number, NOW)
    return account


@pytest.fixture(scope="module")
def account() -> Account:
    return grown(1)


def test_the_same_number_gives_the_same_account(account: Account) -> None:
    again = grown(1)
    told = [(event.type, event.entity_id, event.created_at) for event in account.journal.all()]
    assert told == [(event.type, event.entity_id, event.created_at) for event in again.journal.all()]
    assert [lead.name for lead in account.leads.values()] == [lead.name for lead in again.leads.values()]


def test_another_number_gives_another_account(account: Account) -> None:
    assert [lead.name for lead in grown(2).leads.values()] != [lead.name for lead in account.leads.values()]


def test_nothing_happens_before_the_180_days_or_in_the_future(account: Account) -> None:
    times = [event.created_at for event in account.journal.all()]
    assert min(times) >= NOW - (DAYS + 4) * 86_400
    assert max(times) <= NOW


def test_it_has_1500_leads_six_managers_and_three_kinds_of_client(account: Account) -> None:
    assert 1_480 <= len(account.leads) <= 1_520
    kinds = Counter(
        str(values[0]["value"])
        for lead in account.leads.values()
        for key, values in lead.fields.items()
        if account.fields[key].name == "Тип клиента"
    )
    assert set(kinds) == {"Срочно", "Выбирает", "Тендер"}
    assert sum(user.is_active and not user.is_admin for user in account.users.values()) == 6


def test_deals_are_won_and_lost_and_some_lost_without_a_reason(account: Account) -> None:
    ends = Counter(lead.status_id for lead in account.leads.values())
    assert ends[WON] > 200
    assert ends[LOST] > 400
    assert any(lead.status_id == LOST and lead.loss_reason_id is None for lead in account.leads.values())


def test_managers_run_ahead_of_their_clients(account: Account) -> None:
    """A deal under «КП отправлено» without any client's word since its requirements."""
    offered = next(
        status.id
        for line in account.pipelines.values()
        for status in line.statuses.values()
        if status.name == "КП отправлено"
    )
    silent = 0
    for lead in account.leads.values():
        moves = [
            event for event in account.journal.of("lead", lead.id) if event.type == "lead_status_changed"
        ]
        reached = any(offered == event.value_after[0]["lead_status"]["id"] for event in moves)  # type: ignore[index]
        wrote = any(
            event.type in ("incoming_chat_message", "incoming_mail")
            for event in account.journal.of("lead", lead.id)
        )
        silent += reached and not wrote
    assert silent > 30


def test_the_lead_of_the_story_waits_for_a_proposal(account: Account) -> None:
    lead = next(lead for lead in account.leads.values() if lead.name == STORY_LEAD)
    assert account.pipelines[lead.pipeline_id].statuses[lead.status_id].name == "Классификация"
    assert account.open_leads_of(account.contacts[lead.contact_ids[0]]) == [lead.id]
    acts = [event for event in account.journal.of("lead", lead.id) if event.type != "lead_status_changed"]
    assert acts[-1].type.startswith("custom_field")
