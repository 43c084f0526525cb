"""Objections to stops, for the administrator: what was undone, what was missing, what the manager says."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from app.checklist.answers import ObjectionRow
from app.checklist.names import Names
from app.checklist.stops import missing_views, version_of
from app.db.tables import stage_move, verdict
from app.domain.plain_text import shown
from app.evidence.contest import Objection, list_objections
from app.installations.store import load_catalog
from app.ledger.read import deal_of
from app.ledger.rows import read_move
from app.verdicts.store import read_verdict


def read_objections(
    conn: Connection, installation_id: int, language: str, url: Callable[[str], str], *, is_open: bool
) -> list[ObjectionRow]:
    """The newest 200 open or closed objections, newest first. `url` gives a deal's page by its id."""
    names = Names(load_catalog(conn, installation_id), language)
    found = list_objections(conn, installation_id, is_open=is_open)
    return [show_objection(conn, installation_id, each, names, url) for each in found]


def show_objection(
    conn: Connection, installation_id: int, found: Objection, names: Names, url: Callable[[str], str]
) -> ObjectionRow:
    """One objection with the names of its deal, stages and missing steps; empty where they are gone."""
    same_move = (stage_move.c.installation_id == installation_id, stage_move.c.log_id == found.log_id)
    move = read_move(conn.execute(select(stage_move).where(*same_move)).one())
    judged = (verdict.c.installation_id == installation_id, verdict.c.log_id == found.log_id)
    decided = read_verdict(conn.execute(select(verdict).where(*judged)).one())
    deal = deal_of(conn, installation_id, found.deal_id)
    missing = missing_views(decided, version_of(conn, installation_id, decided, move))
    return ObjectionRow(
        id=found.log_id,
        deal_id=found.deal_id,
        deal_title=shown(deal.title) if deal else "",
        deal_url=url(found.deal_id),
        log_id=found.log_id,
        from_stage_title=names.stage(move.from_stage),
        to_stage_title=names.stage(move.to_stage),
        missing=[each.title for each in missing],
        text=found.text,
        by=names.user(found.by),
        at=found.at,
        state="open" if found.is_open else "closed",
        note=found.note,
        closed_by=names.user(found.closed_by),
        closed_at=found.closed_at,
    )
