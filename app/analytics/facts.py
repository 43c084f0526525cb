"""Keeps the panel's facts in step with the ledger: one deal in, a few rows and sums changed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.db.tables import deal as deal_table
from app.db.tables import deal_step, installation, step_sum
from app.db.upsert import insert_into
from app.domain.progress import StepProgress, measure_progress
from app.funnels.current import current_version
from app.ledger.read import deal_of, evidence_of, moves_of

DEFAULT_ZONE = "Europe/Moscow"
SUMMED = ("deals", "done", "ordered", "claimed")
SUM_KEY = ("pipeline_id", "segment_key", "cohort_day", "responsible_id", "step_key")


@dataclass(frozen=True, slots=True)
class _Place:
    """What the sums are grouped by, apart from the step."""

    pipeline_id: str
    segment_key: str
    cohort_day: int
    responsible_id: str


def refresh_deal(conn: Connection, installation_id: int, deal_id: str, now: datetime) -> None:
    """Measure one deal anew and carry the difference into the sums, in the caller's transaction.

    The deal's row is locked first, so that two processes cannot count the same difference twice.
    """
    _lock(conn, installation_id, deal_id)
    before = _stored_rows(conn, installation_id, deal_id)
    after = _measured_rows(conn, installation_id, deal_id, now)
    if before == after:
        return
    conn.execute(
        delete(deal_step).where(
            deal_step.c.installation_id == installation_id, deal_step.c.deal_id == deal_id
        )
    )
    if after:
        conn.execute(insert(deal_step), after)
    _add_to_sums(conn, installation_id, _difference(before, after))
    _name_segment(conn, installation_id, deal_id, str(after[0]["segment_key"]) if after else "")


def cohort_day(created_at: datetime, zone: str) -> int:
    """The day of a deal's creation in the account's zone, as an ordinal (1 is 0001-01-01)."""
    return created_at.astimezone(ZoneInfo(zone)).date().toordinal()


def zone_of(conn: Connection, installation_id: int) -> str:
    """The account's time zone name."""
    settings = conn.scalar(select(installation.c.settings).where(installation.c.id == installation_id))
    return str((settings or {}).get("timezone") or DEFAULT_ZONE)


def _lock(conn: Connection, installation_id: int, deal_id: str) -> None:
    conn.execute(
        select(deal_table.c.deal_id)
        .where(deal_table.c.installation_id == installation_id, deal_table.c.deal_id == deal_id)
        .with_for_update()
    )


def _name_segment(conn: Connection, installation_id: int, deal_id: str, segment_key: str) -> None:
    of_deal = (deal_table.c.installation_id == installation_id, deal_table.c.deal_id == deal_id)
    conn.execute(update(deal_table).where(*of_deal).values(segment_key=segment_key))


def _stored_rows(conn: Connection, installation_id: int, deal_id: str) -> list[dict[str, object]]:
    query = (
        select(deal_step)
        .where(deal_step.c.installation_id == installation_id, deal_step.c.deal_id == deal_id)
        .order_by(deal_step.c.step_key)
    )
    return [dict(row._mapping) for row in conn.execute(query)]


def _measured_rows(
    conn: Connection, installation_id: int, deal_id: str, now: datetime
) -> list[dict[str, object]]:
    deal = deal_of(conn, installation_id, deal_id)
    version = current_version(conn, installation_id, deal.stage.pipeline_id) if deal else None
    funnel = version.funnel_for(deal) if deal and version else None
    if not (deal and version and funnel):
        return []
    place = _Place(
        deal.stage.pipeline_id,
        funnel.segment.key,
        cohort_day(deal.created_at, zone_of(conn, installation_id)),
        deal.responsible_id,
    )
    moves = moves_of(conn, installation_id, deal_id)
    evidence = evidence_of(conn, installation_id, deal_id, moves)
    steps = measure_progress(version, funnel, evidence, moves, now)
    rows = [_row(installation_id, deal_id, place, step) for step in steps]
    return sorted(rows, key=lambda row: str(row["step_key"]))


def _row(installation_id: int, deal_id: str, place: _Place, step: StepProgress) -> dict[str, object]:
    return {
        "installation_id": installation_id,
        "deal_id": deal_id,
        "step_key": step.key,
        "pipeline_id": place.pipeline_id,
        "segment_key": place.segment_key,
        "responsible_id": place.responsible_id,
        "cohort_day": place.cohort_day,
        "position": step.position,
        "done_at": step.done_at,
        "ordered_at": step.ordered_at,
        "claimed_at": step.claimed_at,
    }


def _difference(
    before: Iterable[Mapping[str, object]], after: Iterable[Mapping[str, object]]
) -> dict[tuple[object, ...], Counter[str]]:
    change: dict[tuple[object, ...], Counter[str]] = {}
    for sign, rows in ((-1, before), (1, after)):
        for row in rows:
            counts = change.setdefault(tuple(row[column] for column in SUM_KEY), Counter())
            counts["deals"] += sign
            for column in ("done", "ordered", "claimed"):
                counts[column] += sign * (row[f"{column}_at"] is not None)
    return {key: counts for key, counts in change.items() if any(counts.values())}


def _add_to_sums(
    conn: Connection, installation_id: int, change: Mapping[tuple[object, ...], Counter[str]]
) -> None:
    if not change:
        return
    statement = insert_into(conn, step_sum)
    statement = statement.on_conflict_do_update(
        index_elements=["installation_id", *SUM_KEY],
        set_={column: step_sum.c[column] + statement.excluded[column] for column in SUMMED},
    )
    rows = [
        {"installation_id": installation_id}
        | dict(zip(SUM_KEY, key, strict=True))
        | {column: counts[column] for column in SUMMED}
        for key, counts in sorted(change.items(), key=lambda item: tuple(map(str, item[0])))
    ]
    conn.execute(statement, rows)


def stored_sums(conn: Connection, installation_id: int) -> list[Row[tuple[object, ...]]]:
    """All sums of an installation that are not zero, ordered by their key; for checks."""
    query = (
        select(*(step_sum.c[column] for column in (*SUM_KEY, *SUMMED)))
        .where(step_sum.c.installation_id == installation_id, step_sum.c.deals != 0)
        .order_by(*(step_sum.c[column] for column in SUM_KEY))
    )
    return list(conn.execute(query).all())
