"""What is asked for at once shares its calls, and one record's trouble stays its own."""

import asyncio
from collections.abc import Sequence

import pytest

from app.crm.errors import NotFound, RateLimited, Unavailable
from app.crm.port import DealLog
from app.crm.shared_reads import SharedReads

MOST = 8


class Shelf:
    """Notes what is read together; some deals cannot be read."""

    def __init__(self, errors: dict[str, Exception] | None = None) -> None:
        self.errors, self.parts = errors or {}, list[list[str]]()

    async def read(self, ids: Sequence[str]) -> list[DealLog]:
        """The logs, or the first error."""
        self.parts.append(list(ids))
        await asyncio.sleep(0)
        for deal_id in ids:
            if deal_id in self.errors:
                raise self.errors[deal_id]
        return [DealLog(None, (), (), deal_id) for deal_id in ids]


async def ask(shelf: Shelf, *ids: str) -> list[DealLog | BaseException]:
    together = SharedReads(shelf.read, MOST)
    return await asyncio.gather(*(together.get(deal_id) for deal_id in ids), return_exceptions=True)


def cursors(told: list[DealLog | BaseException]) -> list[str]:
    return [each.cursor if isinstance(each, DealLog) else type(each).__name__ for each in told]


async def test_those_who_ask_at_once_share_a_reading() -> None:
    shelf = Shelf()
    ids = [str(number) for number in range(20)]
    assert cursors(await ask(shelf, *ids)) == ids
    assert [len(part) for part in shelf.parts] == [MOST, MOST, 20 - 2 * MOST]


async def test_a_deal_that_is_asked_for_twice_is_read_once() -> None:
    shelf = Shelf()
    assert cursors(await ask(shelf, "1", "1", "2")) == ["1", "1", "2"]
    assert shelf.parts == [["1", "2"]]


async def test_one_deal_s_trouble_is_its_own() -> None:
    shelf = Shelf({"2": NotFound("gone")})
    assert cursors(await ask(shelf, "1", "2", "3")) == ["1", "NotFound", "3"]


@pytest.mark.parametrize("error", [Unavailable("away"), RateLimited(5)])
async def test_the_portal_s_trouble_is_everybody_s_and_asked_about_once(error: Exception) -> None:
    shelf = Shelf({"2": error})
    assert set(cursors(await ask(shelf, "1", "2", "3"))) == {type(error).__name__}
    assert len(shelf.parts) == 1


async def test_a_bug_reaches_whoever_asked() -> None:
    shelf = Shelf({"1": KeyError("x")})
    assert cursors(await ask(shelf, "1")) == ["KeyError"]


async def test_whoever_gives_up_does_not_hold_up_the_others() -> None:
    shelf = Shelf()
    together = SharedReads(shelf.read, MOST)
    tasks = [asyncio.create_task(together.get(each)) for each in ("1", "2")]
    await asyncio.sleep(0)
    tasks[0].cancel()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(told[0], asyncio.CancelledError)
    assert cursors([told[1]]) == ["2"]
    assert (await together.get("3")).cursor == "3"
