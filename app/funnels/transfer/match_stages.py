"""Stages of a file and stages of the account: by id, name, kind, meaning, likeness and place. Pure."""

from collections.abc import Hashable, Sequence

from app.domain.stage import Stage, StageKind
from app.funnels.transfer.file import FileStage
from app.funnels.transfer.likeness import plain, stage_meaning, stems
from app.funnels.transfer.pairing import (
    Pair,
    Reason,
    Rule,
    Sureness,
    add_like_names,
    add_same_places,
    pair_up,
)
from app.funnels.transfer.target import Target

_Rule = Rule[FileStage, Stage]
_STANDING = (StageKind.ENTRY, StageKind.WON, StageKind.LOST)


def pair_own_stages(ours: Sequence[FileStage], pairs: dict[int, Pair], *, target: Target) -> None:
    """Stages of the mapping's own pipeline with those of the chosen pipeline."""
    theirs = target.pipeline.stages
    rules: list[_Rule] = [
        Rule(Reason.SAME_ID, Sureness.SURE, lambda one: one.id or None, lambda two: two.ref.stage_id)
    ]
    pair_up(ours, theirs, [*(rules if target.is_same else []), *_BY_SENSE], pairs)
    add_like_names(pairs, [_stems(each.shown, each.kind) for each in ours], _stems_of(theirs))
    add_same_places(pairs, [each.kind for each in ours], [each.kind for each in theirs])


def pair_other_stages(ours: Sequence[FileStage], pairs: dict[int, Pair], *, target: Target) -> None:
    """Stages of other pipelines, which only triggers name: the pipeline's name counts as well."""
    rules: list[_Rule] = [
        Rule(
            Reason.SAME_NAME,
            Sureness.SURE,
            lambda one: (plain(one.pipeline), plain(one.shown)),
            lambda two: (plain(target.pipeline_title(two)), plain(two.title)),
        ),
        Rule(
            Reason.SAME_KIND,
            Sureness.SURE,
            lambda one: (plain(one.pipeline), one.kind) if one.kind in _STANDING else None,
            lambda two: (plain(target.pipeline_title(two)), two.kind) if two.kind in _STANDING else None,
        ),
        Rule(
            Reason.SAME_NAME,
            Sureness.LIKELY,
            lambda one: plain(one.shown) or None,
            lambda two: plain(two.title) or None,
        ),
    ]
    if target.is_same:
        rules.insert(
            0, Rule(Reason.SAME_ID, Sureness.SURE, lambda one: one.id or None, lambda two: str(two.ref))
        )
    pair_up(ours, target.other_stages, rules, pairs)


def _named(title: str, kind: StageKind) -> Hashable | None:
    return (plain(title), kind) if plain(title) else None


_BY_SENSE: list[_Rule] = [
    Rule(
        Reason.SAME_NAME,
        Sureness.SURE,
        lambda one: _named(one.shown, one.kind),
        lambda two: _named(two.title, two.kind),
    ),
    Rule(
        Reason.SAME_KIND,
        Sureness.SURE,
        lambda one: one.kind if one.kind in _STANDING else None,
        lambda two: two.kind if two.kind in _STANDING else None,
    ),
    Rule(
        Reason.SAME_MEANING,
        Sureness.LIKELY,
        lambda one: stage_meaning(one.shown, one.kind) if one.kind is StageKind.OPEN else None,
        lambda two: stage_meaning(two.title, two.kind) if two.kind is StageKind.OPEN else None,
    ),
    Rule(
        Reason.SAME_NAME_OTHER_KIND,
        Sureness.GUESS,
        lambda one: plain(one.shown) or None,
        lambda two: plain(two.title) or None,
    ),
]


def _stems(title: str, kind: StageKind) -> frozenset[str]:
    """Only open stages are alike by their words: what ends a deal is known by its kind."""
    return stems(title) if kind is StageKind.OPEN else frozenset()


def _stems_of(stages: Sequence[Stage]) -> list[frozenset[str]]:
    return [_stems(each.title, each.kind) for each in stages]
