"""Segments pick deals, triggers pick facts: each restriction alone, and all together."""

from datetime import timedelta

import pytest

from app.domain.deal import Deal
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.segment import Condition, Operator, Segment
from app.domain.stage import StageRef
from app.domain.trigger import Trigger
from tests.factories import NOW

DEAL = Deal(
    "1",
    "Стол",
    StageRef("p", "a"),
    NOW,
    NOW,
    NOW,
    price=150_000,
    source="Сайт",
    tags=frozenset({"Тендер", "vip"}),
    fields={"81": ("Срочно",), "82": (" ",), "83": ("12.5",)},
)


@pytest.mark.parametrize(
    ("subject", "operator", "value", "expected"),
    [
        ("tag", "equals", "тендер", True),
        ("tag", "equals", "тенд", False),
        ("tag", "contains", "тенд", True),
        ("source", "equals", "САЙТ", True),
        ("source", "filled", "", True),
        ("price", "at_least", "150000", True),
        ("price", "at_least", "150000.01", False),
        ("price", "below", "150000", False),
        ("price", "below", "150001", True),
        ("price", "at_least", "много", False),
        ("field:81", "equals", "срочно", True),
        ("field:81", "filled", "", True),
        ("field:82", "filled", "", False),
        ("field:83", "at_least", "12", True),
        ("field:81", "at_least", "1", False),
        ("field:99", "filled", "", False),
        ("field:99", "contains", "", False),
    ],
)
def test_a_condition_compares_one_value(subject: str, operator: str, value: str, *, expected: bool) -> None:
    assert Condition(subject, Operator(operator), value).holds(DEAL) is expected


def test_all_conditions_of_a_segment_must_hold_and_none_means_everybody() -> None:
    tender = Condition("tag", Operator.EQUALS, "тендер")
    cheap = Condition("price", Operator.BELOW, "100")
    assert Segment("a", "A", (tender,)).includes(DEAL)
    assert not Segment("a", "A", (tender, cheap)).includes(DEAL)
    assert Segment("a", "A").includes(DEAL)


def fact(**changes: object) -> Evidence:
    given: dict[str, object] = {
        "direction": Direction.INCOMING,
        "seconds": 90,
        "subject": "КП открыто",
        "text": "Клиент Оплатил счёт",
        **changes,
    }
    return Evidence("f", "1", EvidenceKind.CALL, Grade.B, NOW, NOW + timedelta(hours=1), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (Trigger(EvidenceKind.CALL), True),
        (Trigger(EvidenceKind.MAIL), False),
        (Trigger(EvidenceKind.CALL, Direction.INCOMING), True),
        (Trigger(EvidenceKind.CALL, Direction.OUTGOING), False),
        (Trigger(EvidenceKind.CALL, least_seconds=90), True),
        (Trigger(EvidenceKind.CALL, least_seconds=91), False),
        (Trigger(EvidenceKind.CALL, subject="кп ОТКРЫТО"), True),
        (Trigger(EvidenceKind.CALL, subject="КП"), False),
        (Trigger(EvidenceKind.CALL, value="клиент оплатил счёт"), True),
        (Trigger(EvidenceKind.CALL, value="оплатил"), False),
        (Trigger(EvidenceKind.CALL, contains="ОПЛАТИЛ"), True),
        (Trigger(EvidenceKind.CALL, contains="отказ"), False),
        (Trigger(EvidenceKind.CALL, Direction.INCOMING, 60, "КП открыто", "", "счёт"), True),
    ],
)
def test_a_trigger_restricts_by_what_it_names(trigger: Trigger, *, expected: bool) -> None:
    assert trigger.matches(fact()) is expected


def test_a_fact_without_a_direction_matches_no_directed_trigger() -> None:
    assert not Trigger(EvidenceKind.CALL, Direction.INCOMING).matches(fact(direction=None))
