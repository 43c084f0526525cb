"""From a mapping and its account's catalog to a file that another account can read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.domain.evidence import EvidenceKind
from app.domain.segment import Operator
from app.domain.stage import Catalog, DealField, FieldKind, Pipeline, Stage, StageKind, StageRef
from app.funnels.document import (
    CheckpointDocument,
    CheckpointWords,
    ConditionDocument,
    FunnelDocument,
    GateDocument,
    GateRule,
    ProofRule,
    SegmentDocument,
    TriggerDocument,
)
from app.funnels.transfer.file import (
    FORMAT,
    FileCheckpoint,
    FileCondition,
    FileField,
    FileGate,
    FileItem,
    FilePerson,
    FileProof,
    FileSegment,
    FileStage,
    FileTrigger,
    Origin,
    TransferFile,
)
from app.funnels.transfer.naming import Namer, distinct

NAMELESS = "—"
FIELD = "field:"


@dataclass(slots=True)
class _Lists:
    """What the mapping points at, under the names that the file gives it."""

    catalog: Catalog
    pipeline: Pipeline
    before: dict[StageRef, Stage]
    stages: dict[StageRef, FileStage] = field(default_factory=dict)
    fields: dict[str, FileField] = field(default_factory=dict)
    people: dict[str, FilePerson] = field(default_factory=dict)
    stage_names: Namer = field(default_factory=lambda: Namer(NAMELESS))
    field_names: Namer = field(default_factory=lambda: Namer(NAMELESS))
    person_names: Namer = field(default_factory=lambda: Namer(NAMELESS))

    def stage(self, ref: StageRef) -> str:
        """The name of a stage of any pipeline, also of one that the CRM no longer has."""
        if ref not in self.stages:
            found = self.catalog.stage(ref) or self.before.get(ref)
            name, title = self.stage_names.name(found.title if found else ref.stage_id)
            kind = found.kind if found else StageKind.OPEN
            home, hint = "", ref.stage_id
            if ref.pipeline_id != self.pipeline.id:
                pipeline = self.catalog.pipeline(ref.pipeline_id)
                home = (pipeline.title.strip() if pipeline else "") or ref.pipeline_id
                hint = str(ref)
            self.stages[ref] = FileStage(name=name, title=title, id=hint, kind=kind, pipeline=home)
        return self.stages[ref].name

    def field(self, field_id: str) -> str:
        """The name of a field, also of one that the CRM no longer has."""
        if field_id not in self.fields:
            found = next((each for each in self.catalog.fields if each.id == field_id), None)
            name, title = self.field_names.name(found.title if found else field_id)
            entry = FileField(name=name, title=title, id=field_id)
            if found:
                entry.type, entry.choices = found.kind, _choices(found)
            self.fields[field_id] = entry
        return self.fields[field_id].name

    def person(self, user_id: str, *, sees_all: bool = False) -> None:
        """Somebody whom the file has to name."""
        if user_id not in self.people:
            name, title = self.person_names.name(self.catalog.user_name(user_id))
            self.people[user_id] = FilePerson(name=name, title=title, id=user_id)
        self.people[user_id].sees_all |= sees_all


def file_of(
    document: FunnelDocument,
    catalog: Catalog,
    pipeline: Pipeline,
    origin: Origin,
    *,
    before: Sequence[Stage] = (),
    seeing_all: Iterable[str] = (),
) -> TransferFile:
    """The file of `document`, a mapping of `pipeline`.

    `before` are stages as an older version knew them: they name what the CRM has no longer.
    `seeing_all` are ids of the people who see everybody's numbers.
    """
    lists = _Lists(catalog, pipeline, {stage.ref: stage for stage in before})
    for stage in pipeline.stages:
        lists.stage(stage.ref)
    segments = [_segment(each, lists) for each in document.segments]
    for user_id in seeing_all:
        lists.person(user_id, sees_all=True)
    return TransferFile(
        stepgate="funnel",
        format=FORMAT,
        origin=origin,
        stages=list(lists.stages.values()),
        fields=list(lists.fields.values()),
        people=list(lists.people.values()),
        sources=distinct([*_values(document, "source"), *_subjects(document, EvidenceKind.SOURCE)]),
        tags=distinct([*_values(document, "tag"), *_subjects(document, EvidenceKind.TAG)]),
        task_types=distinct(_subjects(document, EvidenceKind.TASK)),
        loss_reasons=distinct([reason.title for reason in catalog.loss_reasons]),
        segments=segments,
    )


def _segment(segment: SegmentDocument, lists: _Lists) -> FileSegment:
    return FileSegment(
        key=segment.key,
        title=segment.title,
        conditions=[_condition(each, lists) for each in segment.conditions],
        checkpoints=[_checkpoint(each, lists) for each in segment.checkpoints],
        gates=[_gate(each, lists) for each in segment.gates],
    )


def _condition(condition: ConditionDocument, lists: _Lists) -> FileCondition:
    operator, value = condition.operator, condition.value
    field_id = condition.subject.removeprefix(FIELD)
    if not condition.subject.startswith(FIELD) or not field_id:
        return FileCondition(subject=condition.subject, operator=operator, value=value)
    name = lists.field(field_id)
    if operator is Operator.EQUALS:
        _meet(lists, field_id, value)
    return FileCondition(field=name, operator=operator, value=value)


def _meet(lists: _Lists, field_id: str, value: str) -> None:
    """A field of people holds ids: whoever is meant goes into the file by name."""
    if lists.fields[field_id].type is FieldKind.PERSON and lists.catalog.user_name(value):
        lists.person(value)


def _checkpoint(checkpoint: CheckpointDocument, lists: _Lists) -> FileCheckpoint:
    proof = checkpoint.proof
    rule = {name: getattr(proof, name) for name in ProofRule.model_fields}
    words = {name: getattr(checkpoint, name) for name in CheckpointWords.model_fields}
    triggers = [_trigger(each, lists) for each in proof.triggers]
    return FileCheckpoint(**words, proof=FileProof(**rule, triggers=triggers))


def _trigger(trigger: TriggerDocument, lists: _Lists) -> FileTrigger:
    given = {name: getattr(trigger, name) for name in TriggerDocument.model_fields}
    if trigger.kind is EvidenceKind.FIELD and trigger.subject:
        name = lists.field(trigger.subject)
        _meet(lists, trigger.subject, trigger.value)
        return FileTrigger(**{**given, "subject": ""}, field=name)
    if trigger.kind is EvidenceKind.STAGE and trigger.subject:
        try:
            ref = StageRef.parse(trigger.subject)
        except ValueError:
            return FileTrigger(**given)
        return FileTrigger(**{**given, "subject": ""}, stage=lists.stage(ref))
    return FileTrigger(**given)


def _gate(gate: GateDocument, lists: _Lists) -> FileGate:
    rule = {name: getattr(gate, name) for name in GateRule.model_fields}
    return FileGate(**rule, stage=lists.stage(StageRef(lists.pipeline.id, gate.stage_id)))


def _choices(found: DealField) -> list[FileItem]:
    namer = Namer(NAMELESS)
    listed = []
    for key, label in found.options[:1000]:
        name, title = namer.name(label)
        listed.append(FileItem(name=name, title=title, id=key))
    return listed


def _values(document: FunnelDocument, subject: str) -> list[str]:
    return [
        condition.value
        for segment in document.segments
        for condition in segment.conditions
        if condition.subject == subject
    ]


def _subjects(document: FunnelDocument, kind: EvidenceKind) -> list[str]:
    return [
        trigger.subject or trigger.value
        for segment in document.segments
        for checkpoint in segment.checkpoints
        for trigger in checkpoint.proof.triggers
        if trigger.kind is kind
    ]
