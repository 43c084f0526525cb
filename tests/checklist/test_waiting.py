"""Places for pages that wait."""

import pytest

from app.checklist.waiting import LOOKS_EVERY, WaitingRoom
from app.errors import Overloaded


def test_one_account_cannot_take_all_places() -> None:
    room = WaitingRoom(most=3, most_of_account=2)
    with room.place(1), room.place(1):
        with pytest.raises(Overloaded), room.place(1):
            pass
        with room.place(2), pytest.raises(Overloaded), room.place(3):
            pass
    with room.place(1), room.place(1), room.place(2):
        pass


def test_the_more_pages_wait_the_less_often_each_looks() -> None:
    room = WaitingRoom()
    assert room.pause == LOOKS_EVERY
    places = [room.place(account) for account in range(1000)]
    for place in places:
        place.__enter__()
    assert room.pause == pytest.approx(4.0)
    for place in places:
        place.__exit__(None, None, None)
    assert room.pause == LOOKS_EVERY
