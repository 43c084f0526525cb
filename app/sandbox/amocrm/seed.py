"""A believable account, grown from a number: the same number and the same present give the same account."""

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.seed_office import open_office
from app.sandbox.seed_life import DAYS, LEADS, live_through
from app.sandbox.seed_story import NAME as STORY_LEAD

__all__ = ["DAYS", "LEADS", "STORY_LEAD", "seed"]


def seed(account: Account, seed_number: int, now: float, leads: int = LEADS) -> None:
    """Fill an empty account with `leads` and 180 days of events that end at `now` (unix seconds)."""
    with account.silent():
        live_through(account, open_office(account), seed_number, now, leads)
