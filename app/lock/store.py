"""Locked stages and trials as rows. Changes of a trial's state say which state they expect."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.db.prepared import prepared, value
from app.db.tables import lock_stage, lock_trial
from app.db.upsert import upsert
from app.domain.lock import LockCode, LockState, TriedWay, Way
from app.domain.stage import StageRef


class TrialStep(StrEnum):
    """How far a trial has come."""

    MAKING = "making"
    """Its deal is being made, or was when somebody died."""
    WAITING = "waiting"
    TRYING = "trying"
    CLEANING = "cleaning"
    """It is known what it says; its deal has still to be deleted."""
    OVER = "over"


WATCHED = (LockState.HOLDS, LockState.DEFEATED)
"""A lock that leaks is known to, and of one that was never checked nobody said that it is there."""

LIVE = (TrialStep.MAKING, TrialStep.WAITING, TrialStep.TRYING)


@dataclass(frozen=True, slots=True)
class KnownLock:
    """What was found out about one stage's lock, by the signature of the ways that it was for."""

    stage: StageRef
    signature: str
    state: LockState
    code: LockCode
    checked_at: datetime | None
    checked_by: str
    leak_deal_id: str = ""
    leak_by: str = ""
    leak_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial of one stage's lock by one seller."""

    installation_id: int
    id: str
    stage: StageRef
    signature: str
    user_id: str
    deal_id: str
    title: str
    step: TrialStep
    outcome: LockState | None
    code: LockCode
    results: tuple[TriedWay, ...]
    started_at: datetime
    started_by: str
    busy_until: datetime | None


def locks_of(
    conn: Connection, installation_ids: Iterable[int], pipeline_id: str = ""
) -> dict[tuple[int, StageRef], KnownLock]:
    """What is known of the accounts' locks, by account and stage; of one pipeline where it is named."""
    query = select(lock_stage).where(lock_stage.c.installation_id.in_(sorted(set(installation_ids))))
    if pipeline_id:
        query = query.where(lock_stage.c.pipeline_id == pipeline_id)
    return {(row.installation_id, (lock := _lock(row)).stage): lock for row in conn.execute(query)}


_WATCHED = prepared(
    lambda: select(lock_stage).where(
        lock_stage.c.installation_id.in_(value("tenants", several=True)),
        lock_stage.c.state.in_([state.value for state in WATCHED]),
    )
)


def watched_locks(conn: Connection, installation_ids: Iterable[int]) -> dict[int, list[KnownLock]]:
    """Locks that somebody's passage would be news about, by account; asked with every event."""
    tenants = sorted(set(installation_ids))
    found: dict[int, list[KnownLock]] = {}
    for row in _WATCHED.run(conn, tenants=tenants) if tenants else ():
        found.setdefault(row.installation_id, []).append(_lock(row))
    return found


def save_lock(conn: Connection, installation_id: int, lock: KnownLock) -> None:
    """Keep what was found out about a stage's lock, in place of what was known before."""
    key = {
        "installation_id": installation_id,
        "pipeline_id": lock.stage.pipeline_id,
        "stage_id": lock.stage.stage_id,
    }
    values = {
        "signature": lock.signature,
        "state": lock.state.value,
        "code": lock.code.value,
        "checked_at": lock.checked_at,
        "checked_by": lock.checked_by,
        "leak_deal_id": lock.leak_deal_id,
        "leak_by": lock.leak_by,
        "leak_at": lock.leak_at,
    }
    upsert(conn, lock_stage, key, values)


def add_trial(conn: Connection, trial: Trial) -> None:
    """Store a trial that begins."""
    conn.execute(
        insert(lock_trial).values(
            installation_id=trial.installation_id,
            trial_id=trial.id,
            pipeline_id=trial.stage.pipeline_id,
            stage_id=trial.stage.stage_id,
            signature=trial.signature,
            user_id=trial.user_id,
            title=trial.title,
            state=trial.step.value,
            results=[],
            started_at=trial.started_at,
            started_by=trial.started_by,
            busy_until=trial.busy_until,
        )
    )


def change_trial(conn: Connection, trial: Trial, *expected: TrialStep, **values: Any) -> bool:
    """Change a trial that still stands in one of these steps; False when it has gone on."""
    steps = [step.value for step in expected]
    done = conn.execute(
        update(lock_trial)
        .where(
            lock_trial.c.installation_id == trial.installation_id,
            lock_trial.c.trial_id == trial.id,
            lock_trial.c.state.in_(steps),
        )
        .values(**values)
    )
    return done.rowcount == 1


def find_trial(conn: Connection, installation_id: int, trial_id: str) -> Trial | None:
    """The trial of that id, or None."""
    return _one(conn, installation_id, lock_trial.c.trial_id == trial_id)


def trial_of_deal(conn: Connection, installation_id: int, deal_id: str) -> Trial | None:
    """The trial that the deal was made for, or None."""
    return _one(conn, installation_id, lock_trial.c.deal_id == deal_id)


def newest_trial(conn: Connection, installation_id: int, pipeline_id: str) -> Trial | None:
    """The trial of the pipeline that began last, or None."""
    return _one(conn, installation_id, lock_trial.c.pipeline_id == pipeline_id)


def has_live_trial(conn: Connection, installation_id: int) -> bool:
    """Whether a trial of the account has not come to its answer yet."""
    steps = [step.value for step in LIVE]
    return _one(conn, installation_id, lock_trial.c.state.in_(steps)) is not None


def unfinished_trials(conn: Connection) -> list[Trial]:
    """Trials of all accounts that are not over."""
    query = select(lock_trial).where(lock_trial.c.state != TrialStep.OVER.value)
    return [_trial(row) for row in conn.execute(query.order_by(lock_trial.c.started_at))]


def drop_trials(conn: Connection, before: datetime) -> None:
    """Forget trials that were over by then: the CRM tells nothing of their deals any more."""
    is_over = lock_trial.c.state == TrialStep.OVER.value
    conn.execute(delete(lock_trial).where(is_over, lock_trial.c.done_at < before))


def pack_results(results: Iterable[TriedWay]) -> list[dict[str, str]]:
    """Results as JSON."""
    return [
        {
            "from": str(each.way.came_from),
            "to": str(each.way.went_to),
            "state": each.state.value,
            "code": each.code.value,
        }
        for each in results
    ]


def _one(conn: Connection, installation_id: int, condition: Any) -> Trial | None:
    query = select(lock_trial).where(lock_trial.c.installation_id == installation_id, condition)
    row = conn.execute(query.order_by(lock_trial.c.started_at.desc()).limit(1)).first()
    return _trial(row) if row else None


def _lock(row: Row[Any]) -> KnownLock:
    return KnownLock(
        StageRef(row.pipeline_id, row.stage_id),
        row.signature,
        LockState(row.state),
        LockCode(row.code),
        row.checked_at,
        row.checked_by,
        row.leak_deal_id,
        row.leak_by,
        row.leak_at,
    )


def _trial(row: Row[Any]) -> Trial:
    return Trial(
        installation_id=row.installation_id,
        id=row.trial_id,
        stage=StageRef(row.pipeline_id, row.stage_id),
        signature=row.signature,
        user_id=row.user_id,
        deal_id=row.deal_id,
        title=row.title,
        step=TrialStep(row.state),
        outcome=LockState(row.outcome) if row.outcome else None,
        code=LockCode(row.code),
        results=tuple(_result(each) for each in row.results),
        started_at=row.started_at,
        started_by=row.started_by,
        busy_until=row.busy_until,
    )


def _result(packed: dict[str, str]) -> TriedWay:
    way = Way(StageRef.parse(packed["from"]), StageRef.parse(packed["to"]))
    return TriedWay(way, LockState(packed["state"]), LockCode(packed["code"]))
