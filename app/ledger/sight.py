"""What the ledger knows of several deals at once: each kind is read for all of them when first asked for."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, Table, select

from app.db.prepared import Prepared, keys_of, prepared, wanted
from app.db.tables import checkpoint_answer, deal, evidence, stage_move
from app.domain.checkpoint import AnswerState
from app.domain.deal import Deal, StageMove
from app.domain.evidence import Evidence
from app.domain.progress import stage_facts
from app.ledger.rows import read_deal, read_evidence, read_move

T = TypeVar("T")


class DealKey(NamedTuple):
    """A deal of one account."""

    installation_id: int
    deal_id: str


def _of_deals(table: Table, *order: str) -> Prepared:
    return prepared(
        lambda: (
            select(table)
            .select_from(wanted(table, table.c.installation_id, table.c.deal_id))
            .order_by(*(table.c[name] for name in order))
        )
    )


_DEALS = prepared(
    lambda: (
        select(deal)
        .select_from(wanted(deal, deal.c.installation_id, deal.c.deal_id))
        .order_by(deal.c.installation_id, deal.c.deal_id)
        .with_for_update(of=deal)
    )
)
_MOVES = _of_deals(stage_move, "occurred_at", "log_id")
_FACTS = _of_deals(evidence, "occurred_at", "source_id")
_ANSWERS = _of_deals(checkpoint_answer)


class Sight:
    """The deals of `keys` as the transaction of `conn` sees them.

    Their rows are locked in the order of their keys when they are read, so that two processes cannot
    work out the same difference twice, nor wait for each other.
    """

    def __init__(self, conn: Connection, keys: Iterable[DealKey]) -> None:
        self.conn = conn
        self.keys = sorted(set(keys))
        self._evidence: dict[DealKey, list[Evidence]] = {}
        self.segments: dict[DealKey, str] = {}
        """The segment that each deal of `deals` is counted in so far."""

    @cached_property
    def deals(self) -> dict[DealKey, Deal]:
        """The deals as last read from the CRM, without those that are gone from there."""
        rows = [row for row in _DEALS.run(self.conn, keys=keys_of(self.keys)) if not row.is_deleted]
        self.segments = {_key(row): row.segment_key for row in rows}
        return {_key(row): read_deal(row) for row in rows}

    @cached_property
    def moves(self) -> dict[DealKey, list[StageMove]]:
        """All moves of each, oldest first; moves of one moment in the order of their log ids."""
        return self._read(_MOVES, read_move)

    @cached_property
    def facts(self) -> dict[DealKey, list[Evidence]]:
        """The recorded facts of each, oldest first."""
        return self._read(_FACTS, read_evidence)

    @cached_property
    def answers(self) -> dict[DealKey, dict[str, AnswerState]]:
        """What managers said of each deal's checkpoints beyond evidence, by checkpoint key."""
        found = self._read(_ANSWERS, lambda row: (row.checkpoint_key, AnswerState(row.answer)))
        return defaultdict(dict, {key: dict(pairs) for key, pairs in found.items()})

    def evidence_of(self, key: DealKey) -> list[Evidence]:
        """The facts of one deal, oldest first; every stage that it reached is a fact too."""
        if key not in self._evidence:
            told = (*self.facts[key], *stage_facts(self.moves[key]))
            self._evidence[key] = sorted(told, key=lambda fact: (fact.occurred_at, fact.source_id))
        return self._evidence[key]

    def forget_moves(self) -> None:
        """A move has turned out to be our own: whoever asks next reads them anew."""
        self.__dict__.pop("moves", None)
        self._evidence.clear()

    def _read(self, query: Prepared, read: Callable[[Row[Any]], T]) -> dict[DealKey, list[T]]:
        found: dict[DealKey, list[T]] = defaultdict(list)
        for row in query.run(self.conn, keys=keys_of(self.keys)):
            found[_key(row)].append(read(row))
        return found


def _key(row: Row[Any]) -> DealKey:
    return DealKey(row.installation_id, row.deal_id)
