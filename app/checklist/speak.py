"""What a manager says in the card, checked against the deal's own steps."""

from datetime import datetime

from sqlalchemy import Connection

from app.checklist.answers import AnswerRequest, ContestRequest, VouchRequest
from app.domain.checkpoint import Checkpoint
from app.domain.evidence import Evidence, Grade
from app.errors import Invalid, NotFound
from app.evidence.answers import answer, withdraw_answer
from app.evidence.contest import contest
from app.evidence.vouch import Vouching, vouch
from app.funnels.current import current_version
from app.installations.audit import write_audit
from app.installations.sessions import SessionViewer
from app.installations.store import get_installation
from app.ledger.read import deal_of


def keep_vouch(
    conn: Connection, viewer: SessionViewer, deal_id: str, wish: VouchRequest, now: datetime
) -> Evidence:
    """Keep the manager's word for a step. Raises NotFound, and Invalid where a word is not enough."""
    step = _step(conn, viewer.installation_id, deal_id, wish.checkpoint_key)
    if step.accepts is not Grade.D:
        raise Invalid("A word is not enough for this step: it needs an event.", code="grade_too_low")
    zone = get_installation(conn, viewer.installation_id).settings.timezone
    said = Vouching(wish.checkpoint_key, wish.quote, wish.happened_on, wish.channel)
    fact = vouch(conn, viewer.installation_id, deal_id, said, by=viewer.user_id, zone=zone, now=now)
    _audit(conn, viewer, "evidence.vouch", deal_id, wish.checkpoint_key, now)
    return fact


def keep_contest(
    conn: Connection, viewer: SessionViewer, deal_id: str, wish: ContestRequest, now: datetime
) -> datetime:
    """Keep the objection to a stop. Raises NotFound, Invalid."""
    return contest(conn, viewer.installation_id, deal_id, wish.log_id, wish.text, by=viewer.user_id, now=now)


def keep_answer(
    conn: Connection, viewer: SessionViewer, deal_id: str, wish: AnswerRequest, now: datetime
) -> None:
    """Keep or withdraw an answer. Raises NotFound, Invalid."""
    _step(conn, viewer.installation_id, deal_id, wish.checkpoint_key)
    tenant, key = viewer.installation_id, wish.checkpoint_key
    if wish.answer is None:
        withdraw_answer(conn, tenant, deal_id, key, now)
    else:
        answer(conn, tenant, deal_id, key, wish.answer, wish.reason, by=viewer.user_id, now=now)
    said = wish.answer.value if wish.answer else "withdrawn"
    _audit(conn, viewer, f"checkpoint.{said}", deal_id, key, now)


def _step(conn: Connection, installation_id: int, deal_id: str, key: str) -> Checkpoint:
    deal = deal_of(conn, installation_id, deal_id)
    if deal is None:
        raise NotFound("There is no such deal here.", code="deal_unknown")
    version = current_version(conn, installation_id, deal.stage.pipeline_id)
    funnel = version.funnel_for(deal) if version else None
    found = funnel.checkpoint(key) if funnel else None
    if found is None:
        raise NotFound("This deal has no such step.", code="checkpoint_unknown")
    return found


def _audit(
    conn: Connection, viewer: SessionViewer, action: str, deal_id: str, key: str, now: datetime
) -> None:
    write_audit(
        conn,
        viewer.installation_id,
        actor=viewer.user_id,
        action=action,
        now=now,
        subject=deal_id,
        detail={"checkpoint_key": key},
    )
