"""A first mapping for a pipeline, read from its stage names and from how the account tells clients apart."""

from collections.abc import Collection, Iterable, Sequence

from app.domain.evidence import EvidenceKind
from app.domain.playbook import playbook
from app.domain.segment import Operator
from app.domain.stage import Catalog, DealField, Pipeline, StageKind
from app.domain.steps import STEPS
from app.domain.translate import name_fits, translate_stage, words_of
from app.errors import Invalid
from app.funnels.build import build_checkpoints, build_gates, matching_fields
from app.funnels.document import (
    CheckpointDocument,
    ConditionDocument,
    FunnelDocument,
    ProofDocument,
    SegmentDocument,
    TriggerDocument,
)
from app.funnels.templates import BANT, KINDS, TEMPLATES, Kind

LEAST_OPTIONS, MOST_OPTIONS = 2, 6
AS_IS = "as_is"
MOST_STEPS = 30
_KIND_FIELDS = (
    "сегмент|segment",
    "тип|вид|катег|групп|type|category|kind клиент|покупат|заказчик|закуп|client|customer|buyer",
)
_USUAL = Kind("", "")
_Conditions = list[ConditionDocument]


def propose(
    catalog: Catalog,
    pipeline: Pipeline,
    language: str,
    *,
    template: str | None = None,
    tags: Iterable[str] = (),
    unseen: Collection[EvidenceKind] = (),
) -> FunnelDocument:
    """A whole mapping of `pipeline` in shadow mode, to be read and corrected by a person.

    Without `template` the steps come from the stage names alone; with one (a key of `TEMPLATES`)
    its steps are laid over the stages that match, the other stages stay without a gate. `AS_IS` makes
    every stage a step that the seller's own status proves, without gates: for measuring what is there
    before anything is asked of anybody. `tags` are
    the tags seen on the pipeline's deals, `unseen` the kinds of evidence that no deal of this CRM can
    have: no step is said to be proven by them. Raises Invalid for a template that does not exist.
    """
    if template == AS_IS:
        return FunnelDocument(segments=[_as_is(pipeline, language)])
    if template is not None and template not in TEMPLATES:
        raise Invalid(f"There is no template called {template!r}.", code="unknown_template")
    stage_steps = _read_stages(pipeline)
    usual = TEMPLATES[template] if template else _steps_of_stages(stage_steps.values(), catalog)
    segments = [
        _segment(kind, key, title, conditions, (usual, stage_steps, catalog, language, template))
        for kind, key, title, conditions in _kinds(catalog, tags, language)
    ]
    return FunnelDocument(segments=[_without(unseen, segment) for segment in segments])


def _without(unseen: Collection[EvidenceKind], segment: SegmentDocument) -> SegmentDocument:
    """The segment without proofs that this CRM never gives; a step that has no other is vouched for."""
    checkpoints = []
    for item in segment.checkpoints:
        seen = [each for each in item.proof.triggers if each.kind not in unseen]
        triggers = seen or [TriggerDocument(kind=EvidenceKind.MANUAL)]
        proof = item.proof.model_copy(update={"triggers": triggers})
        checkpoints.append(item.model_copy(update={"proof": proof}))
    return segment.model_copy(update={"checkpoints": checkpoints})


def _as_is(pipeline: Pipeline, language: str) -> SegmentDocument:
    standing = [stage for stage in pipeline.stages if stage.kind in (StageKind.OPEN, StageKind.WON)]
    checkpoints = [
        CheckpointDocument(
            key=f"stage-{stage.ref.stage_id.lower()}",
            title=stage.title,
            proof=ProofDocument(triggers=[TriggerDocument(kind=EvidenceKind.STAGE, subject=str(stage.ref))]),
        )
        for stage in standing[:MOST_STEPS]
    ]
    title = "Все сделки" if language == "ru" else "All deals"
    return SegmentDocument(key="all", title=title, checkpoints=checkpoints)


def _read_stages(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """The client steps behind each stage, by stage id.

    A pipeline that goes straight to the first talks has its first answer there too.
    """
    found = {stage.ref.stage_id: translate_stage(stage).steps for stage in pipeline.stages}
    talks = next((stage_id for stage_id, steps in found.items() if "told_task" in steps), None)
    if talks and not any("answered" in steps for steps in found.values()):
        found[talks] = ("answered", *found[talks])
    return found


def _steps_of_stages(stage_steps: Iterable[Sequence[str]], catalog: Catalog) -> tuple[str, ...]:
    found: list[str] = []
    for steps in stage_steps:
        found += [step for step in steps if step not in found]
        if "requirements" in steps:
            found += [key for key in BANT if key not in found and matching_fields(STEPS[key], catalog.fields)]
    return tuple(found)


def _segment(
    kind: Kind,
    key: str,
    title: str,
    conditions: _Conditions,
    basis: tuple[Sequence[str], dict[str, tuple[str, ...]], Catalog, str, str | None],
) -> SegmentDocument:
    usual, stage_steps, catalog, language, template = basis
    steps = _steps_for(kind, usual)
    checkpoints = build_checkpoints(steps, catalog, language, has_side_steps=template is not None)
    own_stages = {
        stage_id: [own for step in found if (own := kind.instead.get(step, step))]
        for stage_id, found in stage_steps.items()
    }
    gates = build_gates(own_stages, checkpoints)
    return SegmentDocument(key=key, title=title, conditions=conditions, checkpoints=checkpoints, gates=gates)


def _steps_for(kind: Kind, usual: Sequence[str]) -> list[str]:
    steps: list[str] = []
    for step in usual:
        own = kind.instead.get(step, step)
        for each in (own, kind.extra.get(step)):
            if each and each not in steps:
                steps.append(each)
    return steps


def _kinds(catalog: Catalog, tags: Iterable[str], language: str) -> list[tuple[Kind, str, str, _Conditions]]:
    titles = playbook(language).segments
    split = _by_field(catalog.fields) or _by_tags(tags, titles)
    last = (_USUAL, "rest", titles["rest"]) if split else (_USUAL, "all", titles["all"])
    return [*split, (*last, [])]


def _by_field(fields: Sequence[DealField]) -> list[tuple[Kind, str, str, _Conditions]]:
    usable = [
        each
        for each in fields
        if LEAST_OPTIONS <= len(each.options) <= MOST_OPTIONS
        and any(name_fits(pattern, words_of(each.title)) for pattern in _KIND_FIELDS)
    ]
    best = max(usable, key=_known_options, default=None)
    if best is None:
        return []
    split, used = [], set[str]()
    for number, (_, label) in enumerate(best.options, start=1):
        kind = _kind_of(label) or _USUAL
        key = kind.key if kind.key and kind.key not in used else f"kind_{number}"
        used.add(key)
        rule = ConditionDocument(subject=f"field:{best.id}", operator=Operator.EQUALS, value=label)
        split.append((kind, key, label, [rule]))
    return split


def _known_options(each: DealField) -> int:
    return sum(_kind_of(label) is not None for _, label in each.options)


def _by_tags(tags: Iterable[str], titles: dict[str, str]) -> list[tuple[Kind, str, str, _Conditions]]:
    split, used = [], set[str]()
    for tag in sorted(set(tags)):
        kind = _kind_of(tag)
        if kind and kind.key not in used:
            used.add(kind.key)
            rule = ConditionDocument(subject="tag", operator=Operator.EQUALS, value=tag)
            split.append((kind, kind.key, titles[kind.key], [rule]))
    return split


def _kind_of(name: str) -> Kind | None:
    return next((kind for kind in KINDS if name_fits(kind.names, words_of(name))), None)
