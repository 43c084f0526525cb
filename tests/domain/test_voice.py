"""A checkpoint's title is the client's act; titles about the seller are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.playbook import playbook
from app.domain.voice import describes_seller

SELLER = (
    "Менеджер отработал возражения", "Мы отправили КП", "КП отправлено", "Отправили КП", "Счёт выставлен",
    "Выставили счёт", "Позвонили клиенту", "Перезвонили", "Возражения сняты", "Снятие возражений",
    "Презентация проведена", "Провели встречу", "Подготовили смету", "Клиенту отправлено КП",
    "Рассчитали стоимость", "Отработка возражений", "Договор направлен", "Назначили встречу",
    "Proposal sent", "Sent the invoice", "Called the client", "Handled objections",
    "We presented the product", "Sales rep followed up", "Client was called",
    "Issued an invoice", "Prepared a quote",
)  # fmt: skip
CLIENT = (
    "Клиент открыл КП", "Клиент подтвердил условия", "Открыл КП", "Прислал ТЗ", "Ответил на звонок",
    "Оплатил счёт", "Подписал договор", "Клиент прислал замечания", "Покупатель назвал срок",
    "Тот, кто решает, дал ответ", "Назвал бюджет", "Пришёл на встречу", "Заказчик принял замерщика",
    "Client opened the proposal", "Opened the proposal", "Customer paid", "Signed the contract",
    "Sent the brief", "Buyer named the budget", "Replied to the letter", "", "12", "Бюджет",
)  # fmt: skip


@pytest.mark.parametrize("title", SELLER)
def test_an_act_of_the_seller_is_noticed(title: str) -> None:
    assert describes_seller(title)


@pytest.mark.parametrize("title", CLIENT)
def test_an_act_of_the_client_is_left_alone(title: str) -> None:
    assert not describes_seller(title)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_our_own_texts_speak_of_the_client(language: str) -> None:
    for words in playbook(language).steps.values():
        assert not describes_seller(words.title), words.title
        assert not describes_seller(words.request), words.request


@given(st.text(max_size=2000))
def test_no_title_breaks_the_check(title: str) -> None:
    assert describes_seller(title) in (True, False)
