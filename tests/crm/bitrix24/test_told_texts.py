"""What is read at a glance is short: the title of a to-do, the notice about a note."""

from datetime import timedelta

import pytest

from app.domain.writeback import AddNote, AddTask
from tests.crm.bitrix24.kit import Bench

MARK = "#ref:0a1b2c3d"
FIRST = "Помочь клиенту сделать шаг: «Открыть коммерческое предложение»."
SECOND = "Отправлено ещё не значит прочитано."
THIRD = "Позвоните и дайте повод открыть: «На второй странице расчёт под ваши 40 мест»."


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (FIRST, FIRST),
        (f"{FIRST} {SECOND} {THIRD}", f"{FIRST} {SECOND}"),
        (f"{FIRST}\n{SECOND}", FIRST),
        ("слово " * 30, f"{' '.join(['слово'] * 19)}…"),
    ],
)
async def test_a_long_task_is_cut_between_sentences_or_words(bench: Bench, text: str, title: str) -> None:
    deal = bench.deal(2)
    due = bench.clock.now() + timedelta(days=1)
    await bench.client.apply(AddTask(str(deal.id), f"{text}\n{MARK}", str(bench.world.admin), due), MARK)
    (todo,) = [each for each in bench.world.portal.activities.values() if each.provider_id == "CRM_TODO"]
    assert todo.subject == title
    assert text.strip() in todo.description


async def test_a_notice_is_the_first_line_of_the_note_with_a_link(bench: Bench) -> None:
    deal = bench.deal()
    await bench.client.apply(AddNote(str(deal.id), f"{FIRST}\n{SECOND}\n{THIRD}\n{MARK}"), MARK)
    (notice,) = bench.world.portal.notifications.values()
    assert notice.text == f"{FIRST}[br][URL=/crm/deal/details/{deal.id}/]Stepgate[/URL]"
