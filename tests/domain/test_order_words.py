from datetime import timedelta

import pytest

from app.domain.checkpoint import Checkpoint
from app.domain.evidence import EvidenceKind
from app.domain.order_words import describe_conditions
from app.domain.trigger import Combine, Proof, Trigger

TITLES = {"asked": "Оставил заявку", "answered": "Ответил", "paid": "Оплатил"}
CALL, FORM = Trigger(EvidenceKind.CALL), Trigger(EvidenceKind.FORM)


def step(*before: str, after: str = "", within: int = 0, combine: Combine = Combine.ALL) -> Checkpoint:
    window = timedelta(hours=within) if within else None
    proof = Proof((CALL, FORM), combine, 1, window, after)
    return Checkpoint("paid", "Оплатил", "Оплатить", proof, before=before)


@pytest.mark.parametrize(
    ("checkpoint", "in_russian", "in_english"),
    [
        (step(), [], []),
        (step(after="answered"), ["только после шага «Ответил»"], ["only after “Ответил”"]),
        (step("asked"), ["не раньше шага «Оставил заявку»"], ["not before “Оставил заявку”"]),
        (
            step("asked", "answered"),
            ["не раньше шагов «Оставил заявку» и «Ответил»"],
            ["not before “Оставил заявку” and “Ответил”"],
        ),
        (step("answered", after="answered"), ["только после шага «Ответил»"], ["only after “Ответил”"]),
        (step(within=1), ["всё в пределах 1 часа"], ["all within 1 hour"]),
        (step(within=36), ["всё в пределах 36 часов"], ["all within 36 hours"]),
        (step(within=72), ["всё в пределах 3 дней"], ["all within 3 days"]),
        (step(within=72, combine=Combine.ANY), [], []),
        (step(after="gone"), [], []),
    ],
)
def test_what_restricts_a_proof_is_said_as_a_person_would(
    checkpoint: Checkpoint, in_russian: list[str], in_english: list[str]
) -> None:
    assert describe_conditions(checkpoint, TITLES, "ru") == in_russian
    assert describe_conditions(checkpoint, TITLES, "en") == in_english
