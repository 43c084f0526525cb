"""Stage moves out of the log."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.crm.adapters.amocrm.events import LogEvent
from app.crm.adapters.amocrm.records import reading, stage_of
from app.crm.adapters.amocrm.wire import child
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.stage import StageRef

LOG_IS_LATE = timedelta(hours=1)
"""A younger deal without its line in the log is not yet there; an older one has outlived it."""

SETTLES_IN = timedelta(minutes=2)
"""A deal that changed later than this ago may have changes that the log does not show yet."""

SAME_MOMENT = timedelta(seconds=1)


def is_settled(deal: Deal | None, now: datetime) -> bool:
    """True when the log may be taken to show all that happened to the deal."""
    if deal is None or deal.updated_at - deal.created_at <= SAME_MOMENT:
        return True
    return now - deal.updated_at > SETTLES_IN


def may_hide_a_move(deal: Deal, events: Sequence[LogEvent], now: datetime) -> bool:
    """True when the deal was made just now and the log shows that, but no move yet: one within the
    first second leaves the same times in the deal, and its line may come later.
    """
    is_young = now - deal.created_at <= SETTLES_IN and deal.updated_at - deal.created_at <= SAME_MOMENT
    kinds = {event.type for event in events}
    return is_young and "lead_added" in kinds and "lead_status_changed" not in kinds


def moves_of(
    deal_id: str, events: Sequence[LogEvent], deal: Deal | None, now: datetime, *, is_whole: bool
) -> tuple[StageMove, ...]:
    """The moves of a deal, oldest first, its creation among them.

    `events` are in order; `is_whole` says that they reach back to the deal's beginning. The line of
    a creation does not name the stage: it is where the first move came from, or where the deal
    stands. A creation is not told while its first move may still be hidden.
    """
    changes = [_change(event, now) for event in events if event.type == "lead_status_changed"]
    added = next((event for event in events if event.type == "lead_added"), None)
    stays = deal.stage if deal and is_settled(deal, now) else None
    first = changes[0].from_stage if changes else stays
    creation = None
    if first and added:
        creation = StageMove(added.id, deal_id, None, first, added.author, MoveOrigin.CREATION, added.at, now)
    elif first and deal and is_whole and now - deal.created_at > LOG_IS_LATE:
        creation = StageMove(
            f"created:{deal_id}",
            deal_id,
            None,
            first,
            deal.created_by,
            MoveOrigin.CREATION,
            deal.created_at,
            now,
        )
    return (*([creation] if creation else []), *changes)


def _change(event: LogEvent, now: datetime) -> StageMove:
    origin = MoveOrigin.PERSON if event.author else MoveOrigin.ROBOT
    with reading():
        return StageMove(
            log_id=event.id,
            deal_id=event.entity_id,
            from_stage=_stage(event.before),
            to_stage=_stage(event.after),
            actor_id=event.author,
            origin=origin,
            occurred_at=event.at,
            recorded_at=now,
        )


def _stage(side: list[Any]) -> StageRef:
    status = child(side[0], "lead_status")
    return stage_of(status["pipeline_id"], status["id"])
