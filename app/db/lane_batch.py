"""Several lanes at once: claimed in turns, held, given back together. One lane is a batch of one."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from typing import Any

from sqlalchemy import Connection

from app.db.lane_ring import LaneKey
from app.db.lane_statements import CLAIM, READY
from app.db.types import to_micros

_COLUMNS = {
    "tenant": "bigint",
    "kind": "text",
    "whose": "text",
    "fence": "bigint",
    "owner": "text",
    "want": "bigint",
    "cursor": "text",
    "next_at": "bigint",
    "now": "bigint",
}
_MINE = """lane.installation_id = mine.tenant AND lane.entity = mine.kind AND lane.entity_id = mine.whose
  AND lane.fence = mine.fence AND lane.owner = mine.owner"""
_BACK = "lane.installation_id, lane.entity, lane.entity_id, lane.fence"
# Rung meanwhile: at once. Else the earlier of what was asked for and the timer.
_RELEASE = f"""
UPDATE lane SET log_cursor = mine.cursor, done_seq = mine.want, lease_until = NULL, owner = NULL,
  crashes = 0, tries = 0, last_error = '',
  head_at = CASE WHEN lane.want_seq > mine.want THEN mine.now
                 WHEN mine.next_at IS NULL OR lane.timer_at < mine.next_at THEN lane.timer_at
                 ELSE mine.next_at END,
  turn_at = CASE WHEN lane.want_seq > mine.want AND lane.tries > 0 THEN mine.now
                 WHEN lane.want_seq > mine.want THEN lane.turn_at
                 WHEN mine.next_at IS NULL OR lane.timer_at < mine.next_at THEN coalesce(lane.timer_at, 0)
                 ELSE mine.next_at END
FROM {{mine}} WHERE {_MINE} RETURNING {_BACK}"""  # noqa: S608  no outside text gets in
_HOLD = f"SELECT {_BACK} FROM {{mine}} JOIN lane ON {_MINE} ORDER BY 1, 2, 3"  # noqa: S608  the same

LONGEST_PATIENCE = timedelta(hours=2)
"""No lane stands aside for longer than that."""

UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class ClaimedLane:
    """A lane in our hands until its lease ends.

    `crashes` counts earlier claims in a row that ended without release, `tries` postponed runs in a row.
    """

    key: LaneKey
    want_seq: int
    log_cursor: str
    fence: int
    crashes: int
    tries: int
    owner: str


@dataclass(frozen=True, slots=True)
class Done:
    """A lane to give back: done as far as `log_cursor`, to be woken at `next_at` if at all."""

    lane: ClaimedLane
    log_cursor: str
    next_at: datetime | None


def ready_installations(conn: Connection, now: datetime) -> list[int]:
    """Active installations with a lane to claim, ascending. Whoever claims takes turns among them."""
    return list(conn.scalars(READY, {"now": now}))


def claim_of(
    conn: Connection, installation_id: int, owner: str, now: datetime, lease: timedelta, most: int = 1
) -> list[ClaimedLane]:
    """Take up to `most` lanes of one installation, those whose turn it is.

    While a lane is held its turn is the last of all; a ring meanwhile makes it earlier. The crash
    counter rises here and falls at release, so a run that kills the process is counted.
    """
    values = {
        "tenant": installation_id,
        "now": now,
        "until": now + lease,
        "last_turn": now + LONGEST_PATIENCE,
        "new_owner": owner,
        "most": most,
    }
    return [
        ClaimedLane(
            LaneKey(installation_id, row.entity, row.entity_id),
            row.want_seq,
            row.log_cursor,
            row.fence,
            row.crashes - 1,
            row.tries,
            owner,
        )
        for row in conn.execute(CLAIM, values)
    ]


def claim_in_turns(
    conn: Connection,
    owner: str,
    now: datetime,
    lease: timedelta,
    most: int,
    after: int = 0,
    room: Callable[[int], int] = lambda _: UNLIMITED,
) -> list[ClaimedLane]:
    """Take up to `most` lanes, shared evenly among the installations that have work.

    Their turn begins behind installation `after`, so that a long queue does not hold up the others;
    of each no more are taken than it has `room` for.
    """
    ready = ready_installations(conn, now)
    ready = [each for each in ready if each > after] + [each for each in ready if each <= after]
    rooms = {each: room(each) for each in ready}
    claimed: list[ClaimedLane] = []
    while ready := [each for each in ready if rooms[each] > 0]:
        share = ceil((most - len(claimed)) / len(ready))
        for tenant in ready:
            limit = min(share, rooms[tenant], most - len(claimed))
            part = claim_of(conn, tenant, owner, now, lease, limit)
            claimed += part
            rooms[tenant] = rooms[tenant] - limit if len(part) == limit else 0
            if len(claimed) == most:
                return claimed
    return claimed


def hold(conn: Connection, lanes: Iterable[ClaimedLane]) -> set[tuple[LaneKey, int]]:
    """Which lanes are still ours, as (key, fence); nobody can take them before this transaction ends.

    Always in the order of the keys, so that two transactions cannot wait for each other.
    """
    return _run(conn, _HOLD, [_identity(lane) for lane in lanes], lock=True)


def release_all(conn: Connection, done: Sequence[Done], now: datetime) -> set[tuple[LaneKey, int]]:
    """Give lanes back, in the transaction that stores the outcome; which of them were still ours."""
    moment = to_micros(now)
    rows = [
        _identity(each.lane)
        | {
            "want": each.lane.want_seq,
            "cursor": each.log_cursor,
            "next_at": to_micros(each.next_at) if each.next_at else None,
            "now": moment,
        }
        for each in done
    ]
    return _run(conn, _RELEASE, rows)


def _identity(lane: ClaimedLane) -> dict[str, Any]:
    tenant, kind, whose = lane.key
    return {"tenant": tenant, "kind": kind, "whose": whose, "fence": lane.fence, "owner": lane.owner}


def _run(
    conn: Connection, statement: str, rows: Sequence[Mapping[str, Any]], *, lock: bool = False
) -> set[tuple[LaneKey, int]]:
    if not rows:
        return set()
    sql = _worded(conn.dialect.name, statement, tuple(rows[0]), lock)
    ordered = sorted(rows, key=lambda row: (row["tenant"], row["kind"], row["whose"]))
    found = conn.exec_driver_sql(sql, (json.dumps(ordered),))
    return {(LaneKey(row[0], row[1], row[2]), row[3]) for row in found}


@cache
def _worded(dialect: str, statement: str, names: tuple[str, ...], lock: bool) -> str:
    if dialect == "postgresql":
        columns = ", ".join(f"{name} {_COLUMNS[name]}" for name in names)
        sql = statement.format(mine=f"json_to_recordset($1::json) AS mine({columns})")
        return f"{sql} FOR UPDATE OF lane" if lock else sql
    taken = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in names)
    return statement.format(mine=f"(SELECT {taken} FROM json_each(?)) AS mine")  # noqa: S608  our own names
