"""Which of the account's stages, fields, choices, people and sources a file's names mean. Pure.

Proposals go from the strongest sign to the weakest, and nothing of the account is proposed twice. A
person's choices are never overruled: where one meets a proposal, both stand, and the page tells.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from app.domain.stage import User
from app.funnels.transfer.file import FileField, FileItem, FilePerson, TransferFile
from app.funnels.transfer.likeness import initials, person_name, plain, source_meaning
from app.funnels.transfer.match_fields import pair_choices, pair_fields
from app.funnels.transfer.match_stages import pair_other_stages, pair_own_stages
from app.funnels.transfer.pairing import Pair, Reason, Rule, Sureness, pair_up
from app.funnels.transfer.target import Listed, Target
from app.funnels.transfer.usage import Usage

LEFT_OUT = ""
Key = tuple[Listed, str, str]
"""A list, a name in it, and the choice of a field (empty for everything else)."""
Chosen = Mapping[Key, str]
"""What a person said: the target by key, `LEFT_OUT` for what shall stay out."""
Pairs = dict[int, Pair]
Item = TypeVar("Item", bound=FileItem)


@dataclass(frozen=True, slots=True)
class Match:
    """What a name means here: `target` is an id, a choice's label or a source, empty for nothing."""

    target: str
    sureness: Sureness
    reason: Reason


NOTHING = Match(LEFT_OUT, Sureness.NONE, Reason.NOTHING)
CHOSEN = Sureness.CHOSEN, Reason.CHOSEN


class NoSuchTarget(Exception):
    """A person chose something that the account does not have."""

    def __init__(self, key: Key, target: str) -> None:
        super().__init__(f"{key[0].value} {key[1]!r}: {target!r}")
        self.key, self.target = key, target


@dataclass(frozen=True, slots=True)
class Matching:
    """Matches of everything that the file lists, and of the sources that the mapping names."""

    found: dict[Key, Match] = field(default_factory=dict)

    def of(self, listed: Listed, name: str, choice: str = "") -> Match:
        """The match of a name."""
        return self.found.get((listed, name, choice), NOTHING)


def match(file: TransferFile, target: Target, usage: Usage, chosen: Chosen) -> Matching:
    """Matches of the file's names. Raises NoSuchTarget."""
    work = _Work(chosen)
    stages = [stage.ref.stage_id for stage in target.pipeline.stages]
    work.pair(Listed.STAGE, file.own_stages, stages, partial(pair_own_stages, target=target))
    others = [str(stage.ref) for stage in target.other_stages]
    work.pair(Listed.STAGE, file.other_stages, others, partial(pair_other_stages, target=target))
    fields = [each.id for each in target.catalog.fields]
    work.pair(Listed.FIELD, file.fields, fields, partial(pair_fields, target=target))
    for entry in file.fields:
        _match_choices(entry, target, work)
    people = [user.id for user in target.people]
    work.pair(Listed.PERSON, file.people, people, partial(_pair_people, target=target))
    sources = [FileItem(name=name) for listed, name, _ in usage if listed is Listed.SOURCE]
    work.pair(Listed.SOURCE, sources, target.sources, partial(_pair_sources, theirs=target.sources))
    return Matching(work.found)


@dataclass(slots=True)
class _Work:
    """What a person chose, and what was found so far."""

    chosen: Chosen
    found: dict[Key, Match] = field(default_factory=dict)

    def pair(
        self,
        listed: Listed,
        ours: Sequence[Item],
        targets: Sequence[str],
        propose: Callable[[Sequence[Item], Pairs], None],
        home: str = "",
    ) -> None:
        """Match a list: what was chosen, then what `propose` adds. `home` is the field of choices."""
        keys: list[Key] = [(listed, home, each.name) if home else (listed, each.name, "") for each in ours]
        known = set(targets)
        for key in keys:
            if self.chosen.get(key, LEFT_OUT) not in known | {LEFT_OUT}:
                raise NoSuchTarget(key, self.chosen[key])
        pairs: Pairs = {}
        propose(ours, pairs)
        taken = {self.chosen[key] for key in keys if key in self.chosen}
        for index, key in enumerate(keys):
            if key in self.chosen:
                self.found[key] = Match(self.chosen[key], *CHOSEN)
            else:
                self.found[key] = _proposal(pairs.get(index), targets, taken)


def _proposal(pair: Pair | None, targets: Sequence[str], taken: Container[str]) -> Match:
    """The proposal as a match; a guess gives way to what a person chose, anything surer stays."""
    if pair is None or (pair.sureness is Sureness.GUESS and targets[pair.index] in taken):
        return NOTHING
    return Match(targets[pair.index], pair.sureness, pair.reason)


def _match_choices(entry: FileField, target: Target, work: _Work) -> None:
    found = target.field(work.found[Listed.FIELD, entry.name, ""].target)
    options = found.options if found else ()
    is_same = found is not None and target.is_same and found.id == entry.id
    propose = partial(pair_choices, theirs=options, is_same_field=is_same)
    work.pair(Listed.CHOICE, entry.choices, [label for _, label in options], propose, home=entry.name)


def _pair_people(ours: Sequence[FilePerson], pairs: Pairs, *, target: Target) -> None:
    rules: list[Rule[FilePerson, User]] = [
        Rule(Reason.SAME_NAME, Sureness.SURE, lambda one: _words(one.shown), lambda two: _words(two.name)),
        Rule(
            Reason.SAME_MEANING,
            Sureness.LIKELY,
            lambda one: person_name(one.shown),
            lambda two: person_name(two.name),
        ),
        Rule(
            Reason.LIKE_NAME, Sureness.GUESS, lambda one: initials(one.shown), lambda two: initials(two.name)
        ),
    ]
    if target.is_same:
        rules.insert(0, Rule(Reason.SAME_ID, Sureness.SURE, lambda one: one.id or None, lambda two: two.id))
    pair_up(ours, target.people, rules, pairs)


def _pair_sources(ours: Sequence[FileItem], pairs: Pairs, *, theirs: Sequence[str]) -> None:
    rules: list[Rule[FileItem, str]] = [
        Rule(Reason.SAME_NAME, Sureness.SURE, lambda one: plain(one.shown) or None, plain),
        Rule(Reason.SAME_MEANING, Sureness.LIKELY, lambda one: source_meaning(one.shown), source_meaning),
    ]
    pair_up(ours, theirs, rules, pairs)


def _words(name: str) -> tuple[str, ...] | None:
    return tuple(sorted(plain(name).split())) or None
