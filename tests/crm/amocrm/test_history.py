"""The past of an account comes out of the adapter as it went in, whatever happens on the way."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.crm.port import CrmClient, DealLog
from app.domain.deal import MoveOrigin
from app.domain.evidence import EvidenceKind
from app.sandbox.amocrm.eventlog import load_event_log
from app.sandbox.amocrm.seed import seed
from tests.crm.amocrm.kit import Bench, ledger

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"
EXPECTED = json.loads((LOGS / "expected.json").read_text(encoding="utf-8"))["receipt"]
LONG_AGO = datetime(2005, 1, 1, tzinfo=UTC)


async def read_all(client: CrmClient, since: datetime, cursor: str = "") -> list[DealLog]:
    """Every page to the end."""
    logs: list[DealLog] = []
    while True:
        page = await client.history(since, cursor)
        logs.extend(page.items)
        cursor = page.cursor
        if not cursor:
            return logs


def in_order(entries: Sequence[tuple[datetime, str]], steps: Sequence[str]) -> int:
    """How many steps were taken one after another."""
    earliest = datetime.min.replace(tzinfo=UTC)
    for number, step in enumerate(steps):
        later = [at for at, name in entries if name == step and at >= earliest]
        if not later:
            return number
        earliest = min(later)
    return len(steps)


async def test_the_numbers_of_a_public_log_come_out_of_the_adapter(bench: Bench) -> None:
    pipeline = load_event_log(bench.world.account, LOGS / "receipt.csv.gz")
    names = {str(status.id): status.name for status in pipeline.statuses.values()}
    logs = [log for log in await read_all(bench.client, LONG_AGO) if log.deal]
    cases = [[(move.occurred_at, names[move.to_stage.stage_id]) for move in log.moves] for log in logs]
    steps = EXPECTED["steps"]
    reached = [in_order(case, steps) for case in cases]
    assert len(cases) == 1434
    assert [sum(any(name == step for _, name in case) for case in cases) for step in steps] == EXPECTED[
        "any_order"
    ]
    assert [sum(count > number for count in reached) for number in range(len(steps))] == EXPECTED["ordered"]
    assert any(move.occurred_at.microsecond for log in logs for move in log.moves)


async def test_the_first_stage_of_a_deal_is_where_its_first_move_came_from(bench: Bench) -> None:
    lead = bench.lead(1)
    bench.wait()
    bench.move(lead, 2)
    bench.wait()
    bench.move(lead, 3)
    (log,) = await read_all(bench.client, LONG_AGO)
    assert [move.to_stage for move in log.moves] == [bench.ref(1), bench.ref(2), bench.ref(3)]
    assert log.moves[0].from_stage is None
    assert log.moves[0].origin is MoveOrigin.CREATION


async def test_deals_untouched_since_then_are_left_out_and_old_ones_told_whole(bench: Bench) -> None:
    asleep, awake = bench.lead(1), bench.lead(1)
    bench.wait(86_400 * 100)
    since = bench.clock.now() - timedelta(days=10)
    bench.move(awake, 2)
    (log,) = await read_all(bench.client, since)
    assert log.deal is not None
    assert log.deal.id == str(awake.id) != str(asleep.id)
    assert [move.to_stage for move in log.moves] == [bench.ref(1), bench.ref(2)]


async def test_fields_and_tags_of_birth_are_facts_and_changed_ones_are_not(busy: Bench) -> None:
    for log in await read_all(busy.client, LONG_AGO):
        born = [fact for fact in log.evidence if fact.source_id.startswith("deal:")]
        changed = [fact for fact in log.evidence if fact.source_id.startswith("event:")]
        fields = {fact.subject for fact in changed if fact.kind is EvidenceKind.FIELD}
        assert not fields & {fact.subject for fact in born}


async def test_a_reading_cut_short_anywhere_ends_with_the_same_ledger(busy: Bench) -> None:
    whole = ledger(await read_all(busy.client, LONG_AGO))
    cursor, told = "", list[DealLog]()
    for _ in range(20):
        page = await busy.fresh_client().history(LONG_AGO, cursor)
        told.extend(page.items)
        cursor = page.cursor
        if not cursor:
            break
    assert ledger(told) == whole
    again = await busy.fresh_client().history(LONG_AGO, "")
    assert ledger([*told, *again.items]) == whole


async def test_history_tells_what_reading_each_deal_alone_tells(busy: Bench) -> None:
    logs = await read_all(busy.client, LONG_AGO)
    alone = [await busy.client.deal_log(log.deal.id, "") for log in logs if log.deal]
    assert ledger(alone) == ledger(logs)


async def test_pages_that_shift_while_they_are_read_hide_no_deal(bench: Bench) -> None:
    for _ in range(620):
        bench.lead(1)
    bench.wait(600)
    bench.world.account.faults.shifting_pages = True
    logs = await read_all(bench.client, LONG_AGO)
    assert len({log.deal.id for log in logs if log.deal}) == 620


async def test_an_ignored_filter_and_the_other_order_of_the_log_change_nothing(busy: Bench) -> None:
    before = ledger(await read_all(busy.client, LONG_AGO))
    faults = busy.world.account.faults
    faults.filter_paid, faults.events_oldest_first = False, True
    assert ledger(await read_all(busy.client, LONG_AGO)) == before
    faults.unpaid_filter_mode = "refuse"
    assert ledger(await read_all(busy.client, LONG_AGO)) == before


async def test_a_page_is_small_and_the_progress_ends_at_its_total(busy: Bench) -> None:
    cursor, pages = "", []
    while True:
        pages.append(await busy.client.history(LONG_AGO, cursor))
        cursor = pages[-1].cursor
        if not cursor:
            break
    assert all(len(page.items) <= 50 for page in pages)
    assert [page.done for page in pages] == sorted(page.done for page in pages)
    assert pages[-1].done == pages[-1].total == sum(len(page.items) for page in pages)


async def test_few_calls_bring_many_deals(busy: Bench) -> None:
    await read_all(busy.client, LONG_AGO)
    assert len(busy.session.admitted) < 130
    assert set(busy.session.admitted) == {4}


async def test_an_empty_account_has_no_past(bench: Bench) -> None:
    page = await bench.client.history(LONG_AGO, "")
    assert (page.items, page.cursor, page.total) == ((), "", 0)


async def test_a_whole_seeded_account_comes_in_fewer_than_two_hundred_calls(bench: Bench) -> None:
    seed(bench.world.account, 1, bench.world.clock.now())
    logs = await read_all(bench.client, LONG_AGO)
    assert len(logs) > 1400
    assert len(bench.session.admitted) < 200


async def test_the_first_page_says_at_once_how_many_deals_there_are(busy: Bench) -> None:
    page = await busy.client.history(LONG_AGO, "")
    assert (page.items, page.done, page.total) == ((), 0, 149)
    assert page.cursor


async def test_a_few_old_deals_among_many_are_asked_for_by_their_ids(bench: Bench) -> None:
    old = [bench.lead(1) for _ in range(300)]
    bench.wait(86_400 * 200)
    since = bench.clock.now() - timedelta(days=10)
    for _ in range(300):
        bench.lead(1)
        bench.wait(60)
    bench.move(old[3], 2)
    bench.wait(600)
    logs = await read_all(bench.client, since)
    assert len(logs) == 301
    last = logs[-1]
    assert last.deal is not None
    assert last.deal.id == str(old[3].id)
    assert [move.to_stage for move in last.moves] == [bench.ref(1), bench.ref(2)]


async def test_a_filter_by_kind_that_hides_lines_about_fields_is_found_out(busy: Bench) -> None:
    before = ledger(await read_all(busy.client, LONG_AGO))
    busy.world.account.faults.field_filter_mode = "exact"
    assert ledger(await read_all(busy.fresh_client(), LONG_AGO)) == before


async def test_a_deal_that_moves_while_it_is_listed_keeps_its_first_stage(bench: Bench) -> None:
    leads = [bench.lead(1) for _ in range(3)]
    bench.wait(600)
    first = await bench.client.history(LONG_AGO, "")
    bench.move(leads[1], 2)
    logs = await read_all(bench.client, LONG_AGO, first.cursor)
    told = {log.deal.id: [move.to_stage for move in log.moves] for log in logs if log.deal}
    assert told[str(leads[1].id)] == [bench.ref(1), bench.ref(2)]
