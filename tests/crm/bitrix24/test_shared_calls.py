"""Deals and records that are asked for at the same time cost few calls."""

import asyncio

from app.crm.port import FindsDeals
from tests.crm.bitrix24.kit import Bench


async def test_many_deals_at_once_cost_few_calls(bench: Bench) -> None:
    deals = [bench.deal() for _ in range(16)]
    for deal in deals:
        bench.world.portal.add_call(deal, bench.act(), duration=30)
    await bench.client.get_catalog()
    bench.session.admitted.clear()
    logs = await asyncio.gather(*(bench.client.deal_log(str(deal.id), "") for deal in deals))
    assert [log.deal.id for log in logs if log.deal] == [str(deal.id) for deal in deals]
    assert all(len(log.evidence) >= 1 for log in logs)
    assert len(bench.session.admitted) <= 7


async def test_many_records_at_once_are_looked_up_in_one_call(bench: Bench) -> None:
    deals = [bench.deal() for _ in range(12)]
    calls = [bench.world.portal.add_call(deal, bench.act(), duration=30) for deal in deals]
    client = bench.client
    assert isinstance(client, FindsDeals)
    told = await asyncio.gather(*(client.deals_of_record(f"activity-{call.id}") for call in calls))
    assert [list(each) for each in told] == [[str(deal.id)] for deal in deals]
    assert len(bench.session.admitted) == 1
