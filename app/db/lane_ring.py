"""Waking lanes: a ring says "look now", a timer says "look then". Both may meet a lane in use."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from app.db.types import to_micros

# A lane that waits after a failure (tries > 0) keeps its appointment: a flood of rings must not
# turn into a flood of calls to a CRM that is down.
_EARLIER = """
  head_at = CASE WHEN lane.head_at IS NULL THEN excluded.head_at
                 WHEN lane.tries > 0 THEN lane.head_at
                 WHEN lane.head_at > excluded.head_at THEN excluded.head_at
                 ELSE lane.head_at END,
  turn_at = CASE WHEN lane.head_at IS NULL THEN excluded.turn_at
                 WHEN lane.tries > 0 THEN lane.turn_at
                 WHEN lane.turn_at > excluded.turn_at THEN excluded.turn_at
                 ELSE lane.turn_at END"""
_RING = f"""
INSERT INTO lane (installation_id, entity, entity_id, want_seq, head_at, turn_at)
{{rows}}
ON CONFLICT (installation_id, entity, entity_id) DO UPDATE SET
  want_seq = lane.want_seq + excluded.want_seq, {_EARLIER}"""
# One statement for all rows: the driver lets go of the interpreter's lock for every row it is given
# one by one, and getting it back from a busy event loop is what costs. (WHERE parts it from the ON.)
_RING_SQLITE = _RING.format(
    rows="SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),"
    " json_extract(value, '$[3]'), ?, json_extract(value, '$[4]') FROM json_each(?) WHERE true"
)
_RING_POSTGRESQL = _RING.format(
    rows="SELECT i, e, d, n, $6, t FROM"
    " unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS rung(i, e, d, n, t)"
)
_TIMER = f"""
INSERT INTO lane (installation_id, entity, entity_id, head_at, turn_at, timer_at)
VALUES ({{marks}})
ON CONFLICT (installation_id, entity, entity_id) DO UPDATE SET
  timer_at = CASE WHEN lane.timer_at < excluded.timer_at THEN lane.timer_at ELSE excluded.timer_at END,
  {_EARLIER}"""  # noqa: S608  no outside text gets in
_TIMER_SQLITE = _TIMER.format(marks="?, ?, ?, ?, ?, ?")
_TIMER_POSTGRESQL = _TIMER.format(marks="$1, $2, $3, $4, $5, $6")
AT_ONCE = timedelta(0)


class LaneKey(NamedTuple):
    """Whose lane: `entity` is "deal", "contact" or "account", `entity_id` the CRM's id of it."""

    installation_id: int
    entity: str
    entity_id: str


def ring(conn: Connection, keys: Iterable[LaneKey], now: datetime, patience: timedelta = AT_ONCE) -> None:
    """Say that something happened to each of `keys`; a key that comes twice counts twice.

    Lanes are claimed in the order of their turns, `patience` after they were rung: what is less urgent
    goes behind what comes up to that much later, and never waits longer for its sake.
    """
    ring_each(conn, ((key, patience) for key in keys), now)


def ring_each(conn: Connection, rings: Iterable[tuple[LaneKey, timedelta]], now: datetime) -> None:
    """`ring` with a patience for each; the least of a key counts.

    Always in the order of the keys, so that two transactions cannot wait for each other.
    """
    counts: Counter[LaneKey] = Counter()
    turns: dict[LaneKey, timedelta] = {}
    for key, patience in rings:
        counts[key] += 1
        turns[key] = min(patience, turns.get(key, patience))
    rows = [(*key, counts[key], to_micros(now + turns[key])) for key in sorted(counts)]
    if not rows:
        return
    at = to_micros(now)
    if conn.dialect.name == "postgresql":
        columns: list[list[object]] = [list(column) for column in zip(*rows, strict=True)]
        conn.exec_driver_sql(_RING_POSTGRESQL, (*columns, at))
    else:
        conn.exec_driver_sql(_RING_SQLITE, (at, json.dumps(rows)))


def wake_at(conn: Connection, key: LaneKey, at: datetime) -> None:
    """Have the lane looked at no later than `at`, even when it is in use now."""
    moment = to_micros(at)
    sql = _TIMER_POSTGRESQL if conn.dialect.name == "postgresql" else _TIMER_SQLITE
    conn.exec_driver_sql(sql, (*key, moment, moment, moment))
