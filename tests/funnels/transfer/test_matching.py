"""What a file's names mean in an account: how sure, and why; never two on one."""

from collections import Counter

import pytest

from app.domain.stage import DealField, FieldKind, StageKind, User
from app.funnels.propose import propose
from app.funnels.transfer.export import file_of
from app.funnels.transfer.file import (
    FileField,
    FileItem,
    FilePerson,
    FileStage,
    Origin,
    TransferFile,
)
from app.funnels.transfer.likeness import person_name
from app.funnels.transfer.matching import Chosen, Match, Matching, NoSuchTarget, match
from app.funnels.transfer.pairing import Reason, Sureness
from app.funnels.transfer.target import Listed, Target
from app.funnels.transfer.usage import usage_of
from tests.funnels.transfer import accounts
from tests.funnels.transfer.accounts import BILL, DOUBTS, NEEDS, OFFER, WON, abroad, home, target


def matched(file: TransferFile, to: Target, chosen: Chosen | None = None) -> Matching:
    return match(file, to, usage_of(file, "ru"), chosen or {})


def proposed_file() -> TransferFile:
    account = home()
    return file_of(propose(account, account.pipelines[0], "ru"), account, account.pipelines[0], Origin())


def stages(*titles: str) -> TransferFile:
    """A file of open stages alone."""
    return TransferFile(stepgate="funnel", format=1, stages=[FileStage(name=each) for each in titles])


def fields(*listed: FileField) -> TransferFile:
    return TransferFile(stepgate="funnel", format=1, fields=list(listed))


def open_stages(*titles: str) -> Target:
    listed = tuple((f"S{number}", title, StageKind.OPEN) for number, title in enumerate(titles))
    return target(abroad(stages=listed))


def stage(found: Matching, name: str) -> Match:
    return found.of(Listed.STAGE, name)


def test_stages_of_another_language_are_found_by_what_the_client_has_done() -> None:
    found = matched(proposed_file(), target(abroad()))
    assert stage(found, "Счёт выставлен") == Match(BILL, Sureness.LIKELY, Reason.SAME_MEANING)
    assert stage(found, "КП отправлено").target == OFFER
    assert stage(found, "Снятие возражений").target == DOUBTS
    assert stage(found, "Классификация").target == NEEDS
    assert stage(found, "Успешно реализовано") == Match(WON, Sureness.SURE, Reason.SAME_KIND)


def test_fields_choices_and_people_of_another_language_are_found() -> None:
    account = home()
    document = propose(account, account.pipelines[0], "ru")
    file = file_of(document, account, account.pipelines[0], Origin(), seeing_all=["2"])
    found = matched(file, target(abroad()))
    assert found.of(Listed.FIELD, "Тип клиента") == Match("UF_1", Sureness.LIKELY, Reason.SAME_MEANING)
    assert found.of(Listed.CHOICE, "Тип клиента", "Срочно").target == "Urgent"
    assert found.of(Listed.PERSON, "Иван Петров") == Match("8", Sureness.LIKELY, Reason.SAME_MEANING)


def test_in_the_same_account_an_id_outlives_a_new_name() -> None:
    file = proposed_file()
    account = home(
        DealField("81", "Кто клиент", FieldKind.CHOICE, (("1", "Горит"), ("2", "Выбирают"), ("3", "Тендер")))
    )
    found = matched(file, target(account, is_same=True))
    assert found.of(Listed.FIELD, "Тип клиента") == Match("81", Sureness.SURE, Reason.SAME_ID)
    assert found.of(Listed.CHOICE, "Тип клиента", "Срочно") == Match("Горит", Sureness.SURE, Reason.SAME_ID)


def test_an_id_of_another_account_means_nothing() -> None:
    file = fields(FileField(name="Город", id="UF_3"))
    assert matched(file, target(abroad())).of(Listed.FIELD, "Город").target == ""


def test_equal_names_differ_in_nothing_that_people_write_differently() -> None:
    found = matched(stages("Счёт  выставлен!", "ОПЛАТА"), open_stages("Оплата", "счет выставлен"))
    assert stage(found, "Счёт  выставлен!") == Match("S1", Sureness.SURE, Reason.SAME_NAME)
    assert stage(found, "ОПЛАТА") == Match("S0", Sureness.SURE, Reason.SAME_NAME)


def test_two_stages_of_one_name_are_only_a_guess() -> None:
    file = TransferFile(
        stepgate="funnel",
        format=1,
        stages=[FileStage(name="Звонок"), FileStage(name="Звонок (2)", title="Звонок")],
    )
    found = matched(file, open_stages("Звонок", "Звонок"))
    assert [stage(found, name).target for name in ("Звонок", "Звонок (2)")] == ["S0", "S1"]
    assert stage(found, "Звонок") == Match("S0", Sureness.GUESS, Reason.SAME_NAME_TWICE)


def test_a_stage_between_the_same_neighbours_is_a_guess() -> None:
    found = matched(stages("Новая", "Ювенилия", "Оплата"), open_stages("Новая", "Абракадабра", "Оплата"))
    assert stage(found, "Ювенилия") == Match("S1", Sureness.GUESS, Reason.SAME_PLACE)


def test_a_stage_without_a_like_stays_without_a_pair() -> None:
    found = matched(stages("Новая", "Ювенилия", "Оплата"), open_stages("Новая", "Оплата"))
    assert stage(found, "Ювенилия").sureness is Sureness.NONE


def test_names_that_share_most_words_are_a_guess() -> None:
    found = matched(stages("Образец утюга выслан"), open_stages("Прочее", "Выслан образец утюга почтой"))
    assert stage(found, "Образец утюга выслан").sureness in (Sureness.GUESS, Sureness.LIKELY)
    assert stage(found, "Образец утюга выслан").target == "S1"


@pytest.mark.parametrize(
    "titles",
    [
        ("Счёт выставлен", "Счёт отправлен", "Счёт"),
        ("Оплата", "Оплата", "Предоплата"),
        ("КП", "КП отправлено", "Коммерческое предложение"),
    ],
)
def test_nothing_of_the_account_is_proposed_twice(titles: tuple[str, ...]) -> None:
    file = TransferFile(
        stepgate="funnel",
        format=1,
        stages=[FileStage(name=f"{number}", title=title) for number, title in enumerate(titles)],
    )
    for to in (target(abroad()), open_stages("Invoice sent"), open_stages("Счёт", "КП", "Оплата", "Оплата")):
        found = matched(file, to)
        counts = Counter(each.target for each in found.found.values() if each.target)
        assert all(count == 1 for count in counts.values())


def test_what_a_person_chose_is_kept_beside_what_was_found() -> None:
    chosen = {(Listed.STAGE, "КП отправлено", ""): BILL, (Listed.STAGE, "Классификация", ""): ""}
    found = matched(proposed_file(), target(abroad()), chosen)
    assert stage(found, "КП отправлено") == Match(BILL, Sureness.CHOSEN, Reason.CHOSEN)
    assert stage(found, "Классификация") == Match("", Sureness.CHOSEN, Reason.CHOSEN)
    assert stage(found, "Счёт выставлен") == Match(BILL, Sureness.LIKELY, Reason.SAME_MEANING)


def test_a_guess_gives_way_to_what_a_person_chose() -> None:
    file, to = stages("Новая", "Ювенилия", "Оплата"), open_stages("Новая", "Абракадабра", "Оплата")
    found = matched(file, to, {(Listed.STAGE, "Новая", ""): "S1"})
    assert stage(found, "Ювенилия").sureness is Sureness.NONE


def test_a_chosen_field_brings_its_own_choices() -> None:
    account = abroad(
        accounts.CLIENT_TYPE, DealField("UF_9", "Hurry", FieldKind.CHOICE, (("1", "Rush"), ("2", "Bid")))
    )
    chosen = {(Listed.FIELD, "Тип клиента", ""): "UF_9"}
    found = matched(proposed_file(), target(account), chosen)
    assert found.of(Listed.CHOICE, "Тип клиента", "Срочно").target == "Rush"
    assert found.of(Listed.CHOICE, "Тип клиента", "Тендер").target == "Bid"


def test_choosing_what_the_account_does_not_have_is_an_error() -> None:
    with pytest.raises(NoSuchTarget):
        matched(proposed_file(), target(abroad()), {(Listed.STAGE, "КП отправлено", ""): "C0:GONE"})


def test_a_field_of_another_kind_is_only_a_guess() -> None:
    account = abroad(DealField("UF_5", "Город", FieldKind.YES_NO))
    file = fields(FileField.model_validate({"name": "Город", "type": "text"}))
    found = matched(file, target(account)).of(Listed.FIELD, "Город")
    assert found == Match("UF_5", Sureness.GUESS, Reason.SAME_NAME_OTHER_KIND)


def test_lists_with_the_same_choices_are_likely_the_same_but_yes_and_no_tell_nothing() -> None:
    def listed(*choices: str) -> list[FileItem]:
        return [FileItem(name=each) for each in choices]

    account = abroad(
        DealField("UF_6", "Zzz", FieldKind.CHOICE, (("1", "А"), ("2", "Б"), ("3", "В"))),
        DealField("UF_7", "Qqq", FieldKind.CHOICE, (("1", "Да"), ("2", "Нет"))),
    )
    file = fields(
        FileField(name="Первое", choices=listed("В", "А", "Б")),
        FileField(name="Второе", choices=listed("Да", "Нет")),
    )
    found = matched(file, target(account))
    assert found.of(Listed.FIELD, "Первое").reason is Reason.SAME_CHOICES
    assert found.of(Listed.FIELD, "Второе").sureness is Sureness.NONE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Иван Петров", "Петров Иван"),
        ("Иван Петров", "Ivan Petrov"),
        ("Мария Ильина", "Maria Ilina"),
        ("Наталья Жукова", "Natalya Zhukova"),
        ("Алексей Щукин", "Aleksey Shchukin"),
        ("Юлия Хохлова", "Yulia Khokhlova"),
    ],
)
def test_a_person_s_name_is_known_in_both_alphabets(one: str, other: str) -> None:
    assert person_name(one) == person_name(other)


def test_people_who_left_are_not_proposed() -> None:
    file = TransferFile(stepgate="funnel", format=1, people=[FilePerson(name="Иван Петров", sees_all=True)])
    account = abroad()
    left = account.__class__(account.pipelines, (User("9", "Иван Петров", is_active=False),))
    assert matched(file, target(left)).of(Listed.PERSON, "Иван Петров").target == ""


def test_sources_are_found_by_name_and_by_meaning() -> None:
    rules = [{"subject": "source", "operator": "equals", "value": each} for each in ("Сайт", "Выставка")]
    account = home()
    file = file_of(accounts.document(conditions=rules), account, account.pipelines[0], Origin())
    found = matched(file, target(abroad(), sources=("Website", "выставка")))
    assert found.of(Listed.SOURCE, "Сайт").target == "Website"
    assert found.of(Listed.SOURCE, "Выставка") == Match("выставка", Sureness.SURE, Reason.SAME_NAME)
