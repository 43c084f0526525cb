"""Whether a mapping makes sense for the account: segments and gates."""

from app.domain.segment import Operator
from app.domain.stage import Catalog, Pipeline, Stage, StageKind
from app.domain.translate import Meaning, translate_stage
from app.funnels.document import ConditionDocument, FunnelDocument, SegmentDocument
from app.funnels.problems import Problem, Reporter
from app.funnels.validate_steps import check_checkpoints


def problems_of(
    document: FunnelDocument, pipeline: Pipeline, catalog: Catalog, language: str
) -> list[Problem]:
    """All that is wrong or odd in `document`, in the order of the document.

    Errors stand in the way of publishing, warnings do not.
    """
    report = Reporter(language, [])
    if not document.segments:
        report.error("segments", "no_segments")
    _check_segment_names(document, report)
    for index, segment in enumerate(document.segments):
        path = f"segments.{index}"
        for number, condition in enumerate(segment.conditions):
            _check_condition(condition, f"{path}.conditions.{number}", catalog, report)
        check_checkpoints(segment, path, catalog, report)
        _check_gates(segment, path, pipeline, report)
    _check_reach(document, report)
    _check_ungated(document, pipeline, report)
    return report.found


def _check_segment_names(document: FunnelDocument, report: Reporter) -> None:
    keys, titles = set[str](), set[str]()
    for index, segment in enumerate(document.segments):
        if not segment.title:
            report.error(f"segments.{index}.title", "empty_title")
        elif segment.title.casefold() in titles:
            report.warn(f"segments.{index}.title", "duplicate_title", title=segment.title)
        if segment.key in keys:
            report.error(f"segments.{index}.key", "duplicate_key", key=segment.key)
        keys.add(segment.key)
        titles.add(segment.title.casefold())


def _check_condition(condition: ConditionDocument, path: str, catalog: Catalog, report: Reporter) -> None:
    is_number = condition.operator in (Operator.AT_LEAST, Operator.BELOW)
    if condition.operator is not Operator.FILLED and not condition.value:
        report.error(f"{path}.value", "empty_value")
    elif is_number and not _is_number(condition.value):
        report.error(f"{path}.value", "not_a_number")
    if condition.subject in ("tag", "source", "price"):
        return
    if not condition.subject.startswith("field:"):
        report.error(f"{path}.subject", "unknown_subject")
        return
    found = next((each for each in catalog.fields if f"field:{each.id}" == condition.subject), None)
    if found is None:
        report.error(f"{path}.subject", "unknown_field")
    elif condition.operator is Operator.EQUALS and found.options and condition.value:
        labels = {label.casefold() for _, label in found.options}
        if condition.value.casefold() not in labels:
            report.warn(f"{path}.value", "unknown_option", field=found.title, value=condition.value)


def _check_gates(segment: SegmentDocument, path: str, pipeline: Pipeline, report: Reporter) -> None:
    stages = {stage.ref.stage_id: stage for stage in pipeline.stages}
    keys = {checkpoint.key for checkpoint in segment.checkpoints}
    seen = set[str]()
    for index, gate in enumerate(segment.gates):
        here = f"{path}.gates.{index}"
        stage = stages.get(gate.stage_id)
        title = stage.title if stage else gate.stage_id
        _check_gate_stage(stage, here, report)
        if gate.stage_id in seen:
            report.error(f"{here}.stage_id", "duplicate_gate", stage=title)
        seen.add(gate.stage_id)
        if not gate.checkpoint_keys:
            report.error(f"{here}.checkpoint_keys", "gate_without_checkpoints", stage=title)
        for number, key in enumerate(gate.checkpoint_keys):
            if key not in keys:
                report.error(f"{here}.checkpoint_keys.{number}", "unknown_checkpoint", key=key)


def _check_gate_stage(stage: Stage | None, path: str, report: Reporter) -> None:
    if stage is None:
        report.error(f"{path}.stage_id", "unknown_stage")
    elif stage.kind in (StageKind.ENTRY, StageKind.LOST):
        report.warn(f"{path}.stage_id", "stage_not_gated", stage=stage.title)


def _check_reach(document: FunnelDocument, report: Reporter) -> None:
    for index, segment in enumerate(document.segments):
        rule = {condition.model_dump_json() for condition in segment.conditions}
        for earlier in document.segments[:index]:
            if {condition.model_dump_json() for condition in earlier.conditions} <= rule:
                names = {"title": segment.title, "earlier": earlier.title}
                report.warn(f"segments.{index}.conditions", "unreachable_segment", **names)
                break
    if document.segments and all(segment.conditions for segment in document.segments):
        report.warn("segments", "deals_left_out")


def _check_ungated(document: FunnelDocument, pipeline: Pipeline, report: Reporter) -> None:
    gated = {gate.stage_id for segment in document.segments for gate in segment.gates}
    for stage in pipeline.stages:
        if stage.ref.stage_id in gated or stage.kind in (StageKind.ENTRY, StageKind.LOST):
            continue
        meaning = translate_stage(stage).meaning
        code = "stage_unknown_name" if meaning is Meaning.UNKNOWN else "no_client_step"
        if meaning is not Meaning.LOST:
            report.warn(f"stages.{stage.ref.stage_id}", code, stage=stage.title)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
