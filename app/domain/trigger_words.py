"""Triggers in words: what a person has to look for when he asks what would prove a client's step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain.evidence import Direction, EvidenceKind
from app.domain.plural import english, russian
from app.domain.stage import Catalog, StageRef
from app.domain.trigger import Combine, Proof, Trigger

RUSSIAN = "ru"
_SPOKEN: dict[str, dict[tuple[EvidenceKind, Direction | None], str]] = {
    "ru": {
        (EvidenceKind.CALL, Direction.INCOMING): "входящий звонок",
        (EvidenceKind.CALL, Direction.OUTGOING): "исходящий звонок",
        (EvidenceKind.CALL, None): "звонок",
        (EvidenceKind.MESSAGE, Direction.INCOMING): "сообщение от клиента",
        (EvidenceKind.MESSAGE, Direction.OUTGOING): "наше сообщение клиенту",
        (EvidenceKind.MESSAGE, None): "сообщение в переписке",
        (EvidenceKind.MAIL, Direction.INCOMING): "письмо от клиента",
        (EvidenceKind.MAIL, Direction.OUTGOING): "наше письмо клиенту",
        (EvidenceKind.MAIL, None): "письмо в переписке",
    },
    "en": {
        (EvidenceKind.CALL, Direction.INCOMING): "an incoming call",
        (EvidenceKind.CALL, Direction.OUTGOING): "an outgoing call",
        (EvidenceKind.CALL, None): "a call",
        (EvidenceKind.MESSAGE, Direction.INCOMING): "a message from the client",
        (EvidenceKind.MESSAGE, Direction.OUTGOING): "our message to the client",
        (EvidenceKind.MESSAGE, None): "a message in the conversation",
        (EvidenceKind.MAIL, Direction.INCOMING): "an e-mail from the client",
        (EvidenceKind.MAIL, Direction.OUTGOING): "our e-mail to the client",
        (EvidenceKind.MAIL, None): "an e-mail in the conversation",
    },
}


@dataclass(frozen=True, slots=True)
class _Pattern:
    """How a kind reads without a name and with one."""

    bare: str
    named: str


_THINGS: dict[str, dict[EvidenceKind, _Pattern]] = {
    "ru": {
        EvidenceKind.FORM: _Pattern("заявка с формы", "заявка с формы {}"),
        EvidenceKind.SOURCE: _Pattern("известный источник сделки", "источник сделки {}"),
        EvidenceKind.FIELD: _Pattern("заполненное поле", "заполненное поле {}"),
        EvidenceKind.TASK: _Pattern(
            "выполненная задача с результатом", "выполненная задача {} с результатом"
        ),
        EvidenceKind.TAG: _Pattern("тег на сделке", "тег {}"),
        EvidenceKind.NOTE: _Pattern("примечание в сделке", "примечание {}"),
        EvidenceKind.STAGE: _Pattern("достигнутая стадия", "достигнутая стадия {}"),
        EvidenceKind.MANUAL: _Pattern(
            "ваша отметка в карточке со словами клиента", "ваша отметка в карточке со словами клиента"
        ),
    },
    "en": {
        EvidenceKind.FORM: _Pattern("a submitted form", "a submitted form {}"),
        EvidenceKind.SOURCE: _Pattern("a known source of the deal", "the deal source {}"),
        EvidenceKind.FIELD: _Pattern("a filled field", "the field {} filled"),
        EvidenceKind.TASK: _Pattern("a finished task with a result", "a finished task {} with a result"),
        EvidenceKind.TAG: _Pattern("a tag on the deal", "the tag {}"),
        EvidenceKind.NOTE: _Pattern("a note on the deal", "a note {}"),
        EvidenceKind.STAGE: _Pattern("a stage reached", "the stage {} reached"),
        EvidenceKind.MANUAL: _Pattern(
            "your confirmation in the card with the client's words",
            "your confirmation in the card with the client's words",
        ),
    },
}


_TASK_WITH = {
    "ru": "выполненная задача со словами {} в результате",
    "en": "a finished task with the words {} in its result",
}


def describe_trigger(
    trigger: Trigger, catalog: Catalog | None, language: str, words: Sequence[str] = ()
) -> str:
    """The trigger as a phrase without a capital: «входящий звонок от 1 минуты».

    Names of fields and stages come from `catalog`; what it does not know is left unnamed.
    `language` is `ru` or `en`; anything else reads as English. `words` are named in place of the
    trigger's own `contains` when any of several will do.
    """
    language = RUSSIAN if language == RUSSIAN else "en"
    words = words or ([trigger.contains] if trigger.contains else [])
    if spoken := _SPOKEN[language].get((trigger.kind, trigger.direction)):
        return spoken + _length(trigger, language) + _words_in(words, language)
    if trigger.kind is EvidenceKind.TASK and words:
        return _TASK_WITH[language].format(_stems(words, language))
    pattern = _THINGS[language].get(trigger.kind)
    if pattern is None:
        return trigger.kind.value
    name = _name(trigger, catalog)
    phrase = pattern.named.format(quote(name, language)) if name else pattern.bare
    return phrase + _value(trigger, catalog, language) + _words_in(words, language)


def describe_triggers(proof: Proof, catalog: Catalog | None, language: str) -> list[str]:
    """A phrase for each trigger; those that differ by a word alone share one that names all the words.

    Nothing is shared when every trigger is needed: then each word is needed too.
    """
    if proof.combine is Combine.ALL:
        return [describe_trigger(each, catalog, language) for each in proof.triggers]
    words: dict[Trigger, list[str]] = {}
    for each in proof.triggers:
        if each.contains:
            words.setdefault(replace(each, contains=""), []).append(each.contains)
    return [
        describe_trigger(each, catalog, language, words[replace(each, contains="")] if each.contains else ())
        for each in proof.triggers
    ]


def describe_proof(proof: Proof, catalog: Catalog | None, language: str) -> str:
    """All that proves a checkpoint as one phrase; empty when only a person's word can."""
    phrases = list(dict.fromkeys(describe_triggers(proof, catalog, language)))
    is_russian = language == RUSSIAN
    if proof.combine is Combine.ALL:
        return _joined(phrases, "и" if is_russian else "and")
    phrase = _joined(phrases, "или" if is_russian else "or")
    if proof.combine is Combine.AT_LEAST and proof.least > 1 and phrase:
        times = (
            russian(proof.least, "раза", "раз", "раз")
            if is_russian
            else english(proof.least, "time", "times")
        )
        return f"{phrase} (не меньше {times})" if is_russian else f"{phrase} (at least {times})"
    return phrase


def quote(text: str, language: str) -> str:
    """The text in the quotation marks of the language."""
    return f"«{text}»" if language == RUSSIAN else f"“{text}”"


def _joined(phrases: list[str], word: str) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{', '.join(phrases[:-1])} {word} {phrases[-1]}"


def _length(trigger: Trigger, language: str) -> str:
    if trigger.kind is not EvidenceKind.CALL or trigger.least_seconds <= 0:
        return ""
    minutes, seconds = divmod(trigger.least_seconds, 60)
    if language == RUSSIAN:
        parts = [
            russian(minutes, "минуты", "минут", "минут") if minutes else "",
            russian(seconds, "секунды", "секунд", "секунд") if seconds else "",
        ]
        return " от " + " ".join(part for part in parts if part)
    parts = [
        english(minutes, "minute", "minutes") if minutes else "",
        english(seconds, "second", "seconds") if seconds else "",
    ]
    return " of at least " + " ".join(part for part in parts if part)


def _name(trigger: Trigger, catalog: Catalog | None) -> str:
    match trigger.kind:
        case EvidenceKind.FIELD:
            fields = catalog.fields if catalog else ()
            return next((field.title for field in fields if field.id == trigger.subject), "")
        case EvidenceKind.STAGE:
            return _stage_title(trigger.subject, catalog)
        case EvidenceKind.TAG | EvidenceKind.SOURCE | EvidenceKind.FORM:
            return trigger.subject or trigger.value
        case _:
            return ""


def _stage_title(subject: str, catalog: Catalog | None) -> str:
    try:
        stage = catalog.stage(StageRef.parse(subject)) if catalog else None
    except ValueError:
        return ""
    return stage.title if stage else ""


def _value(trigger: Trigger, catalog: Catalog | None, language: str) -> str:
    if trigger.kind is not EvidenceKind.FIELD or not trigger.value:
        return ""
    fields = catalog.fields if catalog else ()
    options = next((field.options for field in fields if field.id == trigger.subject), ())
    label = dict(options).get(trigger.value, trigger.value)
    phrase = " со значением {}" if language == RUSSIAN else " with the value {}"
    return phrase.format(quote(label, language))


def _words_in(words: Sequence[str], language: str) -> str:
    if not words:
        return ""
    phrase = " со словами {}" if language == RUSSIAN else " with the words {}"
    return phrase.format(", ".join(quote(word, language) for word in dict.fromkeys(words)))


def _stems(words: Sequence[str], language: str) -> str:
    """Beginnings of words: a result may end them as it likes."""
    return ", ".join(quote(f"{word}…", language) for word in dict.fromkeys(words))
