"""A tag says that a client owes a step. It goes when he has taken it, or when nobody asks for it any more."""

from dataclasses import replace

from app.domain.deal import StageMove
from app.domain.funnel import FunnelVersion, GateMode
from app.domain.stage import StageRef
from app.domain.verdict import Outcome
from app.outbox.enqueue import Intent, enqueue
from app.outbox.rows import OutboxRow, WriteKind, WriteState, rows_of
from app.verdicts.hearing import Hearing, stands_beyond
from app.verdicts.store import judged_move

NEVER_MADE = (WriteState.DEAD, WriteState.SUPERSEDED)


def unflag(hearing: Hearing) -> None:
    """Have our tag taken off the deal when the stop that it tells of would be none now.

    While writing is switched off the tag stays: it is looked at again with the deal's next news.
    """
    if not hearing.court.has_writes(hearing.key) or hearing.account.settings.writes_off:
        return
    row = _tag_of(rows_of(hearing.conn, *hearing.key))
    if row is None:
        return
    hearing.court.store()
    found = judged_move(hearing.conn, hearing.installation_id, row.log_id)
    if found is None or _still_owes(hearing, found[0], found[1].verdict.gate_stage):
        return
    intent = Intent(WriteKind.UNTAG, {"tag": row.payload["tag"]})
    enqueue(hearing.conn, hearing.installation_id, found[0], [intent], hearing.now)
    hearing.court.note_new_write(hearing.key)


def _tag_of(rows: list[OutboxRow]) -> OutboxRow | None:
    """The last write that put our tag on the deal; None when it was taken off since, or never came on."""
    last = next((row for row in reversed(rows) if row.kind in (WriteKind.TAG, WriteKind.UNTAG)), None)
    return last if last and last.kind is WriteKind.TAG and last.state not in NEVER_MADE else None


def _still_owes(hearing: Hearing, move: StageMove, gate_stage: StageRef | None) -> bool:
    """Whether the way from before that gate to where the deal stands would be warned of today."""
    version = hearing.court.version(hearing.installation_id, move.to_stage.pipeline_id)
    if version is None or gate_stage is None or not stands_beyond(version, hearing.deal, gate_stage):
        return False
    today = replace(
        move,
        from_stage=_before(version, gate_stage),
        to_stage=hearing.deal.stage,
        occurred_at=hearing.now,
        recorded_at=hearing.now,
    )
    verdict = hearing.evaluate(version, today)
    return verdict.outcome in (Outcome.BLOCKED, Outcome.UNDETERMINED) and verdict.mode is not GateMode.SHADOW


def _before(version: FunnelVersion, gate_stage: StageRef) -> StageRef | None:
    refs = [stage.ref for stage in version.stages]
    position = refs.index(gate_stage)
    return refs[position - 1] if position else None
