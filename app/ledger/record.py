"""Writing into the ledger what a CRM's log says. Telling the same thing twice changes nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Table, delete, select, update

from app.crm.port import DealLog
from app.db.prepared import Prepared, prepared, value
from app.db.tables import deal, deal_contact, evidence, stage_move
from app.db.upsert import insert_new, upsert
from app.domain.deal import Deal, StageMove
from app.domain.evidence import Evidence
from app.ledger.rows import deal_values, evidence_values, move_values

T = TypeVar("T")
LOOK_UP = 500
"""Ids in one look-up: SQLite's oldest limit on parameters is 999."""


def _known(tenant: Column[Any], key: Column[Any]) -> Prepared:
    return prepared(lambda: select(key).where(tenant == value("tenant"), key.in_(value("ids", several=True))))


_KNOWN_MOVES = _known(stage_move.c.installation_id, stage_move.c.log_id)
_KNOWN_FACTS = _known(evidence.c.installation_id, evidence.c.source_id)
_SNAPSHOT = prepared(
    lambda: select(deal.c.read_at, deal.c.contact_ids).where(
        deal.c.installation_id == value("tenant"), deal.c.deal_id == value("deal_id")
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
    """Add the moves and facts of `log` that are new and renew the deal's snapshot.

    Moves and facts are known by the CRM's own ids, so a log may be read twice, in parts or with
    overlap. A log without a deal marks the deal of `deal_id` as gone; what it did stays known.
    """
    moves = _unknown(conn, installation_id, _KNOWN_MOVES, log.moves, lambda move: move.log_id)
    facts = _unknown(conn, installation_id, _KNOWN_FACTS, log.evidence, lambda fact: fact.source_id)
    _insert(conn, stage_move, installation_id, map(move_values, moves))
    _insert(conn, evidence, installation_id, map(evidence_values, facts))
    if log.deal:
        save_deal(conn, installation_id, log.deal)
    elif deal_id:
        _mark_gone(conn, installation_id, deal_id, now)
    return Recorded(tuple(moves), tuple(facts))


def add_evidence(conn: Connection, installation_id: int, facts: Sequence[Evidence]) -> None:
    """Add facts that do not come from the CRM's log; those already known stay as they are."""
    _insert(conn, evidence, installation_id, map(evidence_values, facts))


def save_deal(conn: Connection, installation_id: int, snapshot: Deal) -> None:
    """Keep the deal as just read. A snapshot that is older than the known one changes nothing."""
    known = _SNAPSHOT.run(conn, tenant=installation_id, deal_id=snapshot.id).one_or_none()
    if known and known.read_at > snapshot.read_at:
        return
    key = {"installation_id": installation_id, "deal_id": snapshot.id}
    upsert(conn, deal, key, deal_values(snapshot))
    if known is None or list(known.contact_ids) != list(snapshot.contact_ids):
        _replace_contacts(conn, installation_id, snapshot)


def _replace_contacts(conn: Connection, installation_id: int, snapshot: Deal) -> None:
    links = deal_contact.c
    conn.execute(
        delete(deal_contact).where(links.installation_id == installation_id, links.deal_id == snapshot.id)
    )
    contacts = dict.fromkeys(snapshot.contact_ids)
    _insert(
        conn,
        deal_contact,
        installation_id,
        ({"contact_id": contact_id, "deal_id": snapshot.id} for contact_id in contacts),
    )


def _mark_gone(conn: Connection, installation_id: int, deal_id: str, now: datetime) -> None:
    of_deal = (deal.c.installation_id == installation_id, deal.c.deal_id == deal_id)
    conn.execute(update(deal).where(*of_deal).values(is_deleted=True, read_at=now))


def _unknown(
    conn: Connection,
    installation_id: int,
    known_ids: Prepared,
    items: Sequence[T],
    key: Callable[[T], str],
) -> list[T]:
    first = {key(item): item for item in reversed(items)}
    ids = list(first)
    known: set[str] = set()
    for start in range(0, len(ids), LOOK_UP):
        part = ids[start : start + LOOK_UP]
        known.update(known_ids.run(conn, tenant=installation_id, ids=part).scalars())
    return [item for item in items if key(item) not in known and first[key(item)] is item]


def _insert(conn: Connection, table: Table, installation_id: int, rows: Iterable[dict[str, Any]]) -> None:
    insert_new(conn, table, [{"installation_id": installation_id, **row} for row in rows])
