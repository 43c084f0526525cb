"""Writing into the ledger what a CRM's log says. Telling the same thing twice changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, select, update

from app.crm.port import DealLog
from app.db.prepared import keys_of, prepared, wanted
from app.db.tables import deal, deal_contact, evidence, stage_move
from app.db.upsert import insert_new, update_all, upsert_all
from app.domain.deal import Deal, StageMove
from app.domain.evidence import Evidence
from app.domain.own_traces import is_own_trace
from app.ledger.rows import deal_values, evidence_values, move_values
from app.ledger.sight import DealKey
from app.ledger.trials import without_trials

T = TypeVar("T")

_SNAPSHOTS = prepared(
    lambda: select(deal.c.installation_id, deal.c.deal_id, deal.c.read_at, deal.c.contact_ids).select_from(
        wanted(deal, deal.c.installation_id, deal.c.deal_id)
    )
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the ledger did not know before, in the log's order."""

    new_moves: tuple[StageMove, ...]
    new_evidence: tuple[Evidence, ...]


def record(
    conn: Connection, installation_id: int, log: DealLog, now: datetime, deal_id: str = ""
) -> Recorded:
    """`record_all` for the log of one deal; `deal_id` may be empty where the log has a deal."""
    key = DealKey(installation_id, log.deal.id if log.deal else deal_id)
    return record_all(conn, {key: log}, now)[key]


def record_all(conn: Connection, logs: Mapping[DealKey, DealLog], now: datetime) -> dict[DealKey, Recorded]:
    """Add the moves and facts of the logs that are new and renew the deals' snapshots.

    Moves and facts are known by the CRM's own ids, so a log may be read twice, in parts or with
    overlap. A log without a deal marks the deal of its key as gone; what it did stays known. What
    Stepgate itself wrote into the deal is no fact, and a deal that it made to try a lock is none of these.
    """
    known, logs = logs, without_trials(conn, logs)
    moves = {key: _by_id(log.moves, lambda move: move.log_id) for key, log in logs.items()}
    told = {key: [fact for fact in log.evidence if not is_own_trace(fact)] for key, log in logs.items()}
    facts = {key: _by_id(told[key], lambda fact: fact.source_id) for key in logs}
    new_moves = _insert(conn, stage_move, "log_id", moves, move_values)
    new_facts = _insert(conn, evidence, "source_id", facts, evidence_values)
    _save_deals(conn, {key: log.deal for key, log in logs.items() if log.deal})
    for key, log in logs.items():
        if log.deal is None and key.deal_id:
            _mark_gone(conn, key, now)
    return {key: Recorded(new_moves.get(key, ()), new_facts.get(key, ())) for key in known}


def add_evidence(conn: Connection, installation_id: int, facts: Sequence[Evidence]) -> None:
    """Add facts that do not come from the CRM's log; those already known stay as they are."""
    of_account = {DealKey(installation_id, ""): _by_id(facts, lambda fact: fact.source_id)}
    _insert(conn, evidence, "source_id", of_account, evidence_values)


def save_deal(conn: Connection, installation_id: int, snapshot: Deal) -> None:
    """Keep the deal as just read. A snapshot that is older than the known one changes nothing."""
    _save_deals(conn, {DealKey(installation_id, snapshot.id): snapshot})


def _save_deals(conn: Connection, snapshots: Mapping[DealKey, Deal]) -> None:
    if not snapshots:
        return
    rows = _SNAPSHOTS.run(conn, keys=keys_of(snapshots))
    known = {DealKey(row.installation_id, row.deal_id): row for row in rows}
    fresh = {
        key: snapshot
        for key, snapshot in sorted(snapshots.items())
        if key not in known or known[key].read_at <= snapshot.read_at
    }
    upsert_all(
        conn, deal, DealKey._fields, [key._asdict() | deal_values(each) for key, each in fresh.items()]
    )
    for key, snapshot in fresh.items():
        before = list(known[key].contact_ids) if key in known else []
        if before != list(snapshot.contact_ids):
            _replace_contacts(conn, key.installation_id, snapshot)


def name_segments(conn: Connection, segments: Mapping[DealKey, str]) -> None:
    """Say which segment each of the deals is counted in; empty for none."""
    rows = [{**key._asdict(), "segment_key": segment} for key, segment in segments.items()]
    update_all(conn, deal, DealKey._fields, rows)


def _replace_contacts(conn: Connection, installation_id: int, snapshot: Deal) -> None:
    links = deal_contact.c
    conn.execute(
        delete(deal_contact).where(links.installation_id == installation_id, links.deal_id == snapshot.id)
    )
    key = {"installation_id": installation_id, "deal_id": snapshot.id}
    insert_new(
        conn, deal_contact, [{"contact_id": each, **key} for each in dict.fromkeys(snapshot.contact_ids)]
    )


def _mark_gone(conn: Connection, key: DealKey, now: datetime) -> None:
    of_deal = (deal.c.installation_id == key.installation_id, deal.c.deal_id == key.deal_id)
    conn.execute(update(deal).where(*of_deal).values(is_deleted=True, read_at=now))


def _by_id(items: Sequence[T], identity: Callable[[T], str]) -> dict[str, T]:
    """Each item once, in order: the first of those that are told twice."""
    found: dict[str, T] = {}
    for item in items:
        found.setdefault(identity(item), item)
    return found


def _insert(
    conn: Connection,
    table: Table,
    identity: str,
    items: Mapping[DealKey, Mapping[str, T]],
    values: Callable[[T], dict[str, Any]],
) -> dict[DealKey, tuple[T, ...]]:
    """Add the items that are new, and say which these are, in the log's order."""
    rows = [
        {"installation_id": key.installation_id, **values(item)}
        for key, by_id in items.items()
        for item in by_id.values()
    ]
    # In one order always, so that two transactions cannot wait for each other.
    rows.sort(key=lambda row: (row["installation_id"], row[identity]))
    added = insert_new(conn, table, rows, returning=("installation_id", identity))
    return {
        key: tuple(item for each, item in by_id.items() if (key.installation_id, each) in added)
        for key, by_id in items.items()
    }
