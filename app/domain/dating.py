"""When a fact that nobody dated was there: no later than the seller's own status said so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.evidence import Evidence, EvidenceKind
from app.domain.funnel import Funnel, FunnelVersion
from app.domain.stage import StageKind, StageRef

Claims = dict[str, list[Evidence]]


def date_by_claims(
    version: FunnelVersion, funnel: Funnel, evidence: Sequence[Evidence], before: datetime | None = None
) -> Sequence[Evidence]:
    """The facts, those that are not dated moved back to when a seller first claimed their step.

    Where a CRM keeps no log, `occurred_at` is the latest moment possible, often months after the act:
    measured by that, all that the client did in between would seem to come before it and prove nothing.
    A step is claimed when the deal first reaches a stage that rests on it, or one beyond; only claims
    `before` that moment count. A claim that we had learnt of before the fact dates it not: the deal was
    seen there without its proof. A step with a shelf life is left alone: nobody knows how old its proof is.
    """
    if all(fact.is_dated for fact in evidence):
        return evidence
    claims = _claims(version, funnel, evidence, before)
    return [fact if fact.is_dated else _dated(fact, funnel, claims) for fact in evidence]


def stages_from(version: FunnelVersion, stage: StageRef) -> frozenset[StageRef]:
    """That stage and all that come after it, without the lost ones; empty for an unknown stage."""
    refs = [item.ref for item in version.stages if item.kind is not StageKind.LOST]
    return frozenset(refs[refs.index(stage) :]) if stage in refs else frozenset()


def _dated(fact: Evidence, funnel: Funnel, claims: Claims) -> Evidence:
    about = (
        item.key
        for item in funnel.checkpoints
        if item.fresh_for is None and any(trigger.matches(fact) for trigger in item.proof.triggers)
    )
    told = (claim for key in about for claim in claims.get(key, ()))
    moments = (claim.occurred_at for claim in told if claim.recorded_at >= fact.recorded_at)
    return replace(fact, occurred_at=min([fact.occurred_at, *moments]))


def _claims(
    version: FunnelVersion, funnel: Funnel, evidence: Sequence[Evidence], before: datetime | None
) -> Claims:
    """The facts by which each step was claimed, by its key."""
    reached = [
        fact
        for fact in evidence
        if fact.kind is EvidenceKind.STAGE and (before is None or fact.occurred_at < before)
    ]
    found: Claims = {}
    for gate in funnel.gates:
        beyond = {str(ref) for ref in stages_from(version, gate.stage)}
        claims = [fact for fact in reached if fact.subject in beyond]
        for key in gate.checkpoint_keys:
            found.setdefault(key, []).extend(claims)
    return found
