"""Stage moves out of the history: each row names the stage that was entered, and nobody who did it.

https://apidocs.bitrix24.com/api-reference/crm/crm-stage-history-list.html
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from app.crm.adapters.bitrix24.records import Record, id_of, moment, moment_or_none, reading, stage_of
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.stage import StageRef

ID_DIGITS = 14
CREATED = 1
CATEGORY = re.compile(r"C([0-9]{1,9}):", re.ASCII)
SAME_MOMENT = timedelta(seconds=2)
"""A row and the deal's `movedTime` of one move are at most this far apart."""


def log_id(row: Record) -> str:
    """The row's id, so wide that ids sort as text: several moves may share a second."""
    return f"{int(row['ID']):0{ID_DIGITS}d}"


def in_order(rows: Iterable[Record]) -> list[Record]:
    """The rows oldest first, each once. Times have whole seconds, so ids order them."""
    with reading():
        by_id = {int(row["ID"]): row for row in rows}
    return [by_id[key] for key in sorted(by_id)]


def moves_of(
    deal_id: str, rows: Iterable[Record], deal: Deal | None, item: Record, now: datetime
) -> tuple[StageMove, ...]:
    """The moves of a deal, oldest first. `rows` are its whole history, `item` the deal as read after.

    A move comes from the stage before it in the history. The first row is the creation, whatever its
    kind: a deal may be made straight into a last stage, and old deals have lost their first rows. Of
    one that has a single row left, newer portals tell where it came from.
    """
    moves: list[StageMove] = []
    ordered = in_order(rows)
    with reading():
        before = _lost_stage(ordered, deal, item)
        for row in ordered:
            stage = stage_of(row["CATEGORY_ID"], row["STAGE_ID"])
            at = moment(row["CREATED_TIME"])
            actor = _actor(stage, at, deal, item, is_first=before is None, is_last=row is ordered[-1])
            moves.append(
                StageMove(
                    log_id=log_id(row),
                    deal_id=deal_id,
                    from_stage=before,
                    to_stage=stage,
                    actor_id=id_of(actor),
                    origin=_origin(actor, is_first=before is None),
                    occurred_at=at,
                    recorded_at=now,
                )
            )
            before = stage
    return tuple(moves)


def _lost_stage(rows: list[Record], deal: Deal | None, item: Record) -> StageRef | None:
    """Where a deal stood before the only row that its history still has; None when nobody tells."""
    previous = str(item.get("previousStageId") or "")
    if deal is None or len(rows) != 1 or int(rows[0].get("TYPE_ID") or 0) == CREATED or not previous:
        return None
    if moment(rows[0]["CREATED_TIME"]) - deal.created_at <= SAME_MOMENT:
        return None
    found = CATEGORY.match(previous)
    return StageRef(found[1] if found else "0", previous)


def _actor(
    stage: StageRef, at: datetime, deal: Deal | None, item: Record, *, is_first: bool, is_last: bool
) -> str | None:
    """Who did it: known of the last move and of the creation only; None when nobody can tell."""
    if deal is None:
        return None
    if is_first:
        return str(item.get("createdBy") or 0)
    moved_at = moment_or_none(item.get("movedTime"))
    if is_last and moved_at and stage == deal.stage and abs(moved_at - at) <= SAME_MOMENT:
        return str(item.get("movedBy") or 0)
    return None


def _origin(actor: str | None, *, is_first: bool) -> MoveOrigin:
    if is_first:
        return MoveOrigin.CREATION
    return MoveOrigin.ROBOT if actor == "0" else MoveOrigin.PERSON
