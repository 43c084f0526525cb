"""The standing watch: a person who comes through a locked way shows that the lock lets people through."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.domain.deal import MoveOrigin, StageMove
from app.domain.lock import GatedStage, LockCode, LockState, Way, gated_stages
from app.funnels.current import CurrentVersions
from app.installations.store import get_installation, load_catalog
from app.ledger.sight import DealKey, Sight
from app.lock.rights import is_administrator
from app.lock.store import KnownLock, save_lock, watched_locks


def watch_locks(sight: Sight, versions: CurrentVersions, _: datetime) -> None:
    """Note passages through locked ways among the moves of these deals; a projection of the ledger.

    Only a move whose author the CRM names says anything, and neither our own nor a robot's does. An
    administrator's is told apart: no role binds him.
    """
    watched = watched_locks(sight.conn, (key.installation_id for key in sight.keys))
    for tenant, locks in sorted(watched.items()):
        keys = [key for key in sight.keys if key.installation_id == tenant]
        _watch_account(sight, versions, tenant, locks, keys)


def _watch_account(
    sight: Sight,
    versions: CurrentVersions,
    tenant: int,
    locks: Sequence[KnownLock],
    keys: Iterable[DealKey],
) -> None:
    moves = [move for key in keys for move in sight.moves[key] if _is_a_person_s(move)]
    if not moves:
        return
    catalog = load_catalog(sight.conn, tenant)
    for lock in locks:
        version = versions.of(tenant, lock.stage.pipeline_id)
        gated = gated_stages(version, catalog) if version and catalog else ()
        now = next((each for each in gated if each.stage.ref == lock.stage), None)
        if now is not None and now.signature == lock.signature:
            _watch_lock(sight.conn, tenant, lock, _through(now, lock, moves))


def _through(gated: GatedStage, lock: KnownLock, moves: Iterable[StageMove]) -> list[StageMove]:
    """The moves through the lock's ways since it was checked, that are not known yet, oldest first."""
    since = max(moment for moment in (lock.checked_at, lock.leak_at) if moment is not None)
    ways = set(gated.ways)
    found = [
        move
        for move in moves
        if move.from_stage and move.occurred_at > since and Way(move.from_stage, move.to_stage) in ways
    ]
    return sorted(found, key=lambda move: (move.occurred_at, move.log_id))


def _watch_lock(conn: Connection, tenant: int, lock: KnownLock, passages: Iterable[StageMove]) -> None:
    catalog, service = load_catalog(conn, tenant), get_installation(conn, tenant).service_user_id
    for move in passages:
        if move.actor_id == service:
            continue
        is_exempt = is_administrator(conn, tenant, catalog, move.actor_id)
        state = LockState.DEFEATED if is_exempt else LockState.LEAKS
        code = LockCode.ADMIN_IS_EXEMPT if is_exempt else LockCode.MOVED_BY_SELLER
        lock = replace(
            lock,
            state=state,
            code=code,
            leak_deal_id=move.deal_id,
            leak_by=move.actor_id,
            leak_at=move.occurred_at,
        )
        save_lock(conn, tenant, lock)
        if state is LockState.LEAKS:
            return


def _is_a_person_s(move: StageMove) -> bool:
    return move.origin is MoveOrigin.PERSON and bool(move.actor_id)
