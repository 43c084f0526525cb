"""The account itself: silent seeding, the order of its log, and what it refuses."""

import pytest

from app.sandbox.amocrm.model import Refused
from tests.sandbox.amocrm.world import World


async def test_silent_changes_fill_the_log_but_tell_nobody(world: World) -> None:
    await world.subscribe()
    told: list[str] = []
    world.account.listeners.append(lambda notice: told.append(notice.code))
    with world.account.silent():
        lead = world.lead()
        world.account.move_lead(lead.id, world.stages[2], by=world.seller)
    assert len(world.account.journal) == 2
    assert (await world.hooks(), told) == ([], [])
    world.account.faults.event_log_lag = 60
    with world.account.silent():
        world.lead()
    assert all(event.visible_at == 0 for event in world.account.journal.all())


async def test_events_written_in_any_order_are_read_in_the_order_of_their_time(world: World) -> None:
    now = world.clock.now()
    lead = world.lead(at=now - 100)
    for step, age in ((3, 10), (2, 50), (1, 0)):
        world.account.move_lead(lead.id, world.stages[step], by=world.seller, at=now - age)
    times = [event.created_at for event in world.account.journal.all()]
    assert times == sorted(times)
    found = world.account.journal.between(int(now) - 60, int(now) - 5)
    assert [int(now) - event.created_at for event in found] == [50, 10]
    assert [event.created_at for event in world.account.journal.of("lead", lead.id)] == times


async def test_a_record_s_time_never_runs_backwards(world: World) -> None:
    lead = world.lead()
    before = lead.updated_at
    world.account.move_lead(lead.id, world.stages[2], by=world.seller, at=world.clock.now() - 500)
    assert lead.updated_at == before


async def test_an_action_of_several_changes_is_told_once_and_a_move_swallows_its_update(world: World) -> None:
    lead = world.lead()
    told: list[str] = []
    world.account.listeners.append(lambda notice: told.append(notice.code))
    with world.account.batch(), world.account.batch():
        world.account.edit_lead(lead.id, by=world.seller, name="Другая", price=5)
        world.account.move_lead(lead.id, world.stages[2], by=world.seller)
        world.account.add_tag("leads", lead.id, "срочно", by=world.seller)
    assert told == ["status_lead"]


async def test_142_and_143_repeat_in_every_pipeline_and_other_ids_do_not(world: World) -> None:
    first, second = (set(line.statuses) for line in world.account.pipelines.values())
    assert first & second == {142, 143}


def test_a_pipeline_holds_at_most_a_hundred_statuses(world: World) -> None:
    world.account.add_pipeline("Полная", [str(number) for number in range(97)])
    with pytest.raises(Refused, match="100"):
        world.account.add_pipeline("Лишняя", [str(number) for number in range(98)])


async def test_a_merged_lead_hands_its_contacts_over(world: World) -> None:
    person = world.account.create_contact(name="Иван")
    kept, gone = world.lead(), world.lead(contact_ids=[person.id])
    world.account.merge_leads(kept.id, [gone.id], by=world.seller)
    assert kept.contact_ids == [person.id]
    assert world.account.open_leads_of(person) == [kept.id]
    with pytest.raises(Refused):
        world.account.move_lead(gone.id, world.stages[2], by=world.seller)


async def test_a_restored_lead_stands_where_it_stood(world: World) -> None:
    lead = world.lead(stage=2)
    world.account.delete_lead(lead.id, by=world.seller)
    world.account.restore_lead(lead.id, by=world.seller)
    assert (lead.is_deleted, lead.status_id) == (False, world.stages[2])
    with pytest.raises(Refused):
        world.account.restore_lead(lead.id, by=world.seller)


async def test_a_call_without_a_phone_of_the_client_stays_on_the_lead(world: World) -> None:
    lead = world.lead()
    note = world.account.client_call(lead.id, duration=0)
    assert (note.entity, note.entity_id, note.params["call_status"]) == ("leads", lead.id, 6)


async def test_a_changed_phone_number_is_found_and_the_old_one_is_not(world: World) -> None:
    person = world.account.create_contact(name="Иван", phones=["+7 900 000-00-01"])
    phone = world.account.field_by_code("contacts", "PHONE")
    assert phone is not None
    world.account.set_field("contacts", person.id, phone.id, ["8 (900) 000-00-02"], by=world.seller)
    assert world.account.call_target("9000000002") == ("contacts", person.id)
    assert world.account.call_target("9000000001") is None
    assert world.account.call_target("") is None
