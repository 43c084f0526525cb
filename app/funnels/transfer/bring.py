"""A file brought into an account: matched, carried over and checked. Pure, and too slow for a transaction."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from app.funnels.document import FunnelDocument
from app.funnels.problems import Problem, errors_among
from app.funnels.transfer.answers import Chosen, DraftHead, MatchRequest, MatchView
from app.funnels.transfer.beside import doubled_stages, view_match
from app.funnels.transfer.carry import Carrier
from app.funnels.transfer.file import TransferFile
from app.funnels.transfer.guesses import tell_guesses
from app.funnels.transfer.matching import Key, Matching, NoSuchTarget, match
from app.funnels.transfer.people import tell_people
from app.funnels.transfer.refusals import no_such_target, refuse
from app.funnels.transfer.report import Report
from app.funnels.transfer.target import Listed, Target
from app.funnels.transfer.usage import Usage, usage_of
from app.funnels.validate import problems_of


@dataclass(frozen=True, slots=True)
class Brought:
    """A file in the account's own terms, not kept yet. `user_ids` are the people who get access."""

    file: TransferFile
    target: Target
    usage: Usage
    matching: Matching
    document: FunnelDocument
    report: Report
    user_ids: list[str]
    problems: list[Problem]

    def view(self, draft: DraftHead | None) -> MatchView:
        """All that a person needs to correct the matching."""
        return view_match(
            self.file,
            self.target,
            self.matching,
            self.usage,
            draft=draft,
            report=self.report.lines,
            errors=len(errors_among(self.problems)),
        )

    def require_agreed(self, merged: Container[str]) -> None:
        """Raises Invalid when several stages came to one that is not among `merged`."""
        for stage_id, names in doubled_stages(self.file, self.matching, self.usage).items():
            if stage_id not in merged:
                stages = self.target.pipeline.stages
                title = next(each.title for each in stages if each.ref.stage_id == stage_id)
                raise refuse("two_on_one", self.report.language, name=title, names=", ".join(names))


def bring(file: TransferFile, target: Target, request: MatchRequest, language: str) -> Brought:
    """Bring `file` into the account with what was chosen so far. Raises Invalid."""
    usage, report = usage_of(file, language), Report(language)
    try:
        matching = match(file, target, usage, _chosen(file, request.chosen, usage, language))
    except NoSuchTarget as error:
        raise no_such_target(error, language) from None
    keeps_modes = request.keep_modes or target.is_same
    document = Carrier(file, target, matching, report, keeps_modes).document()
    user_ids = tell_people(file, target, matching, report, is_asked=request.with_people)
    tell_guesses(target, matching, usage, report)
    problems = problems_of(document, target.pipeline, target.catalog, language)
    return Brought(file, target, usage, matching, document, report, user_ids, problems)


def _chosen(file: TransferFile, chosen: Chosen, usage: Usage, language: str) -> dict[Key, str]:
    """What a person chose, by key. Raises Invalid for a name that the file does not have."""
    known: set[Key] = {*((listed, name, choice) for listed, name, choice in usage)}
    known |= {(Listed.STAGE, each.name, "") for each in file.stages}
    known |= {(Listed.FIELD, each.name, "") for each in file.fields}
    known |= {(Listed.CHOICE, each.name, choice.name) for each in file.fields for choice in each.choices}
    known |= {(Listed.PERSON, each.name, "") for each in file.people}
    found = dict(_named(chosen))
    for key in found.keys() - known:
        raise refuse("no_such_name", language, name=key[2] or key[1])
    return found


def _named(chosen: Chosen) -> Iterator[tuple[Key, str]]:
    lists = (
        (Listed.STAGE, chosen.stages),
        (Listed.FIELD, chosen.fields),
        (Listed.PERSON, chosen.people),
        (Listed.SOURCE, chosen.sources),
    )
    for listed, targets in lists:
        yield from (((listed, name, ""), target) for name, target in targets.items())
    for field, targets in chosen.choices.items():
        yield from (((Listed.CHOICE, field, name), target) for name, target in targets.items())
