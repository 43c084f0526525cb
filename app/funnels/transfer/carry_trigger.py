"""One trigger of a file as the account's own, or a line of the report that says why it stayed out. Pure."""

from app.domain.evidence import EvidenceKind
from app.domain.stage import Catalog, DealField, Pipeline, Stage, StageKind, StageRef
from app.domain.trigger import Trigger
from app.domain.trigger_words import describe_trigger
from app.funnels.document import TriggerDocument
from app.funnels.transfer.file import FileTrigger, TransferFile
from app.funnels.transfer.matching import Matching
from app.funnels.transfer.report import Report
from app.funnels.transfer.target import Listed, Target, field_of
from app.funnels.transfer.values import carry_value

_CODED = frozenset({EvidenceKind.TASK, EvidenceKind.FORM})
"""Kinds whose subject is an inner number of one account."""


def carry_trigger(
    trigger: FileTrigger, where: str, file: TransferFile, target: Target, matching: Matching, report: Report
) -> TriggerDocument | None:
    """The trigger here; None when it stays out, which `report` then tells."""
    what = describe(trigger, file, report.language)
    given = {name: getattr(trigger, name) for name in TriggerDocument.model_fields}
    if trigger.kind in target.unseen and not target.is_same:
        report.tell("unseen_trigger_left_out", where, what=what)
        return None
    if trigger.kind in _CODED and trigger.subject and not target.is_same:
        report.tell("own_code_left_out", where, what=what, name=trigger.subject)
        return None
    if trigger.kind is EvidenceKind.STAGE and trigger.stage:
        subject = _stage(trigger.stage, file, target, matching)
        if not subject:
            report.tell("stage_trigger_left_out", where, what=what, name=trigger.stage)
            return None
        return TriggerDocument(**{**given, "subject": subject})
    if trigger.kind is EvidenceKind.FIELD and trigger.field:
        return _field_trigger(trigger, where, what, file, target, matching, report)
    if trigger.kind is EvidenceKind.SOURCE:
        return TriggerDocument(**{**given, **_sources(trigger, where, target, matching, report)})
    return TriggerDocument(**given)


def describe(trigger: FileTrigger, file: TransferFile, language: str) -> str:
    """The trigger in words, with the file's names."""
    fields = tuple(DealField(each.name, each.shown) for each in file.fields)
    stages = tuple(
        Stage(StageRef("-", each.name), each.shown, StageKind.OPEN, number)
        for number, each in enumerate(file.stages)
    )
    subject = trigger.subject
    if trigger.kind is EvidenceKind.FIELD:
        subject = trigger.field
    elif trigger.kind is EvidenceKind.STAGE and trigger.stage:
        subject = f"-:{trigger.stage}"
    seen = Trigger(
        trigger.kind, trigger.direction, trigger.least_seconds, subject, trigger.value, trigger.contains
    )
    return describe_trigger(seen, Catalog((Pipeline("-", "", stages),), fields=fields), language)


def _stage(name: str, file: TransferFile, target: Target, matching: Matching) -> str:
    found = matching.of(Listed.STAGE, name).target
    is_own = any(each.name == name for each in file.own_stages)
    return str(StageRef(target.pipeline.id, found)) if found and is_own else found


def _field_trigger(
    trigger: FileTrigger,
    where: str,
    what: str,
    file: TransferFile,
    target: Target,
    matching: Matching,
    report: Report,
) -> TriggerDocument | None:
    entry = field_of(file, trigger.field)
    found = target.field(matching.of(Listed.FIELD, entry.name).target)
    if found is None:
        report.tell("field_trigger_left_out", where, what=what, name=entry.shown)
        return None
    carried = carry_value(file, entry, found, trigger.value, matching)
    if carried.is_missing:
        names = {"what": what, "name": found.title, "value": trigger.value}
        report.tell("choice_trigger_left_out", where, **names)
        return None
    if carried.is_odd:
        report.tell("value_other_kind", where, name=found.title, value=trigger.value)
    given = {name: getattr(trigger, name) for name in TriggerDocument.model_fields}
    return TriggerDocument(**{**given, "subject": found.id, "value": carried.value})


def _sources(
    trigger: FileTrigger, where: str, target: Target, matching: Matching, report: Report
) -> dict[str, str]:
    """The source that the trigger names, wherever it names it."""
    name = trigger.subject or trigger.value
    found = matching.of(Listed.SOURCE, name).target
    if name and not found and not target.is_same:
        report.tell("source_unknown", where, name=name)
    return {part: found for part in ("subject", "value") if found and getattr(trigger, part) == name}
