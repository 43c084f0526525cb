"""Storing deliveries: what came is kept and the lanes that it concerns are rung, in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from typing import NamedTuple, assert_never

from sqlalchemy import Connection

from app.crm.events import (
    AccountRemoved,
    CatalogTouched,
    ContactTouched,
    DealTouched,
    InboundEvent,
    RecordTouched,
    Unhandled,
)
from app.db.lane import AT_ONCE, LaneKey, ring_each
from app.db.types import to_micros
from app.installations.removal import remove_account
from app.observability import get_logger

ROUTED = "routed"
QUARANTINED = "quarantined"
CATALOG_LANE = "catalog"
_COLUMNS = "installation_id, received_at, sealed_body, body_hash, request_id, state, reason"
_WIDTH = 7
_log = get_logger("inbox")
_POSTGRESQL = f"""
INSERT INTO delivery ({_COLUMNS})
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::text[])
"""  # noqa: S608  no outside text gets in


class Arrival(NamedTuple):
    """A delivery ready to be stored; `sealed_body` is redacted and encrypted.

    `patience` is how long the lanes may stand aside for others. A `removal` is carried out with the
    storing: nothing that is worked on later could tell it from a consent that was given meanwhile.
    `state` is "routed" or, with a `reason`, "quarantined": kept for a person, no lane is rung.
    """

    installation_id: int
    received_at: datetime
    sealed_body: bytes
    body_hash: bytes
    request_id: str
    state: str = ROUTED
    reason: str = ""
    lanes: tuple[LaneKey, ...] = ()
    patience: timedelta = AT_ONCE
    removal: AccountRemoved | None = None


def lanes_of(installation_id: int, events: Iterable[InboundEvent]) -> tuple[LaneKey, ...]:
    """The lanes that the events of one delivery concern, each once."""
    found: dict[LaneKey, None] = {}
    for event in events:
        match event:
            case DealTouched(deal_id):
                found[LaneKey(installation_id, "deal", deal_id)] = None
            case ContactTouched(contact_id):
                found[LaneKey(installation_id, "contact", contact_id)] = None
            case RecordTouched(record_id):
                found[LaneKey(installation_id, "record", record_id)] = None
            case CatalogTouched():
                found[LaneKey(installation_id, "account", CATALOG_LANE)] = None
            case AccountRemoved() | Unhandled():
                pass
            case _:
                assert_never(event)
    return tuple(found)


def store_arrivals(conn: Connection, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Keep all of `arrivals` and ring their lanes. Raises IntegrityError when a tenant is gone."""
    rows = [
        (
            each.installation_id,
            to_micros(each.received_at),
            each.sealed_body,
            each.body_hash,
            each.request_id,
            each.state,
            each.reason,
        )
        for each in arrivals
    ]
    if conn.dialect.name == "postgresql":
        columns: list[list[object]] = [list(column) for column in zip(*rows, strict=True)]
        conn.exec_driver_sql(_POSTGRESQL, tuple(columns))
    else:
        conn.exec_driver_sql(_insert_sqlite(len(rows)), tuple(chain.from_iterable(rows)))
    ring_each(conn, [(key, each.patience) for each in arrivals for key in each.lanes], now)
    for each in arrivals:
        if each.removal:
            _remove(conn, each.installation_id, each.removal, now)


def _remove(conn: Connection, installation_id: int, removal: AccountRemoved, now: datetime) -> None:
    wipes, happened_at = removal.wipes, removal.happened_at
    if remove_account(conn, installation_id, now, wipes=wipes, happened_at=happened_at):
        _log.warning("account removed", installation_id=installation_id, kind="wipes" if wipes else "keeps")


@cache
def _insert_sqlite(count: int) -> str:
    # One statement for all rows: the driver lets go of the interpreter's lock for every statement,
    # and getting it back from a busy event loop is what costs.
    row = f"({', '.join('?' * _WIDTH)})"
    return f"INSERT INTO delivery ({_COLUMNS}) VALUES {', '.join([row] * count)}"  # noqa: S608  only marks
