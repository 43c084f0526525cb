"""The native lock: ways between stages that the CRM itself is to refuse to sellers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from app.domain.evaluate import CLOSED
from app.domain.funnel import FunnelVersion, GateMode
from app.domain.stage import Catalog, Stage, StageKind, StageRef


class LockState(StrEnum):
    """What is known of a stage's lock."""

    UNCHECKED = "unchecked"
    """Never tried, or something about the stages or gates has changed since."""
    HOLDS = "holds"
    LEAKS = "leaks"
    DEFEATED = "defeated"
    """It cannot work for whoever was let through: an administrator, or a plan without roles."""
    UNKNOWN = "unknown"
    """It was tried, and the answer says nothing about the lock."""


class LockCode(StrEnum):
    """Why a lock or a trial stands so; stable codes for API and texts."""

    NONE = ""
    REFUSED_FOR_RIGHTS = "refused_for_rights"
    MOVED_BY_SELLER = "moved_by_seller"
    ADMIN_IS_EXEMPT = "admin_is_exempt"
    PLAN_HAS_NO_ROLES = "plan_has_no_roles"
    REQUIRED_FIELD_INSTEAD = "required_field_instead"
    REFUSED_BY_CRM = "refused_by_crm"
    CANNOT_EDIT = "cannot_edit"
    """The seller may not change the deal at all, so that a refusal says nothing about stages."""
    CRM_UNAVAILABLE = "crm_unavailable"
    NOT_PLACED = "not_placed"
    """Our own access could not put the trial deal before the gate."""
    CHANGED_SINCE = "changed_since"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """A move from one stage of a pipeline to another."""

    came_from: StageRef
    went_to: StageRef


@dataclass(frozen=True, slots=True)
class GatedStage:
    """A stage that some segment's gate stands on, the strictest mode of those gates, and the ways that
    its lock closes: from every stage that lies before it, into it and past it."""

    stage: Stage
    mode: GateMode
    ways: tuple[Way, ...]

    @property
    def closed_to(self) -> tuple[StageRef, ...]:
        """The stages from which a seller must not enter this one, in the pipeline's order."""
        return tuple(dict.fromkeys(way.came_from for way in self.ways if way.went_to == self.stage.ref))

    @property
    def signature(self) -> str:
        """What the lock was checked for: another value means that stages or gates have changed."""
        told = "\n".join(f"{way.came_from}>{way.went_to}" for way in sorted(self.ways))
        return sha256(f"{self.stage.ref}\n{told}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class TriedWay:
    """What became of one way when a seller tried it."""

    way: Way
    state: LockState
    code: LockCode


def gated_stages(version: FunnelVersion, catalog: Catalog) -> tuple[GatedStage, ...]:
    """The pipeline's gated stages in its order, as the CRM has them today."""
    pipeline = catalog.pipeline(version.pipeline_id)
    if pipeline is None:
        return ()
    modes, known = _modes(version), {stage.ref for stage in version.stages}
    return tuple(
        GatedStage(stage, modes[stage.ref], _ways(version, pipeline.stages, stage.ref))
        for stage in pipeline.stages
        if stage.ref in modes and stage.ref in known
    )


def closed_ways(stages: Iterable[GatedStage]) -> tuple[Way, ...]:
    """All ways that enforcing gates close, each once."""
    strict = (each for each in stages if each.mode is GateMode.ENFORCE)
    return tuple(dict.fromkeys(way for each in strict for way in each.ways))


def ways_to_try(stages: Iterable[GatedStage], gate: GatedStage, catalog: Catalog) -> list[Way]:
    """The ways that prove this gate's lock, the straight ones first and the nearest stage first.

    Only from open stages: a trial deal that is won or lost would start what the account celebrates or
    mourns. A way that ends at another gate is that gate's to prove.
    """
    others = {each.stage.ref for each in stages} - {gate.stage.ref}
    nearest = [way for way in reversed(gate.ways) if _is_open(catalog, way.came_from)]
    straight = [way for way in nearest if way.went_to == gate.stage.ref]
    past = [way for way in nearest if way.went_to != gate.stage.ref and way.went_to not in others]
    return [*straight, *(way for way in past if _is_open(catalog, way.went_to))]


def settle(tried: Iterable[TriedWay]) -> tuple[LockState, LockCode]:
    """What a whole trial says: one leak is a leak; it holds only when every way that was tried held."""
    told = [each for each in tried if each.code is not LockCode.UNTRIED]
    for state in (LockState.LEAKS, LockState.DEFEATED, LockState.UNKNOWN, LockState.HOLDS):
        for each in told:
            if each.state is state:
                return state, each.code
    return LockState.UNKNOWN, LockCode.UNTRIED


def _is_open(catalog: Catalog, ref: StageRef) -> bool:
    stage = catalog.stage(ref)
    return stage is not None and stage.kind is StageKind.OPEN


def _modes(version: FunnelVersion) -> dict[StageRef, GateMode]:
    modes: dict[StageRef, GateMode] = {}
    for funnel in version.funnels:
        for gate in funnel.gates:
            if gate.checkpoint_keys:
                before = modes.get(gate.stage, GateMode.SHADOW)
                modes[gate.stage] = max(before, gate.mode, key=lambda mode: mode.strictness)
    return modes


def _ways(version: FunnelVersion, stages: Iterable[Stage], gate: StageRef) -> tuple[Way, ...]:
    """Every move that crosses the gate, as `gates_passed` sees it: a closed deal begins anew."""
    order = {stage.ref: index for index, stage in enumerate(version.stages)}
    known = [stage for stage in stages if stage.ref in order]
    before = [each.ref for each in known if (-1 if each.kind in CLOSED else order[each.ref]) < order[gate]]
    after = [each.ref for each in known if each.kind is not StageKind.LOST and order[each.ref] >= order[gate]]
    return tuple(Way(start, target) for start in before for target in after if start != target)
