"""From client steps to checkpoints of a document, in the account's own fields and language."""

from collections.abc import Mapping, Sequence

from app.domain.evidence import EvidenceKind
from app.domain.funnel import GateMode
from app.domain.playbook import playbook
from app.domain.stage import Catalog, DealField
from app.domain.steps import STEPS, Step
from app.domain.translate import name_fits, words_of
from app.domain.trigger import Trigger
from app.funnels.document import (
    CheckpointDocument,
    GateDocument,
    ObjectionDocument,
    ProofDocument,
    TriggerDocument,
)
from app.funnels.templates import BANT, SIDE_STEPS


def build_checkpoints(
    step_keys: Sequence[str], catalog: Catalog, language: str, *, has_side_steps: bool = False
) -> list[CheckpointDocument]:
    """A checkpoint for each step, in that order, with proofs that name the account's own fields.

    With `has_side_steps` the steps that a template only recommends become optional.
    """
    built = []
    for position, key in enumerate(step_keys):
        optional = STEPS[key].is_optional or (has_side_steps and key in SIDE_STEPS)
        recorded = STEPS[key].fields_alone and matching_fields(STEPS[key], catalog.fields)
        # A form may bring the answer with the request: what is written down needs no order.
        after = "" if recorded else _nearest(STEPS[key], step_keys[:position])
        built.append(_checkpoint(key, after, catalog, language, is_optional=optional))
    return built


def build_gates(
    stage_steps: Mapping[str, Sequence[str]], checkpoints: Sequence[CheckpointDocument]
) -> list[GateDocument]:
    """A shadow gate on each stage whose steps have a checkpoint; `stage_steps` is keyed by stage id.

    The questions of a qualification stand beside the requirements.
    """
    known = [checkpoint.key for checkpoint in checkpoints]
    gates = []
    for stage_id, steps in stage_steps.items():
        wanted = {step for step in steps if step in known}
        if "requirements" in wanted:
            wanted |= {key for key in BANT if key in known}
        if wanted:
            keys = [key for key in known if key in wanted]
            grace = max(STEPS[key].grace for key in keys)
            gates.append(
                GateDocument(
                    stage_id=stage_id,
                    checkpoint_keys=keys,
                    mode=GateMode.SHADOW,
                    grace_minutes=int(grace.total_seconds() // 60),
                )
            )
    return gates


def matching_fields(step: Step, fields: Sequence[DealField]) -> list[DealField]:
    """The account's fields that record the step, judged by their titles."""
    return [
        each for each in fields if any(name_fits(pattern, words_of(each.title)) for pattern in step.fields)
    ]


def _checkpoint(
    key: str, after: str, catalog: Catalog, language: str, *, is_optional: bool
) -> CheckpointDocument:
    step, book = STEPS[key], playbook(language)
    words = book.wording(key)
    return CheckpointDocument(
        key=key,
        title=words.title,
        request=words.request,
        hint=words.hint,
        objections=[ObjectionDocument(says=each.says, answer=each.answer) for each in book.answers(key)],
        accepts=step.accepts,
        is_optional=is_optional,
        proof=ProofDocument(after=after, triggers=_triggers(step, catalog)),
    )


def _triggers(step: Step, catalog: Catalog) -> list[TriggerDocument]:
    recorded = [
        Trigger(EvidenceKind.FIELD, subject=each.id) for each in matching_fields(step, catalog.fields)
    ]
    chosen = recorded if recorded and step.fields_alone else [*step.triggers, *recorded]
    return [
        TriggerDocument(
            kind=each.kind,
            direction=each.direction,
            least_seconds=each.least_seconds,
            subject=each.subject,
            value=each.value,
            contains=each.contains,
        )
        for each in chosen
    ]


def _nearest(step: Step, earlier: Sequence[str]) -> str:
    firm = [key for key in earlier if not STEPS[key].is_optional and key not in BANT]
    return next((key for key in step.follows if key in firm), "")
