"""What must hold when everything has come to rest, whatever the weather was."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import Connection, func, select

from app.db.tables import delivery, evidence, lane, outbox, stage_move, verdict
from app.domain.deal import StageMove
from app.domain.evidence import EvidenceKind
from app.domain.verdict import Outcome, Reason
from app.domain.writeback import Action
from app.ledger.read import evidence_of, moves_of
from app.outbox.rows import MOVES, OPEN_STATES, OutboxRow, WriteKind, WriteState, marker, rows_of
from app.verdicts.store import StoredVerdict, verdicts_of
from tests.crm.fake.world import Entry
from tests.sim.simulation import Simulation

HOUR = timedelta(hours=1)
Broken = Iterator[str]


def broken_invariants(sim: Simulation) -> list[str]:
    """Sentences about all that does not hold; empty when the protocol is sound."""
    return sim.db.now(lambda conn: list(_all(conn, sim)))


def _all(conn: Connection, sim: Simulation) -> Broken:
    yield from _deliveries(conn, sim)
    yield from _rest(conn, sim)
    yield from _tenants(conn, sim)
    yield from _order(conn, sim)
    for deal_id in sim.crm.log:
        rows = rows_of(conn, sim.installation_id, deal_id)
        verdicts = verdicts_of(conn, sim.installation_id, deal_id)
        if deal_id in sim.crm.deals:
            yield from _ledger(conn, sim, deal_id, verdicts)
            yield from _stops(deal_id, verdicts, rows)
        yield from _effects(sim, deal_id, rows)
        yield from _tags(sim, deal_id, rows)
        yield from _own_moves(sim, deal_id, verdicts, rows)


def _deliveries(conn: Connection, sim: Simulation) -> Broken:
    stored = conn.execute(select(func.count()).select_from(delivery)).scalar_one()
    if stored != sim.acked:
        yield f"I1: {sim.acked} deliveries were acknowledged, {stored} are stored"


def _rest(conn: Connection, sim: Simulation) -> Broken:
    if sim.lost_wake_ups:
        yield f"I7: {sim.lost_wake_ups} times a lane slept with work"
    for row in conn.execute(select(lane)):
        if row.head_at is not None or row.state != "open" or row.want_seq != row.done_seq:
            yield f"I7: lane {row.entity_id} is not at rest: {row.state}, {row.last_error}"
    open_writes = select(func.count()).where(outbox.c.state.in_(OPEN_STATES))
    if count := conn.execute(open_writes).scalar_one():
        yield f"I7: {count} writes are still open"
    waiting = select(func.count()).where(verdict.c.outcome == Outcome.UNDETERMINED.value)
    if count := conn.execute(waiting).scalar_one():
        yield f"I7: {count} verdicts still wait"


def _tenants(conn: Connection, sim: Simulation) -> Broken:
    for table in (stage_move, evidence, verdict, outbox, lane):
        strange = select(func.count()).where(table.c.installation_id != sim.installation_id)
        if conn.execute(strange).scalar_one():
            yield f"I8: {table.name} has rows of another installation"


def _order(conn: Connection, sim: Simulation) -> Broken:
    places = {
        move.log_id: index for deal_id in sim.crm.log for index, move in enumerate(sim.crm.moves(deal_id))
    }
    latest: dict[str, int] = {}
    for deal_id, log_id in conn.exec_driver_sql("SELECT deal_id, log_id FROM first_verdict ORDER BY number"):
        place = places.get(log_id, -1)
        if place < latest.get(deal_id, -1):
            yield f"I3: {log_id} of deal {deal_id} was judged after a later move"
        latest[deal_id] = max(place, latest.get(deal_id, -1))


def _ledger(conn: Connection, sim: Simulation, deal_id: str, verdicts: dict[str, StoredVerdict]) -> Broken:
    truth = [_essence(move) for move in sim.crm.moves(deal_id)]
    if truth != [_essence(move) for move in moves_of(conn, sim.installation_id, deal_id)]:
        yield f"I2: the ledger of deal {deal_id} is not the CRM's log"
    if set(verdicts) != {move.log_id for move in sim.crm.moves(deal_id)}:
        yield f"I2: the moves of deal {deal_id} were not all judged"
    facts = {entry.fact.source_id for entry in sim.crm.log[deal_id] if entry.fact}
    known = evidence_of(conn, sim.installation_id, deal_id)
    if facts != {fact.source_id for fact in known if fact.kind is not EvidenceKind.STAGE}:
        yield f"I2: facts of deal {deal_id} are missing"


def _essence(move: StageMove) -> tuple[object, ...]:
    return move.log_id, move.from_stage, move.to_stage, move.occurred_at


def _stops(deal_id: str, verdicts: dict[str, StoredVerdict], rows: list[OutboxRow]) -> Broken:
    wanted = {
        Action.MOVE_BACK: {WriteKind.MOVE_BACK, WriteKind.NOTE, WriteKind.TASK},
        Action.WARN: {WriteKind.NOTE, WriteKind.TAG, WriteKind.TASK},
    }
    for log_id, stored in verdicts.items():
        found = {row.kind for row in rows if row.log_id == log_id and row.kind is not WriteKind.UNTAG}
        if found != wanted.get(stored.action, set()):
            yield f"I4: the stop {log_id} of deal {deal_id} has the writes {sorted(found)}"
        warned = [row for row in rows if row.log_id == log_id and stored.action == Action.WARN]
        if any(row.state is not WriteState.CONFIRMED for row in warned):
            yield f"I4: the warning {log_id} of deal {deal_id} did not arrive"
        if stored.action != Action.NONE and stored.verdict.outcome is not Outcome.BLOCKED:
            yield f"I5: {log_id} was acted upon although it was {stored.verdict.outcome}"


def _tags(sim: Simulation, deal_id: str, rows: list[OutboxRow]) -> Broken:
    """A deal has our tag exactly when putting it on was the last that we did about it."""
    done = [row.kind for row in rows if row.state is WriteState.CONFIRMED]
    about = [kind for kind in done if kind in (WriteKind.TAG, WriteKind.UNTAG)]
    is_tagged = bool(sim.crm.texts(deal_id, "tag"))
    if is_tagged != (about[-1:] == [WriteKind.TAG]) and deal_id in sim.crm.deals:
        yield f"I4: deal {deal_id} has a tag: {is_tagged}, after {about}"


def _effects(sim: Simulation, deal_id: str, rows: list[OutboxRow]) -> Broken:
    for row in rows:
        if row.kind not in (WriteKind.NOTE, WriteKind.TASK):
            continue
        mark = marker(sim.installation_id, row.op_key)
        seen = sum(mark in each.text for each in sim.crm.written)
        if seen > 1:
            yield f"I4: {row.op_key} was written {seen} times"
        if (row.state is WriteState.CONFIRMED) != (seen == 1) and deal_id in sim.crm.deals:
            yield f"I4: {row.op_key} is {row.state} and stands in the CRM {seen} times"
        back = next(
            (each for each in rows if each.log_id == row.log_id and each.kind is WriteKind.MOVE_BACK), None
        )
        if seen and back and back.state is WriteState.SUPERSEDED:
            yield f"I4: {row.op_key} speaks of a move back that never was"


def _own_moves(
    sim: Simulation, deal_id: str, verdicts: dict[str, StoredVerdict], rows: list[OutboxRow]
) -> Broken:
    entries = [entry for entry in sim.crm.log[deal_id] if entry.move]
    own = [entry for entry in entries if entry.is_ours]
    ours = [row for row in rows if row.kind in MOVES]
    onward = {(row.expected, row.target) for row in ours if row.kind is WriteKind.MOVE_FORWARD}
    back = [each for each in own if each.move and (each.move.from_stage, each.move.to_stage) not in onward]
    for earlier, later in pairwise(back):
        if later.at - earlier.at < HOUR - timedelta(minutes=5):
            yield f"I6: deal {deal_id} was moved back twice within the hour"
    for entry in own:
        yield from _own_move(sim, deal_id, entry, entries, ours)
        assert entry.move is not None
        judged = verdicts.get(entry.move.log_id)
        is_certain = sim.knows_authors and deal_id in sim.crm.deals
        if judged and is_certain and judged.verdict.reason is not Reason.OWN_WRITE:
            yield f"I5: our own move {entry.move.log_id} was judged: {judged.verdict.reason}"
    confirmed = sum(row.state is WriteState.CONFIRMED for row in ours)
    if sim.knows_authors and confirmed != len(own) and deal_id in sim.crm.deals:
        yield f"I4: deal {deal_id} has {confirmed} confirmed moves and {len(own)} in its log"


def _own_move(
    sim: Simulation, deal_id: str, entry: Entry, entries: list[Entry], ours: list[OutboxRow]
) -> Broken:
    """Our move must answer a stop or a press, and nobody's newer move that could be seen may lie between."""
    move = entry.move
    assert move is not None
    asked = [row for row in ours if row.target == move.to_stage]
    if all(row.expected != move.from_stage for row in asked):
        yield f"I9: {move.log_id} moved deal {deal_id} from where it was not expected"
    if not asked:
        return
    base = max((row.log_id for row in asked if row.log_id < move.log_id), default="")
    row = next((each for each in asked if base and each.log_id == base), None)
    if row is None or row.sent_at is None:
        return
    read_at = max((at for at in sim.reads.get(deal_id, []) if at <= row.sent_at), default=None)
    for other in entries:
        between = other.move is not None and base < other.move.log_id < move.log_id
        if between and read_at is not None and other.visible_at <= read_at:
            yield f"I9: {move.log_id} overwrote a newer move of deal {deal_id} that could be seen"
