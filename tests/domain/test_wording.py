"""Texts for people: what is missing, what would prove it, what to do now."""

from datetime import timedelta

import pytest

from app.domain.evidence import Direction, EvidenceKind
from app.domain.plural import english, russian
from app.domain.stage import Catalog, DealField, FieldKind
from app.domain.trigger import Combine, Proof, Trigger
from app.domain.trigger_words import describe_proof, describe_trigger, describe_triggers
from app.domain.wording import Missing, Situation, note_text, task_text
from tests.crm.fake.world import make_catalog

FIELDS = (
    DealField("7", "Бюджет"),
    DealField("8", "Тип", FieldKind.CHOICE, (("1", "Срочно"), ("2", "Тендер"))),
)
CATALOG = Catalog(make_catalog("p").pipelines, fields=FIELDS)
CALL = Trigger(EvidenceKind.CALL, Direction.INCOMING, 60)
MESSAGE = Trigger(EvidenceKind.MESSAGE, Direction.INCOMING)


@pytest.mark.parametrize(
    ("trigger", "in_russian", "in_english"),
    [
        (CALL, "входящий звонок от 1 минуты", "an incoming call of at least 1 minute"),
        (Trigger(EvidenceKind.CALL), "звонок", "a call"),
        (
            Trigger(EvidenceKind.CALL, Direction.OUTGOING, 40),
            "исходящий звонок от 40 секунд",
            "an outgoing call of at least 40 seconds",
        ),
        (
            Trigger(EvidenceKind.CALL, None, 150),
            "звонок от 2 минут 30 секунд",
            "a call of at least 2 minutes 30 seconds",
        ),
        (MESSAGE, "сообщение от клиента", "a message from the client"),
        (Trigger(EvidenceKind.MAIL, Direction.INCOMING), "письмо от клиента", "an e-mail from the client"),
        (
            Trigger(EvidenceKind.MAIL, Direction.INCOMING, contains="счёт"),
            "письмо от клиента со словами «счёт»",
            "an e-mail from the client with the words “счёт”",
        ),
        (Trigger(EvidenceKind.FORM), "заявка с формы", "a submitted form"),
        (
            Trigger(EvidenceKind.FIELD, subject="7"),
            "заполненное поле «Бюджет»",
            "the field “Бюджет” filled",
        ),
        (
            Trigger(EvidenceKind.FIELD, subject="8", value="2"),
            "заполненное поле «Тип» со значением «Тендер»",
            "the field “Тип” filled with the value “Тендер”",
        ),
        (Trigger(EvidenceKind.FIELD, subject="404"), "заполненное поле", "a filled field"),
        (Trigger(EvidenceKind.TAG, subject="КП открыто"), "тег «КП открыто»", "the tag “КП открыто”"),
        (
            Trigger(EvidenceKind.STAGE, subject="p:b"),
            "достигнутая стадия «Stage b»",
            "the stage “Stage b” reached",
        ),
        (Trigger(EvidenceKind.STAGE, subject="nonsense"), "достигнутая стадия", "a stage reached"),
    ],
)
def test_a_trigger_reads_as_a_person_would_say_it(trigger: Trigger, in_russian: str, in_english: str) -> None:
    assert describe_trigger(trigger, CATALOG, "ru") == in_russian
    assert describe_trigger(trigger, CATALOG, "en") == in_english


@pytest.mark.parametrize("kind", list(EvidenceKind))
@pytest.mark.parametrize("direction", [None, *Direction])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_trigger_has_words_even_without_a_catalog(
    kind: EvidenceKind, direction: Direction | None, language: str
) -> None:
    words = describe_trigger(Trigger(kind, direction), None, language)
    assert words
    assert "{" not in words


def test_proofs_are_joined_by_how_they_combine() -> None:
    assert describe_proof(Proof((CALL, MESSAGE)), None, "ru").endswith("минуты или сообщение от клиента")
    assert " и " in describe_proof(Proof((CALL, MESSAGE), Combine.ALL), None, "ru")
    thrice = Proof((MESSAGE,), Combine.AT_LEAST, 3, timedelta(days=1))
    assert describe_proof(thrice, None, "ru") == "сообщение от клиента (не меньше 3 раз)"
    assert describe_proof(thrice, None, "en") == "a message from the client (at least 3 times)"
    assert describe_proof(Proof(()), None, "ru") == ""


def test_triggers_that_differ_by_a_word_alone_are_told_once() -> None:
    tasks = tuple(Trigger(EvidenceKind.TASK, contains=word) for word in ("подтверд", "соглас"))
    phrase = "выполненная задача со словами «подтверд…», «соглас…» в результате"
    assert describe_triggers(Proof((*tasks, MESSAGE)), None, "ru") == [phrase, phrase, "сообщение от клиента"]
    assert describe_proof(Proof((*tasks, MESSAGE)), None, "ru") == f"{phrase} или сообщение от клиента"
    assert describe_proof(Proof(tasks), None, "en") == (
        "a finished task with the words “подтверд…”, “соглас…” in its result"
    )
    mails = tuple(Trigger(EvidenceKind.MAIL, Direction.INCOMING, contains=word) for word in ("счёт", "акт"))
    assert describe_proof(Proof(mails), None, "ru") == "письмо от клиента со словами «счёт», «акт»"
    assert describe_proof(Proof(mails, Combine.ALL), None, "ru").count("письмо от клиента") == 2


ONE = Missing("Открыл КП", "Открыть КП", "сообщение от клиента", "Спросите о главном.")
TWO = Missing("Назвал срок", "Назвать срок", "", "")


def test_a_note_about_a_move_back_says_where_the_deal_is_what_is_missing_and_what_helps() -> None:
    text = note_text(Situation("Классификация", "КП отправлено", (ONE,), is_back=True), "ru")
    for part in ("«Классификация»", "«КП отправлено»", "«Открыть КП»", "сообщение от клиента", ONE.hint):
        assert part in text
    left = note_text(Situation("Классификация", "КП отправлено", (ONE,), is_back=False), "ru")
    assert "снова" not in left
    assert "Классификация" not in left


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("is_back", [True, False])
def test_several_missing_steps_are_all_named(language: str, is_back: bool) -> None:
    situation = Situation("A", "B", (ONE, TWO), is_back)
    for text in (note_text(situation, language), task_text(situation, language)):
        assert ONE.request in text
        assert TWO.request in text
        assert "\n\n" not in text


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1 раз"), (2, "2 раза"), (5, "5 раз"), (11, "11 раз"), (22, "22 раза")]
)
def test_russian_counts_agree(number: int, text: str) -> None:
    assert russian(number, "раз", "раза", "раз") == text


def test_english_counts_agree() -> None:
    assert [english(number, "call", "calls") for number in (1, 2)] == ["1 call", "2 calls"]
