"""A mapping as a file: what it holds, and that it comes back as it was."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.stage import DealField, StageRef
from app.errors import Invalid
from app.funnels.document import FunnelDocument
from app.funnels.propose import propose
from app.funnels.transfer.export import file_of
from app.funnels.transfer.file import Origin, TransferFile
from app.funnels.transfer.read import read_file
from app.funnels.transfer.write import text_of
from tests.funnels.account import OFFER, PIPELINE
from tests.funnels.transfer.accounts import document, home

ACCOUNT = home()
ORIGIN = Origin(account="Опора", crm="fake", account_id="77", pipeline="Продажи", pipeline_id=PIPELINE)


def exported(mapping: FunnelDocument, **more: object) -> TransferFile:
    """The file of a mapping of the Russian account."""
    return file_of(mapping, ACCOUNT, ACCOUNT.pipelines[0], ORIGIN, **more)  # type: ignore[arg-type]


def proposed() -> FunnelDocument:
    return propose(ACCOUNT, ACCOUNT.pipelines[0], "ru")


def test_a_file_is_read_back_as_it_was_written() -> None:
    file = exported(proposed(), seeing_all=["2"])
    for language in ("ru", "en"):
        assert read_file(text_of(file, language), language) == file


def test_the_mapping_in_a_file_names_stages_and_fields_as_people_do() -> None:
    text = text_of(exported(proposed()), "ru")
    body = text[text.index("segments:") :]
    assert "stage: КП отправлено" in body
    assert "field: Тип клиента" in body
    assert not re.search(rf"\b({PIPELINE}|{OFFER}|81|82)\b", body)


def test_a_file_lists_the_pipeline_s_stages_in_order_with_their_kinds() -> None:
    stages = exported(FunnelDocument()).stages
    assert [(each.name, each.kind.value) for each in stages][:3] == [
        ("Неразобранное", "entry"),
        ("Новая заявка", "open"),
        ("Первичные переговоры", "open"),
    ]
    assert [each.kind.value for each in stages][-2:] == ["won", "lost"]


def test_a_file_holds_only_the_fields_and_people_that_the_mapping_needs() -> None:
    account = home(DealField("81", "Тип клиента"), DealField("90", "Паспорт клиента"))
    rule = [{"subject": "field:81", "operator": "filled"}]
    file = file_of(document(conditions=rule), account, account.pipelines[0], ORIGIN, seeing_all=["2"])
    assert [each.name for each in file.fields] == ["Тип клиента"]
    assert [(each.name, each.sees_all) for each in file.people] == [("Иван Петров", True)]
    assert "Мария" not in text_of(file, "ru")


def test_two_fields_of_one_name_are_told_apart() -> None:
    account = home(DealField("1", "Срок"), DealField("2", "Срок"))
    rules = [{"subject": f"field:{number}", "operator": "filled"} for number in (1, 2)]
    file = file_of(document(conditions=rules), account, account.pipelines[0], ORIGIN)
    assert [(each.name, each.title, each.id) for each in file.fields] == [
        ("Срок", "", "1"),
        ("Срок (2)", "Срок", "2"),
    ]
    assert [each.field for each in file.segments[0].conditions] == ["Срок", "Срок (2)"]


def test_what_the_crm_has_no_longer_is_named_as_the_version_knew_it() -> None:
    gates = [{"stage_id": "55", "checkpoint_keys": []}, {"stage_id": "66", "checkpoint_keys": []}]
    stages = ACCOUNT.pipelines[0].stages
    gone = stages[1].__class__(StageRef(PIPELINE, "55"), "Ушедшая", stages[1].kind, 1)
    file = exported(document(gates=gates), before=[gone])
    assert [gate.stage for gate in file.segments[0].gates] == ["Ушедшая", "66"]


WORDS = st.text(max_size=40).filter(
    lambda text: (
        text == text.strip() and "\x00" not in text and all(not "\ud800" <= each <= "\udfff" for each in text)
    )
)
TRICKY = st.one_of(
    WORDS,
    st.sampled_from(
        ["null", "true", "no", "1", "~", "0x1", "1e3", "12:30", "!a", "*", "- a", "#", "a\x85b", "a\u2028b"]
    ),
)


@settings(max_examples=60, deadline=None)
@given(title=TRICKY.filter(bool), hint=TRICKY, value=TRICKY)
def test_any_text_survives_the_way_through_a_file(title: str, hint: str, value: str) -> None:
    step = {
        "key": "a",
        "title": title,
        "hint": hint,
        "proof": {"triggers": [{"kind": "note", "contains": value}]},
    }
    condition = {"subject": "tag", "operator": "equals", "value": value}
    file = exported(document(checkpoints=[step], conditions=[condition]))
    again = read_file(text_of(file, "ru"), "ru")
    assert again == file


def test_a_file_of_a_newer_format_is_refused_with_a_sentence() -> None:
    text = text_of(exported(proposed()), "ru").replace("format: 1", "format: 2")
    with pytest.raises(Invalid) as refused:
        read_file(text, "ru")
    assert refused.value.code == "file_unreadable"
    assert [each["code"] for each in refused.value.problems] == ["newer"]
    assert "Обновите Stepgate" in refused.value.problems[0]["sentence"]
