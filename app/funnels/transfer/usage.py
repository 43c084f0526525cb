"""Where a file's mapping uses each of its names: what would be left out without a pair. Pure."""

from collections import defaultdict

from app.domain.evidence import EvidenceKind
from app.domain.stage import FieldKind
from app.funnels.transfer.file import FileSegment, FileTrigger, TransferFile
from app.funnels.transfer.report_words import place
from app.funnels.transfer.target import Listed

Usage = dict[tuple[Listed, str, str], list[str]]
"""Places by list, name, and the choice of a field (empty for everything else)."""


_Place = tuple[Listed, str, str, str]


def usage_of(file: TransferFile, language: str) -> Usage:
    """The places in words, in the order of the mapping, each once."""
    found: dict[tuple[Listed, str, str], dict[str, None]] = defaultdict(dict)
    for segment in file.segments:
        for listed, name, choice, where in _in_segment(file, segment, language):
            found[listed, name, choice][where] = None
    for person in file.people:
        if person.sees_all:
            found[Listed.PERSON, person.name, ""][place("sees_all", language)] = None
    return {key: list(places) for key, places in found.items()}


def _in_segment(file: TransferFile, segment: FileSegment, language: str) -> list[_Place]:
    uses: list[_Place] = []
    where = place("rule_of_segment", language, segment=segment.title)
    for condition in segment.conditions:
        uses += _of_value(file, condition.field, condition.value, where)
        if condition.subject == "source" and condition.value:
            uses.append((Listed.SOURCE, condition.value, "", where))
    for gate in segment.gates:
        where = place("gate_of", language, segment=segment.title)
        uses.append((Listed.STAGE, gate.stage, "", where))
    for checkpoint in segment.checkpoints:
        where = place("step", language, step=checkpoint.title, segment=segment.title)
        for trigger in checkpoint.proof.triggers:
            uses += _of_trigger(file, trigger, where)
    return uses


def _of_trigger(file: TransferFile, trigger: FileTrigger, where: str) -> list[_Place]:
    match trigger.kind:
        case EvidenceKind.FIELD:
            return _of_value(file, trigger.field, trigger.value, where)
        case EvidenceKind.STAGE if trigger.stage:
            return [(Listed.STAGE, trigger.stage, "", where)]
        case EvidenceKind.SOURCE:
            named = trigger.subject or trigger.value
            return [(Listed.SOURCE, named, "", where)] if named else []
    return []


def _of_value(file: TransferFile, name: str, value: str, where: str) -> list[_Place]:
    if not name:
        return []
    uses: list[_Place] = [(Listed.FIELD, name, "", where)]
    field = file.fields_by_name[name]
    choice = field.choice_of(value)
    if choice:
        uses.append((Listed.CHOICE, name, choice, where))
    if field.type is FieldKind.PERSON:
        uses += [(Listed.PERSON, each.name, "", where) for each in file.people if each.id == value]
    return uses
