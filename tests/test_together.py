"""Rounds that are shared by those who come while another is under way."""

import asyncio
from collections.abc import Sequence

import pytest

from app.together import Together


class Work:
    """Doubles numbers; `gate` holds a round open, `rounds` tells who shared which."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.began, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def __call__(self, items: Sequence[int]) -> Sequence[int | Exception]:
        self.rounds.append(list(items))
        self.began.set()
        await self.gate.wait()
        if 13 in items:
            raise OSError("the store is away")
        return [ValueError(item) if item < 0 else 2 * item for item in items]


async def test_who_comes_alone_does_not_wait_for_company() -> None:
    work = Work()
    assert await Together(work, 8)(4) == 8
    assert work.rounds == [[4]]


async def test_who_comes_during_a_round_shares_the_next_in_order() -> None:
    work = Work()
    work.gate.clear()
    together = Together(work, 3)
    tasks = [asyncio.create_task(together(1))]
    await work.began.wait()
    tasks += [asyncio.create_task(together(number)) for number in range(2, 7)]
    await asyncio.sleep(0)
    work.gate.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10, 12]
    assert work.rounds == [[1], [2, 3, 4], [5, 6]]


async def test_one_s_failure_is_his_own() -> None:
    together = Together(Work(), 8)
    found = await asyncio.gather(together(1), together(-1), together(2), return_exceptions=True)
    assert (found[0], found[2]) == (2, 4)
    assert isinstance(found[1], ValueError)


async def test_what_breaks_a_round_reaches_all_of_it_and_the_next_round_works() -> None:
    together = Together(Work(), 8)
    found = await asyncio.gather(together(1), together(13), return_exceptions=True)
    assert [type(each) for each in found] == [OSError, OSError]
    assert await together(3) == 6


async def test_who_gives_up_waiting_takes_nobody_with_him() -> None:
    work = Work()
    work.gate.clear()
    together = Together(work, 8)
    first = asyncio.create_task(together(1))
    await work.began.wait()
    second, third = asyncio.create_task(together(2)), asyncio.create_task(together(3))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    work.gate.set()
    assert await third == 6
    assert work.rounds == [[1], [3]]
    with pytest.raises(asyncio.CancelledError):
        await first
