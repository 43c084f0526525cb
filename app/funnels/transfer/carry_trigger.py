"""One trigger of a file as the account's own, or a line of the report that says why it stayed out. Pure."""

from dataclasses import dataclass

from app.domain.evidence import EvidenceKind
from app.domain.stage import StageRef
from app.domain.trigger import Trigger
from app.domain.trigger_words import describe_trigger
from app.funnels.document import TriggerDocument
from app.funnels.transfer.file import HERE, FileTrigger, TransferFile
from app.funnels.transfer.matching import Matching
from app.funnels.transfer.report import Report
from app.funnels.transfer.target import Listed, Target
from app.funnels.transfer.values import carry_value

_CODED = frozenset({EvidenceKind.TASK, EvidenceKind.FORM})
"""Kinds whose subject is an inner number of one account."""


@dataclass(frozen=True, slots=True)
class TriggerCarrier:
    """What a trigger is carried over with; `where` is its step in words."""

    file: TransferFile
    target: Target
    matching: Matching
    report: Report
    where: str

    def carry(self, trigger: FileTrigger) -> TriggerDocument | None:
        """The trigger here; None when it stays out, which the report then tells."""
        is_foreign = not self.target.is_same
        if trigger.kind in self.target.unseen and is_foreign:
            return self._leave_out(trigger, "unseen_trigger_left_out")
        if trigger.kind in _CODED and trigger.subject and is_foreign:
            return self._leave_out(trigger, "own_code_left_out", name=trigger.subject)
        if trigger.kind is EvidenceKind.STAGE and trigger.stage:
            return self._stage(trigger)
        if trigger.kind is EvidenceKind.FIELD and trigger.field:
            return self._field(trigger)
        return _made(trigger, **self._sources(trigger))

    def _leave_out(self, trigger: FileTrigger, code: str, **names: str) -> TriggerDocument | None:
        what = describe(trigger, self.file, self.report.language)
        self.report.tell(code, self.where, what=what, **names)
        return None

    def _stage(self, trigger: FileTrigger) -> TriggerDocument | None:
        found = self.matching.of(Listed.STAGE, trigger.stage).target
        if not found:
            return self._leave_out(trigger, "stage_trigger_left_out", name=trigger.stage)
        is_own = any(each.name == trigger.stage for each in self.file.own_stages)
        ref = str(StageRef(self.target.pipeline.id, found)) if is_own else found
        return _made(trigger, subject=ref)

    def _field(self, trigger: FileTrigger) -> TriggerDocument | None:
        entry = self.file.fields_by_name[trigger.field]
        found = self.target.field(self.matching.of(Listed.FIELD, entry.name).target)
        if found is None:
            return self._leave_out(trigger, "field_trigger_left_out", name=entry.shown)
        carried = carry_value(self.file, entry, found, trigger.value, self.matching)
        if carried.is_missing:
            return self._leave_out(trigger, "choice_trigger_left_out", name=found.title, value=trigger.value)
        if carried.is_odd:
            self.report.tell("value_other_kind", self.where, name=found.title, value=trigger.value)
        return _made(trigger, subject=found.id, value=carried.value)

    def _sources(self, trigger: FileTrigger) -> dict[str, str]:
        """The source that the trigger names, wherever it names it."""
        name = (trigger.subject or trigger.value) if trigger.kind is EvidenceKind.SOURCE else ""
        found = self.matching.of(Listed.SOURCE, name).target if name else ""
        if name and not found and not self.target.is_same:
            self.report.tell("source_unknown", self.where, name=name)
        return {part: found for part in ("subject", "value") if found and getattr(trigger, part) == name}


def describe(trigger: FileTrigger, file: TransferFile, language: str) -> str:
    """The trigger in words, with the file's names."""
    subject = trigger.subject
    if trigger.kind is EvidenceKind.FIELD:
        subject = trigger.field
    elif trigger.kind is EvidenceKind.STAGE and trigger.stage:
        subject = str(StageRef(HERE, trigger.stage))
    seen = Trigger(
        trigger.kind, trigger.direction, trigger.least_seconds, subject, trigger.value, trigger.contains
    )
    return describe_trigger(seen, file.words, language)


def _made(trigger: FileTrigger, **changes: str) -> TriggerDocument:
    given = {name: getattr(trigger, name) for name in TriggerDocument.model_fields}
    return TriggerDocument(**{**given, **changes})
