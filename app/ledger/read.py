"""Reading the ledger of one deal, or several. The order is the CRM's own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from app.db.prepared import prepared, value
from app.db.tables import checkpoint_answer, deal, deal_contact, evidence, stage_move
from app.domain.checkpoint import AnswerState
from app.domain.deal import Deal, StageMove
from app.domain.evidence import Evidence
from app.domain.progress import stage_facts
from app.ledger.rows import read_deal, read_evidence, read_move


def _of_deal(table: Table) -> Select[Any]:
    return select(table).where(
        table.c.installation_id == value("tenant"), table.c.deal_id == value("deal_id")
    )


_DEAL = prepared(lambda: _of_deal(deal).where(deal.c.is_deleted.is_(False)))
_MOVES = prepared(lambda: _of_deal(stage_move).order_by(stage_move.c.occurred_at, stage_move.c.log_id))
_LAST_MOVE = prepared(
    lambda: (
        _of_deal(stage_move).order_by(stage_move.c.occurred_at.desc(), stage_move.c.log_id.desc()).limit(1)
    )
)
_FACTS = prepared(lambda: _of_deal(evidence))
_ANSWERS = prepared(lambda: _of_deal(checkpoint_answer))


def deal_of(conn: Connection, installation_id: int, deal_id: str) -> Deal | None:
    """The deal as last read from the CRM, or None when it was never read or is gone from there."""
    row = _DEAL.run(conn, tenant=installation_id, deal_id=deal_id).one_or_none()
    return read_deal(row) if row else None


def moves_of(conn: Connection, installation_id: int, deal_id: str) -> list[StageMove]:
    """The deal's moves, oldest first; moves of one moment in the order of their log ids."""
    return [read_move(row) for row in _MOVES.run(conn, tenant=installation_id, deal_id=deal_id)]


def last_move_of(conn: Connection, installation_id: int, deal_id: str) -> StageMove | None:
    """The newest move that the ledger knows of the deal, or None."""
    row = _LAST_MOVE.run(conn, tenant=installation_id, deal_id=deal_id).one_or_none()
    return read_move(row) if row else None


def evidence_of(
    conn: Connection, installation_id: int, deal_id: str, moves: Sequence[StageMove] | None = None
) -> list[Evidence]:
    """The facts about the deal, oldest first; every stage that it reached is a fact too.

    `moves` are the deal's moves where the caller has read them already.
    """
    facts = [read_evidence(row) for row in _FACTS.run(conn, tenant=installation_id, deal_id=deal_id)]
    reached = stage_facts(moves_of(conn, installation_id, deal_id) if moves is None else moves)
    return sorted((*facts, *reached), key=lambda fact: (fact.occurred_at, fact.source_id))


def answers_of(conn: Connection, installation_id: int, deal_id: str) -> dict[str, AnswerState]:
    """What managers said of the deal's checkpoints beyond evidence, by checkpoint key."""
    rows = _ANSWERS.run(conn, tenant=installation_id, deal_id=deal_id)
    return {row.checkpoint_key: AnswerState(row.answer) for row in rows}


def deals_of_contact(conn: Connection, installation_id: int, contact_id: str) -> Sequence[str]:
    """Ids of the deals that had this contact when they were last read."""
    query = select(deal_contact.c.deal_id).where(
        deal_contact.c.installation_id == installation_id, deal_contact.c.contact_id == contact_id
    )
    return conn.execute(query.order_by(deal_contact.c.deal_id)).scalars().all()
