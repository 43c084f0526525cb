"""The button that moves a deal on: what the card says of it, and what a press does."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.checklist.answers import ForwardView, MissingView
from app.checklist.forward_words import refusal_text, state_text
from app.checklist.names import Names
from app.checklist.stops import missing_views
from app.db.lane import LaneKey, ring, wake_at
from app.domain.deal import Deal
from app.domain.forward import Standing, may_enter, next_stage
from app.domain.funnel import FunnelVersion
from app.domain.stage import Catalog, StageRef
from app.domain.writeback import SURPRISE_LIMIT
from app.errors import Conflict, NotFound
from app.funnels.current import current_version
from app.installations.audit import write_audit
from app.installations.store import Installation, load_catalog
from app.ledger.read import answers_of, deal_of, evidence_of
from app.lock.standing import locked_stages
from app.outbox.enqueue import enqueue_forward
from app.outbox.rows import OPEN_STATES, OutboxRow, WriteKind, WriteState, rows_of
from app.verdicts.chain import stage_by_right

LOOK_AGAIN = timedelta(seconds=3)
TOO_LATE = "too_late"
ELSEWHERE = "The deal has moved on meanwhile. The card shows where it stands."


def forward_view(
    conn: Connection, known: Installation, deal: Deal, names: Names, now: datetime
) -> ForwardView | None:
    """The way on, None when there is nothing to press."""
    last = _last_press(conn, known.id, deal.id)
    text = state_text(known, names.language)
    if last and last.target and last.expected == deal.stage and _is_under_way(last, deal, now) and not text:
        return _view(names, last.target, "moving", "")
    stage = _next(conn, known, deal, names.catalog, now)
    if stage is None:
        return None
    if not text and last and (last.expected, last.target) == (deal.stage, stage):
        text = _failure(last, names.language)
    return _view(names, stage, "refused" if text else "ready", text)


def press_forward(
    conn: Connection,
    known: Installation,
    deal_id: str,
    stage_id: str,
    *,
    by: str,
    language: str,
    now: datetime,
) -> ForwardView:
    """Have the deal moved on to that stage, for `by`. A second press while the first is carried out changes
    nothing.

    Raises NotFound for an unknown deal, Conflict when the way is not free (any more) with what is missing.
    """
    deal = deal_of(conn, known.id, deal_id)
    if deal is None:
        raise NotFound("There is no such deal here.", code="deal_unknown")
    names = Names(load_catalog(conn, known.id), language)
    shown = forward_view(conn, known, deal, names, now)
    if shown and shown.state == "moving" and shown.stage_id == stage_id:
        return shown
    _check_account(known)
    target = StageRef(deal.stage.pipeline_id, stage_id)
    if shown is None or shown.stage_id != stage_id or shown.state == "moving":
        raise _why_not(conn, known, deal, target, now)
    enqueue_forward(conn, known.id, deal.id, deal.stage, target, now)
    lane = LaneKey(known.id, "deal", deal.id)
    ring(conn, [lane], now)
    # The card shall not wait for the CRM's hook to hear that the deal has moved.
    wake_at(conn, lane, now + LOOK_AGAIN)
    detail = {"from": str(deal.stage), "to": str(target)}
    write_audit(conn, known.id, actor=by, action="deal.forward", now=now, subject=deal.id, detail=detail)
    return _view(names, target, "moving", "")


def _next(
    conn: Connection, known: Installation, deal: Deal, catalog: Catalog | None, now: datetime
) -> StageRef | None:
    version = current_version(conn, known.id, deal.stage.pipeline_id)
    if version is None or catalog is None:
        return None
    locked = locked_stages(conn, known.id, deal.stage.pipeline_id, catalog)
    found = next_stage(version, catalog, _standing(conn, known, deal, now), locked)
    return found.ref if found else None


def _standing(conn: Connection, known: Installation, deal: Deal, now: datetime) -> Standing:
    facts, answers = evidence_of(conn, known.id, deal.id), answers_of(conn, known.id, deal.id)
    return Standing(deal, facts, now, answers, stage_by_right(conn, known.id, deal, now))


def _last_press(conn: Connection, installation_id: int, deal_id: str) -> OutboxRow | None:
    rows = rows_of(conn, installation_id, deal_id)
    return next((row for row in reversed(rows) if row.kind is WriteKind.MOVE_FORWARD), None)


def _is_under_way(press: OutboxRow, deal: Deal, now: datetime) -> bool:
    """True until the move is made and the deal has been read since, or it is too late to make it."""
    if press.state is WriteState.CONFIRMED:
        return press.sent_at is not None and deal.read_at <= press.sent_at
    return press.state in OPEN_STATES and now - press.created_at <= SURPRISE_LIMIT


def _failure(press: OutboxRow, language: str) -> str:
    """Why a press that is not under way did not lead to that stage; empty where nothing is known."""
    if press.state in OPEN_STATES:
        return refusal_text(replace(press, last_error=TOO_LATE), language)
    return refusal_text(press, language) if press.state is WriteState.DEAD else ""


def _check_account(known: Installation) -> None:
    if known.settings.writes_off:
        sentence = "An administrator has switched off everything that Stepgate writes to the CRM."
        raise Conflict(sentence, code="writes_off")
    if not known.is_active:
        raise Conflict("Stepgate is not connected to the CRM just now.", code="not_connected")


def _why_not(conn: Connection, known: Installation, deal: Deal, target: StageRef, now: datetime) -> Conflict:
    version = current_version(conn, known.id, deal.stage.pipeline_id)
    missing = _missing(conn, known, deal, version, target, now) if version else []
    if not missing:
        return Conflict(ELSEWHERE, code="deal_elsewhere")
    steps = ", ".join(f"“{each.request}”" for each in missing)
    problems = [{"path": each.key, "code": "unmet", "sentence": each.request} for each in missing]
    return Conflict(f"The client has yet to: {steps}.", code="not_satisfied", problems=problems)


def _missing(
    conn: Connection,
    known: Installation,
    deal: Deal,
    version: FunnelVersion,
    target: StageRef,
    now: datetime,
) -> list[MissingView]:
    return missing_views(may_enter(version, _standing(conn, known, deal, now), target), version)


def _view(names: Names, stage: StageRef, state: str, text: str) -> ForwardView:
    return ForwardView.model_validate(
        {"stage_id": stage.stage_id, "stage_title": names.stage(stage), "state": state, "text": text}
    )
