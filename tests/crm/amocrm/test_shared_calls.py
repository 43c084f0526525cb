"""Leads that are asked for at the same time cost few calls, and are told as if each were asked for alone."""

import asyncio

import pytest

from app.crm.port import DealLog
from app.sandbox.amocrm.model import Lead
from tests.crm.amocrm.kit import Bench, ledger


async def read(bench: Bench, cursors: dict[str, str]) -> list[DealLog]:
    """All at once, by a client that has read nothing yet."""
    client = bench.fresh_client()
    return list(await asyncio.gather(*(client.deal_log(*each) for each in cursors.items())))


async def read_alone(bench: Bench, cursors: dict[str, str]) -> list[DealLog]:
    """One after the other."""
    return [await bench.client.deal_log(*each) for each in cursors.items()]


def told(logs: list[DealLog]) -> list[tuple[object, ...]]:
    """What each reading says, without the moment at which it was made."""
    return [(log.deal and (log.deal.id, log.deal.stage), *ledger([log]), log.cursor) for log in logs]


def some_leads(bench: Bench, count: int) -> list[Lead]:
    """Leads in the second stage, each with a contact who has called."""
    leads = []
    for number in range(count):
        contact = bench.contact(f"Клиент {number}", f"+7999{number:07}")
        leads.append(bench.lead(1, contact_ids=[contact.id]))
        bench.wait(5)
        bench.move(leads[-1], 2)
        bench.world.account.client_call(leads[-1].id, duration=90)
    bench.wait(600)
    return leads


async def test_leads_that_are_read_at_once_are_told_as_if_each_were_read_alone(busy: Bench) -> None:
    cursors = dict.fromkeys([str(lead_id) for lead_id in busy.world.account.leads][:40], "")
    assert told(await read(busy, cursors)) == told(await read_alone(busy, cursors))


async def test_each_goes_on_from_its_own_cursor(bench: Bench) -> None:
    leads = some_leads(bench, 6)
    cursors = {str(lead.id): (await bench.client.deal_log(str(lead.id), "")).cursor for lead in leads[:4]}
    cursors |= {str(lead.id): "" for lead in leads[4:]}
    bench.wait(3600)
    bench.move(leads[0], 3)
    bench.move(leads[5], 3)
    bench.wait(600)
    at_once = await read(bench, cursors)
    assert told(at_once) == told(await read_alone(bench, cursors))
    assert at_once[0].moves[-1].to_stage == bench.ref(3)


async def test_eight_leads_at_once_cost_few_calls(bench: Bench) -> None:
    leads = some_leads(bench, 8)
    cursors = {str(lead.id): (await bench.client.deal_log(str(lead.id), "")).cursor for lead in leads}
    bench.session.admitted.clear()
    bench.wait(3600)
    for lead in leads:
        bench.move(lead, 3)
    bench.wait(600)
    logs = await read(bench, cursors)
    assert all(log.moves[-1].to_stage == bench.ref(3) for log in logs)
    assert len(bench.session.admitted) <= 8 + 6


@pytest.mark.parametrize("mode", ["ignore", "refuse"])
async def test_without_the_paid_filter_leads_are_asked_for_one_by_one(bench: Bench, mode: str) -> None:
    leads = some_leads(bench, 5)
    cursors = dict.fromkeys([str(lead.id) for lead in leads], "")
    alone = told(await read_alone(bench, cursors))
    [bench.lead(1) for _ in range(3)]
    bench.world.account.faults.filter_paid, bench.world.account.faults.unpaid_filter_mode = False, mode
    assert told(await read(bench, cursors)) == alone


async def test_a_lead_that_is_gone_harms_no_other(bench: Bench) -> None:
    leads = some_leads(bench, 4)
    bench.world.account.delete_lead(leads[1].id, by=bench.world.seller)
    logs = await read(bench, dict.fromkeys([str(lead.id) for lead in leads], ""))
    assert [log.deal is None for log in logs] == [False, True, False, False]
