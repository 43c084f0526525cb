"""A verifiable client action that a stage rests on."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.domain.evidence import Grade
from app.domain.trigger import Proof


@dataclass(frozen=True, slots=True)
class Objection:
    """A client's objection at a step and what to answer (playbook)."""

    says: str
    answer: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A client action with what proves it.

    `title` says what the client did ("Открыл КП"), `request` what he owes next ("Открыть КП").
    `accepts` is the least grade that proves it. `before` names checkpoints that must have been met
    no later. Evidence older than `fresh_for` no longer counts. `hint` is what to say now.
    """

    key: str
    title: str
    request: str
    proof: Proof
    accepts: Grade = Grade.D
    is_optional: bool = False
    before: tuple[str, ...] = ()
    fresh_for: timedelta | None = None
    hint: str = ""
    objections: tuple[Objection, ...] = ()


class AnswerState(StrEnum):
    """What a manager said of a checkpoint beyond evidence."""

    WILL_NOT_HAPPEN = "will_not_happen"
    REOPENED = "reopened"
