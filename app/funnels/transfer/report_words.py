"""What an import tells of, in Russian and English: places, what stayed out, what to look at."""

from app.domain.plain_text import shown

PLACES: dict[str, tuple[str, str]] = {
    "gate_of": ("правило сегмента «{segment}»", "the rule of the segment “{segment}”"),
    "gate": ("правило стадии «{stage}» («{segment}»)", "the rule of the stage “{stage}” (“{segment}”)"),
    "step": ("шаг «{step}» («{segment}»)", "the step “{step}” (“{segment}”)"),
    "rule_of_segment": ("условие сегмента «{segment}»", "the condition of the segment “{segment}”"),
    "sees_all": ("видит цифры всех", "sees everybody's numbers"),
    "whole": ("вся карта", "the whole map"),
}
SENTENCES: dict[str, tuple[str, str]] = {
    "gate_left_out": (
        "Правило не перенесено: для стадии «{name}» нет пары. Её шаги остались в карточке.",
        "The rule was left out: the stage “{name}” has no pair here. Its steps stay in the card.",
    ),
    "gates_merged": (
        "Правила нескольких стадий сложены на стадии «{name}»: нужны шаги всех, строгость взята мягкая.",
        "Rules of several stages were put together on “{name}”: all their steps, the milder mode.",
    ),
    "stage_trigger_left_out": (
        "Не перенесено подтверждение: {what}. Для стадии «{name}» нет пары.",
        "This proof was left out: {what}. The stage “{name}” has no pair here.",
    ),
    "field_trigger_left_out": (
        "Не перенесено подтверждение: {what}. Для поля «{name}» нет пары.",
        "This proof was left out: {what}. The field “{name}” has no pair here.",
    ),
    "choice_trigger_left_out": (
        "Не перенесено подтверждение: {what}. В поле «{name}» нет значения «{value}».",
        "This proof was left out: {what}. The field “{name}” has no choice “{value}” here.",
    ),
    "unseen_trigger_left_out": (
        "Не перенесено подтверждение: {what}. В этой CRM такого не бывает.",
        "This proof was left out: {what}. This CRM has no such thing.",
    ),
    "own_code_left_out": (
        "Не перенесено подтверждение: {what}. Оно называет «{name}» по внутреннему номеру другого аккаунта.",
        "This proof was left out: {what}. It names “{name}” by an inner number of another account.",
    ),
    "proof_easier": (
        "Без этого подтверждать шаг нужно меньшим. Проверьте, что этого достаточно.",
        "Without it less is needed to prove the step. See whether that is enough.",
    ),
    "condition_open": (
        "Для поля «{name}» нет пары. Условие стоит в черновике пустым местом: выберите поле или уберите его.",
        "The field “{name}” has no pair. The condition waits in the draft: choose a field or drop it.",
    ),
    "condition_choice": (
        "В поле «{name}» нет значения «{value}»: пока сюда не попадёт ни одна сделка. Выберите другое.",
        "The field “{name}” has no choice “{value}”, so no deal comes here yet. Choose another one.",
    ),
    "condition_unseen": (
        "В этой CRM у сделок нет тегов: условие не выполнится. Выберите поле.",
        "Deals of this CRM have no tags, so this never holds. Choose a field.",
    ),
    "source_unknown": (
        "Источника «{name}» среди сделок пока нет. Имя перенесено как есть.",
        "No deal here has the source “{name}” yet. The name came over as it is.",
    ),
    "value_other_kind": (
        "Поле «{name}» здесь другого вида: проверьте значение «{value}».",
        "The field “{name}” is of another kind here: look at the value “{value}”.",
    ),
    "price_as_it_is": (
        "Сумма {value} перенесена числом: проверьте, что валюта та же.",
        "The sum {value} came over as a number: see whether the currency is the same.",
    ),
    "guess_taken": (
        "«{name}» стало «{target}»: это догадка, проверьте.",
        "“{name}” became “{target}”: that is a guess, look at it.",
    ),
    "modes_watch": (
        "Правила пока только смотрят: строже их делают руками, когда увидят первые цифры.",
        "The rules only watch for now: they are made stricter by hand, after the first figures.",
    ),
    "person_left_out": ("Пары нет, доступ не добавлен.", "No pair, so no access was given."),
    "person_guess_left_out": (
        "Доступ не добавлен: {target} — это догадка. Подтвердите пару в списке людей.",
        "No access was given: {target} is a guess. Agree to the pair in the list of people.",
    ),
    "person_not_asked": (
        "Доступ к цифрам всех не перенесён: его переносят отдельной галочкой.",
        "The right to everybody's numbers did not come over: it has a tick of its own.",
    ),
    "person_added": ("{target} теперь видит цифры всех.", "{target} now sees everybody's numbers."),
}
LEFT_OUT_CODES = frozenset(
    {code for code in SENTENCES if code.endswith("_left_out")} | {"person_not_asked"}
)  # fmt: skip


def place(code: str, language: str, **names: str) -> str:
    """A place in the mapping in words."""
    return _said(PLACES, code, language, names)


def report_sentence(code: str, language: str, **names: str) -> str:
    """A line of the report in words. Raises KeyError for an unknown code."""
    return _said(SENTENCES, code, language, names)


def _said(words: dict[str, tuple[str, str]], code: str, language: str, names: dict[str, str]) -> str:
    chosen = words[code][1 if language == "en" else 0]
    return chosen.format(**{name: shown(text) for name, text in names.items()})
