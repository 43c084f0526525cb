"""How the locks of a pipeline stand today: what was found out, as long as it is still about the same ways."""

from dataclasses import dataclass

from sqlalchemy import Connection

from app.domain.funnel import GateMode
from app.domain.lock import GatedStage, LockCode, LockState, gated_stages
from app.domain.stage import Catalog, StageRef
from app.funnels.current import current_version
from app.installations.store import load_catalog
from app.lock.store import KnownLock, locks_of

SHUT = (LockState.HOLDS, LockState.LEAKS, LockState.DEFEATED)
"""States of a stage that somebody has locked: sellers may need the button to get in."""


@dataclass(frozen=True, slots=True)
class StandingLock:
    """A gated stage with what is known of its lock; `known` is None when it was never tried, and told
    with `state` unchecked when the ways have changed since."""

    gated: GatedStage
    known: KnownLock | None

    @property
    def is_current(self) -> bool:
        """True when what was found out is about the ways that the gate closes today."""
        return self.known is not None and self.known.signature == self.gated.signature

    @property
    def state(self) -> LockState:
        """What is known today."""
        return self.known.state if self.known and self.is_current else LockState.UNCHECKED

    @property
    def code(self) -> LockCode:
        """Why."""
        if self.known is None:
            return LockCode.NONE
        return self.known.code if self.is_current else LockCode.CHANGED_SINCE


def standing_locks(
    conn: Connection, installation_id: int, pipeline_id: str, catalog: Catalog | None
) -> list[StandingLock]:
    """The pipeline's gated stages in order, each with its lock; none without a mapping or a catalog."""
    version = current_version(conn, installation_id, pipeline_id)
    if version is None or catalog is None:
        return []
    known = locks_of(conn, [installation_id], pipeline_id)
    return [
        StandingLock(gated, known.get((installation_id, gated.stage.ref)))
        for gated in gated_stages(version, catalog)
    ]


def locked_stages(
    conn: Connection, installation_id: int, pipeline_id: str, catalog: Catalog | None
) -> frozenset[StageRef]:
    """Stages of the pipeline that sellers may be unable to enter by hand."""
    if not locks_of(conn, [installation_id], pipeline_id):
        return frozenset()
    return frozenset(
        each.gated.stage.ref
        for each in standing_locks(conn, installation_id, pipeline_id, catalog)
        if each.state in SHUT and each.gated.mode is GateMode.ENFORCE
    )


def broken_locks(conn: Connection, installation_id: int) -> list[StandingLock]:
    """Locks of the account that let sellers through, in all pipelines."""
    catalog = load_catalog(conn, installation_id)
    pipelines = sorted({ref.pipeline_id for _, ref in locks_of(conn, [installation_id])})
    found = (each for one in pipelines for each in standing_locks(conn, installation_id, one, catalog))
    return [each for each in found if each.state is LockState.LEAKS]
