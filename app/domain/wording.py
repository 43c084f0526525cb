"""The texts that Stepgate leaves in a deal: what happened, what is missing, what to do now."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.checkpoint import Checkpoint
from app.domain.funnel import Funnel
from app.domain.order_words import describe_conditions
from app.domain.stage import Catalog, StageRef
from app.domain.trigger_words import RUSSIAN, describe_proof, describe_trigger, quote
from app.domain.verdict import Verdict

__all__ = ["Missing", "Situation", "describe_trigger", "missing_of", "note_text", "tag_text", "task_text"]

LANGUAGES = (RUSSIAN, "en")
DETAILED = 3
"""More checkpoints than this are named without details: a note is read in passing."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A client's step that a move lacked. `proof` says in words what would prove it."""

    title: str
    request: str
    proof: str
    hint: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What a text is about. `is_back`: the deal stands in `from_title` again."""

    from_title: str
    to_title: str
    missing: tuple[Missing, ...]
    is_back: bool


def missing_of(
    verdict: Verdict, funnel: Funnel, catalog: Catalog | None, language: str
) -> tuple[Missing, ...]:
    """The steps that the verdict's move lacked, in the client's order."""
    keys = {result.key for result in verdict.unmet}
    return tuple(
        Missing(each.title, each.request, _proof(each, funnel, catalog, language), each.hint)
        for each in funnel.checkpoints
        if each.key in keys
    )


def _proof(checkpoint: Checkpoint, funnel: Funnel, catalog: Catalog | None, language: str) -> str:
    phrase = describe_proof(checkpoint.proof, catalog, language)
    conditions = describe_conditions(checkpoint, funnel.titles, language)
    return ", ".join((phrase, *conditions)) if phrase else ""


def stage_title(ref: StageRef | None, catalog: Catalog | None) -> str:
    """The stage's title; empty for a stage that the CRM no longer has."""
    stage = catalog.stage(ref) if ref and catalog else None
    return stage.title if stage else ""


def note_text(situation: Situation, language: str) -> str:
    """The note in the deal's feed."""
    lines = _note_ru(situation) if language == RUSSIAN else _note_en(situation)
    return "\n".join(line for line in lines if line)


def task_text(situation: Situation, language: str) -> str:
    """The task for whoever leads the deal: help the client make the step."""
    requests = _list([each.request for each in situation.missing], language)
    hints = [each.hint for each in situation.missing[:1] if each.hint]
    proof = next((each.proof for each in situation.missing if each.proof), "")
    if language == RUSSIAN:
        goal = f"Помочь клиенту сделать шаг: {requests}."
        return " ".join(
            [goal, *hints, f"Подойдёт {proof}." if proof and len(situation.missing) == 1 else ""]
        ).strip()
    goal = f"Help the client take the step: {requests}."
    return " ".join(
        [goal, *hints, f"What counts: {proof}." if proof and len(situation.missing) == 1 else ""]
    ).strip()


def tag_text(language: str) -> str:
    """The tag on a deal that stands where its client has not come yet."""
    return "нужен шаг клиента" if language == RUSSIAN else "client step needed"


def _note_ru(situation: Situation) -> list[str]:
    target = quote(situation.to_title, RUSSIAN)
    if situation.is_back:
        origin = quote(situation.from_title, RUSSIAN)
        head = f"Сделка снова на стадии {origin}: для стадии {target} клиенту осталось:"
    else:
        head = f"Сделка на стадии {target}, а шаг клиента ещё впереди:"
    one = len(situation.missing) == 1
    head = f"{head} {_list([each.request for each in situation.missing], RUSSIAN)}."
    return [
        head,
        *_details(situation.missing, "Подойдёт: {}." if one else "{}: подойдёт {}.", RUSSIAN),
        *(f"Что помогает сейчас: {each.hint}" for each in situation.missing[:1] if each.hint),
        "Клиент уже сделал это? Отметьте в карточке сделки с его словами, и сделку можно вести дальше."
        if situation.is_back
        else "Клиент уже сделал это? Отметьте в карточке сделки с его словами.",
    ]


def _note_en(situation: Situation) -> list[str]:
    target = quote(situation.to_title, "en")
    if situation.is_back:
        head = (
            f"The deal is back in {quote(situation.from_title, 'en')}: for {target} the client still has to:"
        )
    else:
        head = f"The deal is in {target}, but the client has yet to:"
    one = len(situation.missing) == 1
    head = f"{head} {_list([each.request for each in situation.missing], 'en')}."
    return [
        head,
        *_details(situation.missing, "What counts: {}." if one else "{}: what counts is {}.", "en"),
        *(f"What helps now: {each.hint}" for each in situation.missing[:1] if each.hint),
        "Has the client done it already? Confirm it in the deal card with the client's words"
        + (", and the deal can move on." if situation.is_back else "."),
    ]


def _details(missing: Sequence[Missing], pattern: str, language: str) -> list[str]:
    told = [each for each in missing[:DETAILED] if each.proof]
    if len(missing) == 1:
        return [pattern.format(each.proof) for each in told]
    return [pattern.format(quote(each.request, language), each.proof) for each in told]


def _list(titles: Sequence[str], language: str) -> str:
    return ", ".join(quote(title, language) for title in titles)
