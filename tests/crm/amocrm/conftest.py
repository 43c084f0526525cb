"""The adapter's own settings, and an account in front of it."""

from collections.abc import AsyncIterator

import pytest

from tests.crm.amocrm.kit import CLIENT_ID, SECRET, Bench, make_bench


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_SECRET", SECRET)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A small account behind the adapter."""
    made = make_bench()
    yield made
    await made.world.close()


@pytest.fixture
async def busy() -> AsyncIterator[Bench]:
    """An account of 130 leads with moves, calls, messages, fields and contacts that share leads."""
    bench = make_bench()
    account = bench.world.account
    field = account.add_field("leads", "Бюджет", "text")
    for number in range(130):
        contact = bench.contact(f"Клиент {number}", f"+7999{number:07}")
        lead = bench.lead(1, contact_ids=[contact.id], fields={field.id: "10"}, tags=["опт"])
        bench.wait(3.217)
        if number % 3:
            bench.move(lead, 2)
            account.client_call(lead.id, duration=90)
        if number % 5 == 0:
            account.add_message(lead.id, "Здравствуйте")
            account.set_field("leads", lead.id, field.id, "20", by=bench.world.seller)
        if number % 7 == 0:
            bench.lead(1, contact_ids=[contact.id])
            account.client_call(lead.id, duration=60)
    bench.wait(600)
    yield bench
    await bench.world.close()
