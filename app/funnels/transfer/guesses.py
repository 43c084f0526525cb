"""Guesses that nobody looked at are named in the report, so that none is taken in silence."""

from app.domain.stage import StageRef
from app.funnels.transfer.matching import Matching
from app.funnels.transfer.pairing import Sureness
from app.funnels.transfer.report import Report
from app.funnels.transfer.report_words import place
from app.funnels.transfer.target import Listed, Target
from app.funnels.transfer.usage import Usage


def tell_guesses(target: Target, matching: Matching, usage: Usage, report: Report) -> None:
    """A line for each guess that the mapping rests on; none gives access, see `people.py`."""
    access = place("sees_all", report.language)
    for (listed, name, choice), uses in usage.items():
        found = matching.of(listed, name, choice)
        if found.sureness is Sureness.GUESS:
            title = title_of(target, listed, found.target)
            for where in (each for each in uses if each != access):
                report.tell("guess_taken", where, name=choice or name, target=title)


def title_of(target: Target, listed: Listed, found: str) -> str:
    """What people call a target; a choice and a source are their own names."""
    match listed:
        case Listed.STAGE:
            own = next((each for each in target.pipeline.stages if each.ref.stage_id == found), None)
            other = target.catalog.stage(StageRef.parse(found)) if own is None and ":" in found else None
            stage = own or other
            return stage.title if stage else found
        case Listed.FIELD:
            field = target.field(found)
            return field.title if field else found
        case Listed.PERSON:
            return target.catalog.user_name(found)
        case _:
            return found
