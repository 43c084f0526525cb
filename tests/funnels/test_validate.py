"""Each fault of a mapping is found where it is, named by a code and told in a sentence."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.playbook import playbook
from app.funnels.document import CheckpointDocument, FunnelDocument
from app.funnels.problem_words import SENTENCES
from app.funnels.problems import Problem, errors_among
from app.funnels.validate import problems_of
from app.funnels.validate_steps import find_circle
from tests.funnels.account import KIND, LOST, NEEDS, OFFER, catalog, pipeline

CALL: dict[str, Any] = {"kind": "call", "least_seconds": 60}


def step(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "title": f"Клиент {key}", "proof": {"triggers": [CALL]}, **more}


def segment(**more: Any) -> dict[str, Any]:
    return {
        "key": "all",
        "title": "Все",
        "checkpoints": [step("one"), step("two")],
        "gates": [
            {"stage_id": NEEDS, "checkpoint_keys": ["one"]},
            {"stage_id": OFFER, "checkpoint_keys": ["two"]},
        ],
        **more,
    }


def found(*segments: dict[str, Any], language: str = "ru") -> list[Problem]:
    document = FunnelDocument.model_validate({"segments": segments})
    problems = problems_of(document, pipeline(), catalog(KIND), language)
    return [each for each in problems if not each.path.startswith("stages.")]


def test_a_sound_mapping_has_no_problems() -> None:
    assert found(segment()) == []


def with_step(**more: Any) -> dict[str, Any]:
    return segment(checkpoints=[step("one", **more), step("two")])


def with_trigger(**trigger: Any) -> dict[str, Any]:
    return with_step(proof={"triggers": [CALL, trigger]})


def with_rule(**rule: Any) -> dict[str, Any]:
    return segment(conditions=[rule])


GATE = {"stage_id": NEEDS, "checkpoint_keys": ["one"]}
FAULTS: dict[str, tuple[list[dict[str, Any]], str, str, str]] = {
    "no segment at all": ([], "segments", "no_segments", "error"),
    "segment without a name": ([segment(title=" ")], "segments.0.title", "empty_title", "error"),
    "two segments of one key": (
        [segment(conditions=[{"subject": "tag", "operator": "equals", "value": "a"}]), segment(title="Ещё")],
        "segments.1.key",
        "duplicate_key",
        "error",
    ),
    "step without a name": ([with_step(title="")], "segments.0.checkpoints.0.title", "empty_title", "error"),
    "two steps of one key": (
        [segment(checkpoints=[step("one"), step("one"), step("two")])],
        "segments.0.checkpoints.1.key",
        "duplicate_key",
        "error",
    ),
    "step without proof": (
        [with_step(proof={"triggers": []})],
        "segments.0.checkpoints.0.proof.triggers",
        "no_proof",
        "error",
    ),
    "word that is not enough": (
        [with_step(accepts="B", proof={"triggers": [{"kind": "manual"}]})],
        "segments.0.checkpoints.0.proof",
        "never_proven",
        "error",
    ),
    "step after an unknown one": (
        [with_step(proof={"triggers": [CALL], "after": "zero"})],
        "segments.0.checkpoints.0.proof.after",
        "unknown_checkpoint",
        "error",
    ),
    "order with an unknown step": (
        [with_step(before=["zero"])],
        "segments.0.checkpoints.0.before.0",
        "unknown_checkpoint",
        "error",
    ),
    "steps that wait for each other": (
        [
            segment(
                checkpoints=[
                    step("one", before=["two"]),
                    step("two", proof={"triggers": [CALL], "after": "one"}),
                ]
            )
        ],
        "segments.0.checkpoints",
        "cycle",
        "error",
    ),
    "step that waits for itself": ([with_step(before=["one"])], "segments.0.checkpoints", "cycle", "error"),
    "wording of the seller": (
        [with_step(title="Менеджер отработал возражения")],
        "segments.0.checkpoints.0.title",
        "sellers_wording",
        "warning",
    ),
    "proof by our own mail": (
        [with_trigger(kind="mail", direction="outgoing")],
        "segments.0.checkpoints.0.proof.triggers.1.direction",
        "seller_trigger",
        "warning",
    ),
    "field that is gone": (
        [with_trigger(kind="field", subject="999")],
        "segments.0.checkpoints.0.proof.triggers.1.subject",
        "unknown_field",
        "error",
    ),
    "stage in a trigger that is gone": (
        [with_trigger(kind="stage", subject="10:999")],
        "segments.0.checkpoints.0.proof.triggers.1.subject",
        "unknown_stage",
        "error",
    ),
    "step that holds nothing": (
        [segment(checkpoints=[step("one"), step("two"), step("three")])],
        "segments.0.checkpoints.2",
        "unused_checkpoint",
        "warning",
    ),
    "gate on a stage that is gone": (
        [segment(gates=[{"stage_id": "999", "checkpoint_keys": ["one", "two"]}])],
        "segments.0.gates.0.stage_id",
        "unknown_stage",
        "error",
    ),
    "gate on a lost stage": (
        [segment(gates=[{"stage_id": LOST, "checkpoint_keys": ["one", "two"]}])],
        "segments.0.gates.0.stage_id",
        "stage_not_gated",
        "warning",
    ),
    "gate without steps": (
        [segment(checkpoints=[step("one")], gates=[GATE, {"stage_id": OFFER}])],
        "segments.0.gates.1.checkpoint_keys",
        "gate_without_checkpoints",
        "error",
    ),
    "gate with an unknown step": (
        [segment(checkpoints=[step("one")])],
        "segments.0.gates.1.checkpoint_keys.0",
        "unknown_checkpoint",
        "error",
    ),
    "two gates on a stage": (
        [segment(checkpoints=[step("one")], gates=[GATE, GATE])],
        "segments.0.gates.1.stage_id",
        "duplicate_gate",
        "error",
    ),
    "rule over nothing known": (
        [with_rule(subject="moon", operator="filled"), segment(key="rest", title="Остальные")],
        "segments.0.conditions.0.subject",
        "unknown_subject",
        "error",
    ),
    "rule over a field that is gone": (
        [with_rule(subject="field:999", operator="filled"), segment(key="rest", title="Остальные")],
        "segments.0.conditions.0.subject",
        "unknown_field",
        "error",
    ),
    "rule over a value that is gone": (
        [
            with_rule(subject="field:81", operator="equals", value="Оптом"),
            segment(key="rest", title="Остальные"),
        ],
        "segments.0.conditions.0.value",
        "unknown_option",
        "warning",
    ),
    "rule that compares with nothing": (
        [with_rule(subject="tag", operator="equals"), segment(key="rest", title="Остальные")],
        "segments.0.conditions.0.value",
        "empty_value",
        "error",
    ),
    "rule that needs a number": (
        [
            with_rule(subject="price", operator="at_least", value="много"),
            segment(key="rest", title="Остальные"),
        ],
        "segments.0.conditions.0.value",
        "not_a_number",
        "error",
    ),
    "segment that nobody reaches": (
        [segment(), segment(key="rest", title="Остальные")],
        "segments.1.conditions",
        "unreachable_segment",
        "warning",
    ),
    "deals of no segment": (
        [with_rule(subject="tag", operator="equals", value="vip")],
        "segments",
        "deals_left_out",
        "warning",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_found(name: str) -> None:
    segments, path, code, severity = FAULTS[name]
    problems = found(*segments)
    assert [(each.path, each.code, each.severity) for each in problems] == [(path, code, severity)]


def test_sellers_wording_comes_with_an_offer() -> None:
    (problem,) = found(with_step(title="Менеджер отработал возражения"))
    assert "«Клиент подтвердил условия»" in problem.sentence


def test_sentences_follow_the_viewers_language() -> None:
    (problem,) = found(with_step(title="Менеджер отработал возражения"), language="en")
    assert "“Client confirmed the terms”" in problem.sentence


def test_stages_without_a_client_step_are_pointed_out() -> None:
    document = FunnelDocument.model_validate({"segments": [segment(gates=[], checkpoints=[])]})
    account = pipeline("В работе", "Воронка 2", "КП отправлено")
    problems = problems_of(document, account, catalog(of=account), "ru")
    assert [(each.path, each.code) for each in problems] == [
        ("stages.2", "no_client_step"),
        ("stages.3", "stage_unknown_name"),
        ("stages.4", "no_client_step"),
    ]
    assert errors_among(problems) == []


@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_says_the_same_in_both_languages(code: str) -> None:
    russian, english = SENTENCES[code]
    names = {"key", "keys", "title", "stage", "offer", "grade", "field", "value", "earlier"}
    assert {name for name in names if f"{{{name}}}" in russian} == {
        name for name in names if f"{{{name}}}" in english
    }


BAD_SHAPES: dict[str, dict[str, Any]] = {
    "unknown key": {"segments": [], "colour": "red"},
    "key with blanks": {"segments": [segment(key="a b")]},
    "too many segments": {"segments": [segment(key=f"s{n}") for n in range(21)]},
    "too many steps": {"segments": [segment(checkpoints=[step(f"s{n}") for n in range(31)])]},
    "too many triggers": {"segments": [with_step(proof={"triggers": [CALL] * 21})]},
    "endless title": {"segments": [segment(title="я" * 161)]},
    "zero character": {"segments": [segment(title="a\x00b")]},
    "negative seconds": {"segments": [with_trigger(kind="call", least_seconds=-1)]},
    "unknown kind": {"segments": [with_trigger(kind="smoke")]},
    "grace of a month": {"segments": [segment(gates=[{**GATE, "grace_minutes": 50_000}])]},
    "segments that are no list": {"segments": {"0": segment()}},
}


@pytest.mark.parametrize("name", BAD_SHAPES)
def test_a_document_of_a_wrong_shape_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        FunnelDocument.model_validate(BAD_SHAPES[name])


def test_a_half_finished_draft_is_a_lawful_document() -> None:
    FunnelDocument.model_validate({"segments": [{"key": "all", "title": "", "checkpoints": []}]})


KEYS = st.sampled_from([f"s{number}" for number in range(8)])


@given(st.lists(st.tuples(KEYS, KEYS), max_size=20))
def test_a_circle_is_found_exactly_when_there_is_one(edges: list[tuple[str, str]]) -> None:
    keys = sorted({key for edge in edges for key in edge})
    waits = {key: sorted({to for start, to in edges if start == key}) for key in keys}
    documents = [CheckpointDocument(key=key, title=key, before=waits[key]) for key in keys]
    left = dict(waits)
    while True:
        free = [key for key, to in left.items() if not any(each in left for each in to)]
        if not free:
            break
        for key in free:
            del left[key]
    circle = find_circle(documents)
    assert bool(circle) is bool(left)
    if circle:
        assert circle[0] == circle[-1]
        assert all(to in waits[start] for start, to in pairwise(circle))


def test_texts_of_both_languages_cover_the_same_steps() -> None:
    russian, english = playbook("ru"), playbook("en")
    assert set(russian.steps) == set(english.steps)
    assert set(russian.objections) == set(english.objections)
    assert set(russian.segments) == set(english.segments)


def test_a_stage_may_be_named_by_a_code_with_a_colon_as_some_crms_do() -> None:
    gates = [{"stage_id": "C3:NEW", "checkpoint_keys": ["one"]}]
    document = FunnelDocument.model_validate({"segments": [segment(gates=gates)]})
    assert document.segments[0].gates[0].stage_id == "C3:NEW"
    with pytest.raises(ValidationError):
        FunnelDocument.model_validate({"segments": [segment(gates=[{"stage_id": "C3/NEW"}])]})
