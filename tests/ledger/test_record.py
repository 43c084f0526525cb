"""The ledger: the same thing told twice is one thing."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from app.crm.port import DealLog
from app.db.engine import Database
from app.db.tables import deal as deal_table
from app.db.tables import stage_move
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.stage import StageRef
from app.ledger.read import answers_of, deal_of, deals_of_contact, evidence_of, last_move_of, moves_of
from app.ledger.record import record, save_deal
from tests.factories import NOW, add_installation

A, B = StageRef("p", "a"), StageRef("p", "b")
DEAL = Deal(
    "1",
    "Кухня",
    B,
    NOW,
    NOW,
    NOW,
    price=10,
    responsible_id="501",
    created_by="501",
    source="site",
    tags=frozenset({"vip", "new"}),
    fields={"7": ("x", "y")},
    contact_ids=("c1", "c2"),
)


def move(number: int, came_from: StageRef | None, to: StageRef, deal_id: str = "1") -> StageMove:
    at = NOW + timedelta(seconds=number)
    return StageMove(f"m{number:03}", deal_id, came_from, to, "501", MoveOrigin.PERSON, at, NOW)


def fact(number: int) -> Evidence:
    at = NOW + timedelta(seconds=number)
    return Evidence(
        f"f{number:03}",
        "1",
        EvidenceKind.CALL,
        Grade.B,
        at,
        NOW,
        Direction.INCOMING,
        90,
        text="да",
        channel="phone",
    )


MOVES = (move(0, None, A), move(5, A, B))
FACTS = (fact(1), fact(2))
LOG = DealLog(DEAL, MOVES, FACTS, "5")


async def test_what_is_recorded_is_read_back_the_same(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: record(conn, installation_id, LOG, NOW))

    def read(conn: Connection) -> tuple[object, ...]:
        facts = evidence_of(conn, installation_id, "1")
        return (
            deal_of(conn, installation_id, "1"),
            tuple(moves_of(conn, installation_id, "1")),
            tuple(each for each in facts if each.kind is not EvidenceKind.STAGE),
            last_move_of(conn, installation_id, "1"),
            answers_of(conn, installation_id, "1"),
        )

    assert await db.read(read) == (DEAL, MOVES, FACTS, MOVES[-1], {})


async def test_only_what_is_new_is_reported_as_new(db: Database, installation_id: int) -> None:
    first = await db.write(lambda conn: record(conn, installation_id, LOG, NOW))
    assert (first.new_moves, first.new_evidence) == (MOVES, FACTS)
    longer = replace(LOG, moves=(*MOVES, move(9, B, A)), evidence=(*FACTS, fact(3), fact(3)))
    second = await db.write(lambda conn: record(conn, installation_id, longer, NOW))
    assert [each.log_id for each in second.new_moves] == ["m009"]
    assert [each.source_id for each in second.new_evidence] == ["f003"]


async def test_a_log_of_thousands_is_recorded_at_once(db: Database, installation_id: int) -> None:
    moves = tuple(move(number, A, B) for number in range(1, 1203))
    log = DealLog(DEAL, moves, (), "")
    for expected in (1202, 0):
        recorded = await db.write(lambda conn: record(conn, installation_id, log, NOW))
        assert len(recorded.new_moves) == expected


async def test_an_older_snapshot_never_replaces_a_newer_one(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: save_deal(conn, installation_id, DEAL))
    stale = replace(DEAL, title="old", read_at=NOW - timedelta(seconds=1))
    await db.write(lambda conn: save_deal(conn, installation_id, stale))
    found = await db.read(lambda conn: deal_of(conn, installation_id, "1"))
    assert found is not None
    assert found.title == "Кухня"


async def test_contacts_follow_the_deal(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: save_deal(conn, installation_id, DEAL))
    later = replace(DEAL, contact_ids=("c2", "c3"), read_at=NOW + timedelta(seconds=1))
    await db.write(lambda conn: save_deal(conn, installation_id, later))
    for contact_id, deals in (("c1", []), ("c2", ["1"]), ("c3", ["1"])):
        found = await db.read(lambda conn, each=contact_id: deals_of_contact(conn, installation_id, each))  # type: ignore[misc]
        assert list(found) == deals


async def test_a_deal_that_is_gone_keeps_its_history(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: record(conn, installation_id, LOG, NOW))
    gone = DealLog(None, (), (), "5")
    await db.write(lambda conn: record(conn, installation_id, gone, NOW, "1"))
    assert await db.read(lambda conn: deal_of(conn, installation_id, "1")) is None
    assert len(await db.read(lambda conn: moves_of(conn, installation_id, "1"))) == 2
    back = replace(LOG, deal=replace(DEAL, read_at=NOW + timedelta(seconds=9)))
    await db.write(lambda conn: record(conn, installation_id, back, NOW))
    assert await db.read(lambda conn: deal_of(conn, installation_id, "1")) is not None


async def test_the_same_ids_in_another_account_are_other_things(db: Database, installation_id: int) -> None:
    other = await db.write(lambda conn: add_installation(conn, external_id="2002"))
    for tenant in (installation_id, other):
        recorded = await db.write(lambda conn, each=tenant: record(conn, each, LOG, NOW))  # type: ignore[misc]
        assert len(recorded.new_moves) == 2
    rows = await db.read(lambda conn: conn.scalar(select(func.count()).select_from(deal_table)))
    assert rows == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
async def test_parts_in_any_order_and_overlap_make_one_ledger(
    db: Database, installation_id: int, parts: list[tuple[int, int]]
) -> None:
    whole = [move(number, A, B) for number in range(10)]

    def work(conn: Connection) -> tuple[list[str], list[str]]:
        told: set[str] = set()
        for start, length in parts:
            part = tuple(whole[start : start + length])
            told |= {each.log_id for each in part}
            record(conn, installation_id, DealLog(DEAL, part, (), ""), NOW)
        found = [each.log_id for each in moves_of(conn, installation_id, "1")]
        conn.execute(stage_move.delete())
        return found, sorted(told)

    found, expected = await db.write(work)
    assert found == expected


async def test_what_stepgate_wrote_itself_is_no_fact(db: Database, installation_id: int) -> None:
    tag = replace(fact(1), kind=EvidenceKind.TAG, subject="нужен шаг клиента", text="нужен шаг клиента")
    task = replace(fact(2), kind=EvidenceKind.TASK, text="Помочь клиенту\n#ref:1f3a9c07: готово")
    log = DealLog(DEAL, (), (tag, task, fact(3)), "")
    recorded = await db.write(lambda conn: record(conn, installation_id, log, NOW))
    assert [each.source_id for each in recorded.new_evidence] == ["f003"]
    assert await db.read(lambda conn: evidence_of(conn, installation_id, "1")) == [fact(3)]
