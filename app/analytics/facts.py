"""Keeps the panel's facts in step with the ledger: one deal in, a few rows and sums changed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from itertools import product
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, select

from app.analytics.thinning import thinning_of
from app.db.prepared import keys_of, prepared, value, wanted
from app.db.tables import deal_step, installation, step_sum
from app.db.upsert import add_all, upsert_all
from app.domain.funnel import Funnel, FunnelVersion
from app.domain.progress import StepProgress, measure_progress
from app.funnels.current import CurrentVersions
from app.ledger.record import name_segments
from app.ledger.sight import DealKey, Sight

DEFAULT_ZONE = "Europe/Moscow"
SUMMED = ("deals", "done", "ordered", "claimed", "ahead")
SUM_KEY = ("pipeline_id", "segment_key", "cohort_day", "responsible_id", "step_key")
_WHOLE_KEY = ("installation_id", "grain", *SUM_KEY)
DAY, MONTH = "d", "m"
"""Sums of a day, and of a whole month under its first day: a long period is read by months."""

ROW_KEY = ("installation_id", "deal_id", "step_key")

_StepRow = dict[str, object]
_STORED = prepared(
    lambda: (
        select(deal_step)
        .select_from(wanted(deal_step, deal_step.c.installation_id, deal_step.c.deal_id))
        .order_by(deal_step.c.step_key)
    )
)
_SETTINGS = prepared(lambda: select(installation.c.settings).where(installation.c.id == value("tenant")))
_FORGET = prepared(
    lambda: delete(deal_step).where(
        deal_step.c.installation_id == value("tenant"),
        deal_step.c.deal_id == value("of_deal"),
        deal_step.c.step_key == value("of_step"),
    )
)


@dataclass(frozen=True, slots=True)
class _Place:
    """What the sums are grouped by, apart from the step."""

    pipeline_id: str
    segment_key: str
    cohort_day: int
    responsible_id: str


def refresh_deal(conn: Connection, installation_id: int, deal_id: str, now: datetime) -> None:
    """`refresh_deals` for one deal."""
    refresh_deals(Sight(conn, [DealKey(installation_id, deal_id)]), CurrentVersions(conn), now)


def refresh_deals(sight: Sight, versions: CurrentVersions, now: datetime) -> None:
    """Measure the deals anew and carry the differences into the sums, in the caller's transaction.

    Their rows are locked before (`Sight.deals`), so that two processes cannot count the same
    difference twice.
    """
    funnels = _funnels(sight, versions)
    _name_segments(sight, funnels)
    measured = _measured_rows(sight, funnels, now)
    stored = _stored_rows(sight)
    changed = [key for key in sight.keys if stored[key] != measured[key]]
    if not changed:
        return
    before = [row for key in changed for row in stored[key]]
    after = [row for key in changed for row in measured[key]]
    _replace_rows(sight.conn, before, after)
    _add_to_sums(sight.conn, _difference(before, after))


def cohort_day(created_at: datetime, zone: str) -> int:
    """The day of a deal's creation in the account's zone, as an ordinal (1 is 0001-01-01)."""
    return created_at.astimezone(ZoneInfo(zone)).date().toordinal()


def zone_of(conn: Connection, installation_id: int) -> str:
    """The account's time zone name."""
    settings = _SETTINGS.run(conn, tenant=installation_id).scalar()
    return str((settings or {}).get("timezone") or DEFAULT_ZONE)


def _stored_rows(sight: Sight) -> dict[DealKey, list[_StepRow]]:
    stored: dict[DealKey, list[_StepRow]] = {key: [] for key in sight.keys}
    for row in _STORED.run(sight.conn, keys=keys_of(sight.keys)):
        stored[DealKey(row.installation_id, row.deal_id)].append(dict(row._mapping))
    return stored


def _funnels(sight: Sight, versions: CurrentVersions) -> dict[DealKey, tuple[FunnelVersion, Funnel]]:
    """The funnel in force of each deal that has one."""
    versions.load((key.installation_id, deal.stage.pipeline_id) for key, deal in sight.deals.items())
    found: dict[DealKey, tuple[FunnelVersion, Funnel]] = {}
    for key, deal in sight.deals.items():
        version = versions.of(key.installation_id, deal.stage.pipeline_id)
        funnel = version.funnel_for(deal) if version else None
        if version and funnel:
            found[key] = version, funnel
    return found


def _name_segments(sight: Sight, funnels: Mapping[DealKey, tuple[FunnelVersion, Funnel]]) -> None:
    names = {key: funnels[key][1].segment.key if key in funnels else "" for key in sight.deals}
    name_segments(sight.conn, {key: name for key, name in names.items() if sight.segments[key] != name})


def _measured_rows(
    sight: Sight, funnels: Mapping[DealKey, tuple[FunnelVersion, Funnel]], now: datetime
) -> dict[DealKey, list[_StepRow]]:
    zones = cache(partial(zone_of, sight.conn))
    measured: dict[DealKey, list[_StepRow]] = {key: [] for key in sight.keys}
    for key, (version, funnel) in funnels.items():
        deal = sight.deals[key]
        day = cohort_day(deal.created_at, zones(key.installation_id))
        place = _Place(deal.stage.pipeline_id, funnel.segment.key, day, deal.responsible_id)
        steps = measure_progress(version, funnel, sight.evidence_of(key), sight.moves[key], now)
        rows = [_row(key, place, step) for step in steps]
        measured[key] = sorted(rows, key=lambda row: str(row["step_key"]))
    return measured


def _replace_rows(conn: Connection, before: Sequence[_StepRow], after: Sequence[_StepRow]) -> None:
    """Write what differs: most events change one step of a deal, and every row is in several indexes."""
    known = {_row_key(row): row for row in before}
    kept = {_row_key(row) for row in after}
    for tenant, deal_id, step_key in known.keys() - kept:
        _FORGET.run(conn, tenant=tenant, of_deal=deal_id, of_step=step_key)
    changed = [row for row in after if known.get(_row_key(row)) != row]
    upsert_all(conn, deal_step, ROW_KEY, changed)


def _row_key(row: _StepRow) -> tuple[object, ...]:
    return tuple(row[column] for column in ROW_KEY)


def _row(key: DealKey, place: _Place, step: StepProgress) -> _StepRow:
    return {
        "installation_id": key.installation_id,
        "deal_id": key.deal_id,
        "step_key": step.key,
        "pipeline_id": place.pipeline_id,
        "segment_key": place.segment_key,
        "responsible_id": place.responsible_id,
        "cohort_day": place.cohort_day,
        "position": step.position,
        "thinning": thinning_of(key.deal_id),
        "done_at": step.done_at,
        "ordered_at": step.ordered_at,
        "claimed_at": step.claimed_at,
    }


def _difference(
    before: Iterable[Mapping[str, object]], after: Iterable[Mapping[str, object]]
) -> dict[tuple[object, ...], Counter[str]]:
    change: dict[tuple[object, ...], Counter[str]] = {}
    for sign, rows in ((-1, before), (1, after)):
        for row, grain in product(rows, (DAY, MONTH)):
            counts = change.setdefault(_sum_key(row, grain), Counter())
            counts["deals"] += sign
            for column in ("done", "ordered", "claimed"):
                counts[column] += sign * (row[f"{column}_at"] is not None)
            counts["ahead"] += sign * (row["claimed_at"] is not None and row["done_at"] is None)
    return {key: counts for key, counts in change.items() if any(counts.values())}


def _sum_key(row: Mapping[str, object], grain: str) -> tuple[object, ...]:
    day = cast(int, row["cohort_day"])
    place = {"grain": grain, "cohort_day": month_of(day) if grain == MONTH else day}
    return tuple(place[column] if column in place else row[column] for column in _WHOLE_KEY)


@cache
def month_of(day: int) -> int:
    """The first day of a day's month; both are ordinals."""
    return date.fromordinal(day).replace(day=1).toordinal()


def _add_to_sums(conn: Connection, change: Mapping[tuple[object, ...], Counter[str]]) -> None:
    rows = [
        dict(zip(_WHOLE_KEY, key, strict=True)) | {column: counts[column] for column in SUMMED}
        for key, counts in sorted(change.items(), key=lambda item: tuple(map(str, item[0])))
    ]
    add_all(conn, step_sum, _WHOLE_KEY, rows)


def stored_sums(conn: Connection, installation_id: int, grain: str = DAY) -> list[Row[tuple[object, ...]]]:
    """All sums of an installation of that grain that are not zero, ordered by their key; for checks."""
    query = (
        select(*(step_sum.c[column] for column in (*SUM_KEY, *SUMMED)))
        .where(
            step_sum.c.installation_id == installation_id,
            step_sum.c.grain == grain,
            step_sum.c.deals != 0,
        )
        .order_by(*(step_sum.c[column] for column in SUM_KEY))
    )
    return list(conn.execute(query).all())
