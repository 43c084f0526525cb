"""What happened to a deal: moves, facts, decisions and our own writes, newest first."""

from datetime import datetime

from sqlalchemy import Connection, select

from app.checklist.answers import (
    Entry,
    EvidenceEntry,
    HistoryView,
    MoveEntry,
    VerdictEntry,
    WriteEntry,
)
from app.checklist.names import Names
from app.checklist.stops import LastMove, judged_moves, missing_views, version_of
from app.db.tables import outbox
from app.domain.deal import MoveOrigin, StageMove
from app.domain.evidence import EvidenceKind
from app.domain.verdict import Outcome
from app.installations.store import load_catalog
from app.ledger.read import evidence_of, moves_of
from app.verdicts.store import verdicts_of

MOST_ENTRIES = 200
OURS = "Stepgate"


def read_history(conn: Connection, installation_id: int, deal_id: str, language: str) -> HistoryView:
    """At most 200 entries, newest first; empty for a deal of which nothing is known."""
    names = Names(load_catalog(conn, installation_id), language)
    moves = moves_of(conn, installation_id, deal_id)
    verdicts = verdicts_of(conn, installation_id, deal_id)
    entries: list[Entry] = [_move(move, names) for move in moves]
    entries += [
        EvidenceEntry(at=fact.occurred_at, fact=names.fact(fact))
        for fact in evidence_of(conn, installation_id, deal_id, moves)
        if fact.kind is not EvidenceKind.STAGE
    ]
    entries += [
        _verdict(conn, installation_id, each, names)
        for each in judged_moves(moves, verdicts)
        if each.stored.verdict.outcome is not Outcome.NOT_GOVERNED
    ]
    entries += _writes(conn, installation_id, deal_id)
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return HistoryView(entries=entries[:MOST_ENTRIES])


def _move(move: StageMove, names: Names) -> MoveEntry:
    return MoveEntry(
        at=move.occurred_at,
        from_stage_title=names.stage(move.from_stage),
        to_stage_title=names.stage(move.to_stage),
        # The CRM names whoever connected us: he has not touched the deal.
        moved_by=OURS if move.origin is MoveOrigin.OWN else names.user(move.actor_id),
        origin=move.origin.value,
    )


def _verdict(conn: Connection, installation_id: int, judged: LastMove, names: Names) -> VerdictEntry:
    decided = judged.stored.verdict
    return VerdictEntry(
        at=decided.decided_at,
        to_stage_title=names.stage(judged.move.to_stage),
        outcome=decided.outcome.value,
        reason=decided.reason.value,
        missing=missing_views(decided, version_of(conn, installation_id, decided, judged.move)),
    )


def _writes(conn: Connection, installation_id: int, deal_id: str) -> list[WriteEntry]:
    columns = outbox.c
    query = select(
        columns.kind,
        columns.state,
        columns.created_at,
        columns.sent_at,
        columns.done_at,
        columns.last_error,
    ).where(columns.installation_id == installation_id, columns.deal_id == deal_id)
    return [
        WriteEntry(
            at=_when(row.done_at, row.sent_at, row.created_at),
            action=row.kind,
            state=row.state,
            reason=row.last_error,
        )
        for row in conn.execute(query)
    ]


def _when(*moments: datetime | None) -> datetime:
    return next(moment for moment in moments if moment is not None)
