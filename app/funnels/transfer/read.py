"""From a file's text to the file: strict, bounded, and refused with lines and sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from app.domain.evidence import EvidenceKind
from app.errors import Invalid
from app.funnels.transfer.file import FORMAT, TransferFile
from app.funnels.transfer.file_words import REFUSED, file_sentence
from app.funnels.transfer.tree import Path, Tree, TreeFault, read_tree

MOST_PROBLEMS = 20
_CODES: Mapping[str, str] = {
    "missing": "missing",
    "extra_forbidden": "unknown_name",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "enum": "one_of",
    "literal_error": "one_of",
    "string_type": "want_text",
    "int_type": "want_number",
    "int_parsing": "want_number",
    "int_from_float": "want_number",
    "bool_type": "want_truth",
    "bool_parsing": "want_truth",
    "list_type": "want_list",
    "model_type": "want_group",
    "model_attributes_type": "want_group",
    "dict_type": "want_group",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "string_pattern_mismatch": "bad_form",
}
_RANGES: Mapping[str, tuple[int, int]] = {
    "least": (1, 20),
    "within_hours": (1, 24 * 366),
    "least_seconds": (0, 86_400),
    "fresh_days": (1, 3650),
    "grace_minutes": (0, 7 * 24 * 60),
    "version": (1, 2**31),
    "format": (1, FORMAT),
}
Fault = tuple[Path, str, dict[str, str]]


def read_file(text: str, language: str) -> TransferFile:
    """The file in that text. Raises Invalid whose problems have a path, a code, a line and a sentence."""
    try:
        tree = read_tree(text.removeprefix("\ufeff"))
    except TreeFault as fault:
        line = 0 if fault.code in ("empty", "too_large") else fault.line
        raise _refusal([_problem((), fault.code, line, language, fault.names)], language) from None
    head = _head_fault(tree.value)
    if head:
        path, code, names = head
        raise _refusal([_problem(path, code, tree.line(path) if path else 0, language, names)], language)
    try:
        file = TransferFile.model_validate(tree.value)
    except ValidationError as error:
        raise _refused(tree, _shape_faults(error), language) from None
    faults = [*_names_twice(file), *_unlisted(file)]
    if faults:
        raise _refused(tree, faults, language)
    return file


def _head_fault(value: Any) -> Fault | None:
    if not isinstance(value, dict) or value.get("stepgate") != "funnel":
        return (), "not_ours", {}
    found = value.get("format")
    if isinstance(found, int) and not isinstance(found, bool) and found > FORMAT:
        return ("format",), "newer", {"found": str(found), "known": str(FORMAT)}
    return None


def _shape_faults(error: ValidationError) -> Iterator[Fault]:
    for each in error.errors(include_url=False, include_input=False):
        path = tuple(each["loc"])
        told = each.get("ctx", {})
        name = str(path[-1]) if path else ""
        least, most = _RANGES.get(name, (0, 0))
        names = {
            "name": name,
            "limit": str(told.get("max_length", "")),
            "choices": str(told.get("expected", "")).replace(" or ", ", "),
            "least": str(least),
            "most": str(most),
        }
        yield path, _CODES.get(each["type"], "unfit"), names


def _names_twice(file: TransferFile) -> Iterator[Fault]:
    for listed in ("stages", "fields", "people"):
        seen = set[str]()
        for index, item in enumerate(getattr(file, listed)):
            if item.name in seen:
                yield (listed, index, "name"), "name_twice", {"name": item.name}
            seen.add(item.name)


def _unlisted(file: TransferFile) -> Iterator[Fault]:
    """References to what the file's own lists do not have."""
    own, stages = {each.name for each in file.own_stages}, {each.name for each in file.stages}
    fields = {each.name for each in file.fields}
    for number, segment in enumerate(file.segments):
        here: Path = ("segments", number)
        for index, condition in enumerate(segment.conditions):
            if condition.field and condition.field not in fields:
                path = (*here, "conditions", index, "field")
                yield path, "field_not_listed", {"name": condition.field}
        for index, gate in enumerate(segment.gates):
            if gate.stage not in own:
                yield (*here, "gates", index, "stage"), "stage_not_listed", {"name": gate.stage}
        for index, checkpoint in enumerate(segment.checkpoints):
            for order, trigger in enumerate(checkpoint.proof.triggers):
                path = (*here, "checkpoints", index, "proof", "triggers", order)
                if trigger.kind is EvidenceKind.FIELD and trigger.field and trigger.field not in fields:
                    yield (*path, "field"), "field_not_listed", {"name": trigger.field}
                if trigger.kind is EvidenceKind.STAGE and trigger.stage and trigger.stage not in stages:
                    yield (*path, "stage"), "stage_not_listed", {"name": trigger.stage}


def _refused(tree: Tree, faults: Any, language: str) -> Invalid:
    problems = []
    for path, code, names in faults:
        problems.append(_problem(path, code, tree.line(path), language, names))
        if len(problems) == MOST_PROBLEMS:
            break
    return _refusal(problems, language)


def _refusal(problems: list[dict[str, Any]], language: str) -> Invalid:
    return Invalid(REFUSED[language == "en"], code="file_unreadable", problems=problems)


def _problem(path: Path, code: str, line: int, language: str, names: dict[str, str]) -> dict[str, Any]:
    sentence = file_sentence(code, language, line, **names)
    return {"path": ".".join(map(str, path)), "code": code, "line": line, "sentence": sentence}
