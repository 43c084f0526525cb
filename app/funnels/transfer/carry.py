"""From a file and its matching to a mapping of the account, and a report of what did not come over. Pure.

Nothing is lost in silence: whatever has no pair stays out and is named. A condition is the exception, it
stays as a gap that has to be filled before publishing: without it a segment would take deals of others.
"""

from dataclasses import dataclass

from app.domain.evidence import EvidenceKind
from app.domain.funnel import GateMode
from app.domain.segment import Operator
from app.domain.trigger import Combine
from app.funnels.document import (
    CheckpointDocument,
    CheckpointWords,
    ConditionDocument,
    FunnelDocument,
    GateDocument,
    GateRule,
    ProofDocument,
    ProofRule,
    SegmentDocument,
)
from app.funnels.transfer.carry_trigger import TriggerCarrier
from app.funnels.transfer.file import FileCheckpoint, FileCondition, FileGate, FileSegment, TransferFile
from app.funnels.transfer.matching import Matching
from app.funnels.transfer.report import Report
from app.funnels.transfer.report_words import place
from app.funnels.transfer.target import Listed, Target
from app.funnels.transfer.values import LONGEST_VALUE, carry_value

MOST_KEYS = 30


@dataclass(frozen=True, slots=True)
class Carrier:
    """What every part of the mapping is carried over with."""

    file: TransferFile
    target: Target
    matching: Matching
    report: Report
    keeps_modes: bool

    def document(self) -> FunnelDocument:
        """The mapping for the account; the report tells what it lacks."""
        modes = {gate.mode for segment in self.file.segments for gate in segment.gates}
        if not self.keeps_modes and modes - {GateMode.SHADOW}:
            self.report.tell("modes_watch", place("whole", self.report.language))
        return FunnelDocument(segments=[self._segment(each) for each in self.file.segments])

    def _segment(self, segment: FileSegment) -> SegmentDocument:
        return SegmentDocument(
            key=segment.key,
            title=segment.title,
            conditions=[self._condition(each, segment) for each in segment.conditions],
            checkpoints=[self._checkpoint(each, segment) for each in segment.checkpoints],
            gates=self._gates(segment),
        )

    def _gates(self, segment: FileSegment) -> list[GateDocument]:
        by_stage: dict[str, GateDocument] = {}
        for gate in segment.gates:
            where = place("gate", self.report.language, stage=gate.stage, segment=segment.title)
            stage_id = self.matching.of(Listed.STAGE, gate.stage).target
            if not stage_id:
                self.report.tell("gate_left_out", where, name=gate.stage)
                continue
            carried = self._gate(gate, stage_id)
            if stage_id in by_stage:
                self.report.tell("gates_merged", where, name=self._stage_title(stage_id))
                carried = merged(by_stage[stage_id], carried)
            by_stage[stage_id] = carried
        return list(by_stage.values())

    def _gate(self, gate: FileGate, stage_id: str) -> GateDocument:
        rule = {name: getattr(gate, name) for name in GateRule.model_fields}
        if not self.keeps_modes:
            rule["mode"] = GateMode.SHADOW
        return GateDocument(**rule, stage_id=stage_id)

    def _stage_title(self, stage_id: str) -> str:
        stages = self.target.pipeline.stages
        return next((each.title for each in stages if each.ref.stage_id == stage_id), stage_id)

    def _checkpoint(self, checkpoint: FileCheckpoint, segment: FileSegment) -> CheckpointDocument:
        where = place("step", self.report.language, step=checkpoint.title, segment=segment.title)
        proof = checkpoint.proof
        carrier = TriggerCarrier(self.file, self.target, self.matching, self.report, where)
        triggers = [carried for each in proof.triggers if (carried := carrier.carry(each))]
        if triggers and len(triggers) < len(proof.triggers) and proof.combine is not Combine.ANY:
            self.report.tell("proof_easier", where)
        rule = {name: getattr(proof, name) for name in ProofRule.model_fields}
        words = {name: getattr(checkpoint, name) for name in CheckpointWords.model_fields}
        return CheckpointDocument(**words, proof=ProofDocument(**rule, triggers=triggers))

    def _condition(self, condition: FileCondition, segment: FileSegment) -> ConditionDocument:
        where = place("rule_of_segment", self.report.language, segment=segment.title)
        if condition.field:
            return self._field_condition(condition, where)
        value = condition.value
        if condition.subject == "source":
            value = self._source(value, where)
        elif condition.subject == "tag" and EvidenceKind.TAG in self.target.unseen:
            self.report.tell("condition_unseen", where)
        elif condition.subject == "price" and not self.target.is_same and value:
            self.report.tell("price_as_it_is", where, value=value)
        return ConditionDocument(subject=condition.subject, operator=condition.operator, value=value)

    def _source(self, name: str, where: str) -> str:
        found = self.matching.of(Listed.SOURCE, name).target
        if name and not found and not self.target.is_same:
            self.report.tell("source_unknown", where, name=name)
        return found or name

    def _field_condition(self, condition: FileCondition, where: str) -> ConditionDocument:
        entry = self.file.fields_by_name[condition.field]
        found = self.target.field(self.matching.of(Listed.FIELD, entry.name).target)
        operator, value = condition.operator, condition.value
        if found is None:
            self.report.tell("condition_open", where, name=entry.shown)
            return ConditionDocument(subject=self._gap(entry.shown), operator=operator, value=value)
        if operator is Operator.EQUALS:
            carried = carry_value(self.file, entry, found, value, self.matching)
            if carried.is_missing:
                self.report.tell("condition_choice", where, name=found.title, value=value)
            elif carried.is_odd:
                self.report.tell("value_other_kind", where, name=found.title, value=value)
            value = carried.value
        return ConditionDocument(subject=f"field:{found.id}", operator=operator, value=value)

    def _gap(self, title: str) -> str:
        """A subject that names no field of the account, so that the validator asks for one."""
        known = {each.id for each in self.target.catalog.fields}
        while title in known:
            title = f"{title}?"
        return f"field:{title}"[:LONGEST_VALUE]


def merged(one: GateDocument, other: GateDocument) -> GateDocument:
    """Both demands on one stage: all steps, the milder mode, the longer wait."""
    keys = list(dict.fromkeys([*one.checkpoint_keys, *other.checkpoint_keys]))[:MOST_KEYS]
    return GateDocument(
        checkpoint_keys=keys,
        mode=min(one.mode, other.mode, key=lambda mode: mode.strictness),
        grace_minutes=max(one.grace_minutes, other.grace_minutes),
        stage_id=one.stage_id,
    )
