import pytest

from app.domain.evidence import Evidence, EvidenceKind, Grade
from app.domain.own_traces import is_own_trace
from app.domain.wording import tag_text
from tests.factories import NOW


def fact(kind: EvidenceKind, subject: str = "", text: str = "") -> Evidence:
    return Evidence("1", "1", kind, Grade.D, NOW, NOW, subject=subject, text=text)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_our_own_tag_is_no_fact_about_the_client_however_it_is_written(language: str) -> None:
    tag = tag_text(language)
    assert is_own_trace(fact(EvidenceKind.TAG, tag, tag))
    assert is_own_trace(fact(EvidenceKind.TAG, f" {tag.upper()} "))


@pytest.mark.parametrize("kind", [EvidenceKind.NOTE, EvidenceKind.TASK])
def test_our_own_notes_and_tasks_are_known_by_their_marker(kind: EvidenceKind) -> None:
    assert is_own_trace(fact(kind, text="Помочь клиенту сделать шаг\n#ref:1f3a9c07: сделано"))
    assert not is_own_trace(fact(kind, text="Клиент просил #ref:нет"))


def test_what_people_and_clients_leave_stays_a_fact() -> None:
    assert not is_own_trace(fact(EvidenceKind.TAG, "опт", "опт"))
    assert not is_own_trace(fact(EvidenceKind.MESSAGE, text="в вашем письме #ref:1f3a9c07"))
