"""The translator puts the right client step behind a stage name, and none where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.stage import Stage, StageKind, StageRef
from app.domain.steps import STEPS
from app.domain.translate import Meaning, translate_name, translate_stage
from tests.domain.stage_name_corpus import CORPUS, ENDED, SELLER_WORK, UNKNOWN

NAMES = [(name, step) for step, names in CORPUS.items() for name in names]


@pytest.mark.parametrize(("name", "step"), NAMES, ids=[name for name, _ in NAMES])
def test_a_usual_stage_name_is_translated(name: str, step: str) -> None:
    found = translate_name(name)
    assert (found.meaning, found.steps[:1]) == (Meaning.CLIENT_STEP, (step,))


@pytest.mark.parametrize("name", SELLER_WORK)
def test_a_stage_of_pure_seller_work_has_no_client_step(name: str) -> None:
    assert translate_name(name).meaning is Meaning.SELLER_WORK


@pytest.mark.parametrize("name", ENDED)
def test_a_stage_that_ends_the_deal_asks_nothing(name: str) -> None:
    assert translate_name(name).meaning is Meaning.LOST


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_name_outside_the_dictionary_is_not_guessed(name: str) -> None:
    assert translate_name(name).meaning is Meaning.UNKNOWN


def test_the_corpus_is_as_large_as_the_dictionary_claims() -> None:
    assert len(NAMES) + len(SELLER_WORK) + len(ENDED) + len(UNKNOWN) >= 120
    assert {step for _, step in NAMES} <= set(STEPS)


@pytest.mark.parametrize(
    "name", ["КП ОТПРАВЛЕНО", "кп отправлено", " 4) КП — отправлено! ", "к.п. отправлено"]
)
def test_case_numbers_and_punctuation_do_not_matter(name: str) -> None:
    assert translate_name(name).steps == ("proposal",)


def _stage(title: str, kind: StageKind) -> Stage:
    return Stage(StageRef("1", "2"), title, kind, 1)


def test_a_won_stage_means_payment_whatever_it_is_called() -> None:
    assert translate_stage(_stage("Ура!", StageKind.WON)).steps == ("payment",)


def test_a_lost_stage_is_never_translated() -> None:
    assert translate_stage(_stage("Оплата", StageKind.LOST)).meaning is Meaning.LOST


def test_the_unsorted_stage_rests_on_nothing() -> None:
    assert translate_stage(_stage("Новая заявка", StageKind.ENTRY)).steps == ()


@given(st.text(max_size=5000))
def test_no_text_breaks_the_translator(name: str) -> None:
    found = translate_name(name)
    assert set(found.steps) <= set(STEPS)
    assert bool(found.steps) is (found.meaning is Meaning.CLIENT_STEP)
