"""The people of a file who see everybody's numbers: given access here only when that is asked for."""

from datetime import datetime

from sqlalchemy import Connection

from app.funnels.transfer.file import TransferFile
from app.funnels.transfer.matching import Matching
from app.funnels.transfer.pairing import Sureness
from app.funnels.transfer.report import Report
from app.funnels.transfer.target import Listed, Target
from app.installations.choices import MOST_PANEL_USERS, keep_choices
from app.installations.store import get_installation


def tell_people(
    file: TransferFile, target: Target, matching: Matching, report: Report, *, is_asked: bool
) -> list[str]:
    """Ids of the people who get access, and lines of the report about all of them.

    A guess gives nobody access: people of one surname are easily confused.
    """
    seeing = [each for each in file.people if each.sees_all]
    if seeing and not is_asked:
        if not target.is_same:
            report.tell("person_not_asked", ", ".join(each.shown for each in seeing))
        return []
    added = []
    for person in seeing:
        found = matching.of(Listed.PERSON, person.name)
        name = target.catalog.user_name(found.target)
        if not found.target:
            report.tell("person_left_out", person.shown)
        elif found.sureness is Sureness.GUESS:
            report.tell("person_guess_left_out", person.shown, target=name)
        else:
            added.append(found.target)
            report.tell("person_added", person.shown, target=name)
    return added


def add_people(
    conn: Connection, installation_id: int, user_ids: list[str], *, by: str, now: datetime
) -> None:
    """Add these people to those who see everybody's numbers."""
    known = get_installation(conn, installation_id).settings.panel_user_ids
    wanted = tuple(dict.fromkeys([*known, *user_ids]))[:MOST_PANEL_USERS]
    if wanted != known:
        keep_choices(conn, installation_id, {"panel_user_ids": wanted}, by=by, now=now)
