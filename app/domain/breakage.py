"""What of a mapping refers to something that the CRM no longer has."""

from dataclasses import replace

from app.domain.checkpoint import Checkpoint
from app.domain.evidence import EvidenceKind
from app.domain.funnel import Funnel, FunnelVersion, Gate, GateMode
from app.domain.stage import Catalog, StageRef
from app.domain.trigger import Trigger


def broken_checkpoints(funnel: Funnel, catalog: Catalog) -> frozenset[str]:
    """Keys of checkpoints that may have become unprovable, because a trigger names what is gone.

    One lost trigger is enough: what it would have proven is now missed for no fault of the client.
    """
    return frozenset(each.key for each in funnel.checkpoints if is_broken(each, catalog))


def rules_in_doubt(funnel: Funnel, catalog: Catalog) -> frozenset[str]:
    """Keys of checkpoints that must not stop a deal: broken ones, and those whose every gate is gone."""
    alive = {key for gate in funnel.gates if catalog.stage(gate.stage) for key in gate.checkpoint_keys}
    gone = {key for gate in funnel.gates for key in gate.checkpoint_keys} - alive
    return broken_checkpoints(funnel, catalog) | gone


def softened(version: FunnelVersion, catalog: Catalog) -> FunnelVersion:
    """The version with no strict gate on a stage that is gone: such a gate warns at most.

    The version itself when every gate stands on a stage that is there.
    """
    if all(catalog.stage(gate.stage) for funnel in version.funnels for gate in funnel.gates):
        return version
    funnels = (
        replace(funnel, gates=tuple(_as_strict_as_it_may(gate, catalog) for gate in funnel.gates))
        for funnel in version.funnels
    )
    return replace(version, funnels=tuple(funnels))


def _as_strict_as_it_may(gate: Gate, catalog: Catalog) -> Gate:
    if gate.mode is not GateMode.ENFORCE or catalog.stage(gate.stage):
        return gate
    return replace(gate, mode=GateMode.WARN)


def is_broken(checkpoint: Checkpoint, catalog: Catalog) -> bool:
    """True when a trigger of the checkpoint names a field or a stage that is gone."""
    return any(_refers_to_nothing(trigger, catalog) for trigger in checkpoint.proof.triggers)


def _refers_to_nothing(trigger: Trigger, catalog: Catalog) -> bool:
    if not trigger.subject:
        return False
    if trigger.kind is EvidenceKind.FIELD:
        return all(field.id != trigger.subject for field in catalog.fields)
    if trigger.kind is EvidenceKind.STAGE:
        return _stage_is_gone(trigger.subject, catalog)
    return False


def _stage_is_gone(subject: str, catalog: Catalog) -> bool:
    try:
        return catalog.stage(StageRef.parse(subject)) is None
    except ValueError:
        return True
