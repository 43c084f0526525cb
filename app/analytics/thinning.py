"""An even sample of deals of any size: half of them have level 1 or more, a quarter 2 or more, and so on."""

from hashlib import blake2b

HIGHEST = 20


def thinning_of(deal_id: str) -> int:
    """The deal's level, from 0 to 20; it has nothing to do with what the deal is about."""
    number = int.from_bytes(blake2b(deal_id.encode(), digest_size=4).digest())
    zeros = (number & -number).bit_length() - 1 if number else HIGHEST
    return min(zeros, HIGHEST)


def levels_for(count: int, enough: int) -> range:
    """The levels that leave about `enough` of `count` deals: at most that many, at least half."""
    lowest = 0
    while lowest < HIGHEST and count > enough << lowest:
        lowest += 1
    return range(lowest, HIGHEST + 1)
