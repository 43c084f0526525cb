"""Several lanes in one transaction come out as each alone would."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import Connection, Table, select

from app.analytics.facts import refresh_deals
from app.db.engine import Database, open_database
from app.db.schema import upgrade
from app.db.tables import deal, deal_step, evidence, lane, outbox, stage_move, step_sum, verdict
from app.domain.evidence import Direction, EvidenceKind
from app.inbox import process
from app.inbox.keep import Keeper
from app.inbox.process import MOST_OF_ACCOUNT, Processor
from app.together import Round
from app.verdicts.hearing import Hearing
from tests.rig import LOST, A, B, C, D, Rig, make_rig

DEALS = [str(number) for number in range(1, 13)]
TABLES = (deal, stage_move, evidence, verdict, outbox, deal_step, step_sum)


def alone(work: Round, most: int) -> Callable:  # type: ignore[type-arg]
    """Everyone in a round of his own."""

    async def one(item: object) -> object:
        [answer] = await work([item])
        if isinstance(answer, Exception):
            raise answer
        return answer

    return one


def happen(rig: Rig) -> None:
    """Deals with all kinds of histories at once: passed, stopped, overtaken, deleted, created late."""
    for number, deal_id in enumerate(DEALS):
        rig.crm.create_deal(deal_id, B if number % 5 == 4 else A, contact_ids=(f"c{number % 3}",))
    rig.clock.advance(60)
    for number, deal_id in enumerate(DEALS):
        if number % 2:
            rig.crm.happen(deal_id)
        if number % 3 == 0:
            rig.crm.happen(deal_id, EvidenceKind.MESSAGE, Direction.INCOMING)
        rig.clock.advance(1)
        for stage in ((B,), (B, C), (C, D), (LOST, A, C))[number % 4]:
            rig.crm.move(deal_id, stage)
            rig.clock.advance(0.5)
    rig.crm.delete(DEALS[7])


def contents(conn: Connection, table: Table, names: dict[str, str]) -> list[tuple[object, ...]]:
    """All rows, with moves named by deal and number: our own are numbered as they happen to be made."""

    def name(value: object) -> object:
        head, colon, tail = value.partition(":") if isinstance(value, str) else ("", "", "")
        return f"{names[head]}{colon}{tail}" if head in names else value

    columns = [column for column in table.c if column.name != "crm_ref"]
    return sorted((tuple(map(name, row)) for row in conn.execute(select(*columns))), key=repr)


async def all_rows(rig: Rig) -> dict[str, list[tuple[object, ...]]]:
    names = {
        move.log_id: f"{deal_id}#{number}"
        for deal_id in rig.crm.log
        for number, move in enumerate(rig.crm.moves(deal_id))
    }
    return {table.name: await rig.db.read(partial(contents, table=table, names=names)) for table in TABLES}


async def _drain(rig: Rig, processor: Processor, tasks: int) -> None:
    async def serve(name: str) -> None:
        while await processor.run_once(name):
            pass

    await asyncio.gather(*(serve(f"t{number}") for number in range(tasks)))


async def _told(rig: Rig, tasks: int, gathering: object) -> dict[str, list[tuple[object, ...]]]:
    processor = Processor(
        rig.db,
        rig._open,
        rig.clock,
        [refresh_deals],
        luck=lambda: 0.5,
        **({"gathering": gathering} if gathering else {}),  # type: ignore[arg-type]
    )
    happen(rig)
    await rig.ring(*DEALS)
    await _drain(rig, processor, tasks)
    for number, deal_id in enumerate(DEALS):
        if number % 3 == 1:
            rig.crm.happen(deal_id)
    rig.clock.advance(30)
    await rig.ring(*DEALS)
    await _drain(rig, processor, tasks)
    return await all_rows(rig)


async def test_a_batch_leaves_the_same_rows_as_one_lane_after_the_other(
    db: Database, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    keep_all = Keeper.keep_all

    def counted(self: Keeper, conn: Connection, items: list) -> object:  # type: ignore[type-arg]
        sizes.append(len(items))
        return keep_all(self, conn, items)

    monkeypatch.setattr(Keeper, "keep_all", counted)
    together = await _told(await make_rig(db), MOST_OF_ACCOUNT, None)
    assert max(sizes) > 1
    await upgrade(empty_url)
    other = open_database(empty_url)
    try:
        apart = await _told(await make_rig(other), 1, alone)
    finally:
        await other.close()
    assert {name: len(rows) for name, rows in together.items()} == {
        name: len(rows) for name, rows in apart.items()
    }
    assert together == apart


async def test_a_lane_that_cannot_be_kept_does_not_hold_up_the_others(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(db)
    for deal_id in ("1", "2", "3"):
        rig.crm.create_deal(deal_id, A)
    judge = Hearing.judge

    def stumble(self: Hearing, item: object) -> object:
        if self.deal.id == "2":
            raise ValueError("a bug that one deal meets")
        return judge(self, item)  # type: ignore[arg-type]

    monkeypatch.setattr(Hearing, "judge", stumble)
    await rig.ring("1", "2", "3")
    await _drain(rig, rig.processor, 3)
    rows = {row.entity_id: row for row in await rig.db.read(lambda conn: conn.execute(select(lane)).all())}
    assert (rows["1"].head_at, rows["3"].head_at) == (None, None)
    assert (rows["2"].last_error, rows["2"].tries) == ("ValueError", 1)
    assert len(await rig.verdicts("1")) == 1
    assert await rig.verdicts("2") == []


async def test_one_account_takes_no_more_than_its_share(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(db)
    under_way, most = 0, 0
    read = process._read

    async def slowly(*args: object) -> object:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(20):
            await asyncio.sleep(0)
        under_way -= 1
        return await read(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(process, "_read", slowly)
    for deal_id in DEALS:
        rig.crm.create_deal(deal_id, A)
    await rig.ring(*DEALS)
    awake = select(lane.c.entity_id).where(lane.c.head_at.is_not(None))
    while await rig.db.read(lambda conn: conn.scalar(awake)):
        await _drain(rig, rig.processor, 3 * MOST_OF_ACCOUNT)
    assert most == MOST_OF_ACCOUNT
