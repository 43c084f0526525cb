"""How an account fares, for its administrator: what works, what waits, and what he should do."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import Connection, func, select

from app.backfill.progress import BackfillState, read_progress
from app.db.lane import parked_lanes
from app.db.tables import delivery, lane, outbox
from app.domain.funnel import GateMode
from app.domain.plain_text import shown
from app.domain.stage import Catalog
from app.funnels.broken import broken_rules
from app.funnels.versions import PublishedVersion, latest_number, load_version
from app.installations.auth import CurrentAdmin, CurrentServices
from app.installations.hook_state import hook_state
from app.installations.rate import paused_until
from app.installations.store import Installation, InstallationState, get_installation, load_catalog
from app.lock.standing import broken_locks
from app.lock.words import lock_text
from app.outbox.rows import OPEN_STATES, WriteState

router = APIRouter(prefix="/api/v1", tags=["status"])
SentenceCode = Literal["ok", "reconnect", "pay", "ask_crm_support", "wait", "unreachable", "removed"]
PAID, SHUT_OUT, UNREACHABLE = "payment_required", "blocked", "crm_unavailable"


class CrmStatus(BaseModel):
    """The connection. `sentence_code` says what the administrator should do."""

    state: InstallationState
    reason: str
    sentence_code: SentenceCode
    host: str
    paused_until: datetime | None
    catalog_read_at: datetime | None


class HookStatus(BaseModel):
    """The CRM's calls to us; `reason` is the kind of the last failure to subscribe."""

    state: Literal["ok", "failing", "unchecked"]
    reason: str
    checked_at: datetime | None
    last_received_at: datetime | None
    quarantined: int


class BackfillStatus(BaseModel):
    """How far the reading of the past has come, in deals."""

    state: BackfillState
    done: int
    total: int


class WriteStatus(BaseModel):
    """Writes to the CRM since the beginning; `off` is the account's kill switch."""

    off: bool
    waiting: int
    done: int
    refused: int


class GateStatus(BaseModel):
    """Gates in force by mode, over all pipelines."""

    shadow: int
    warn: int
    enforce: int


class BrokenRule(BaseModel):
    """A rule in force that names something the CRM no longer has."""

    pipeline_id: str
    path: str
    code: str
    sentence: str


class LeakingLock(BaseModel):
    """A lock of the CRM's own that has let a seller through; `deal_id` and `by` where a deal showed it."""

    pipeline_id: str
    stage_id: str
    stage_title: str
    sentence: str
    deal_id: str
    by: str
    at: datetime | None


class StatusView(BaseModel):
    """All of it."""

    crm: CrmStatus
    hooks: HookStatus
    backfill: BackfillStatus | None
    writes: WriteStatus
    gates: GateStatus
    parked: int
    broken_rules: list[BrokenRule]
    leaking_locks: list[LeakingLock]


@router.get("/status")
async def read_status(services: CurrentServices, viewer: CurrentAdmin) -> StatusView:
    """How the account fares and what its administrator should do."""
    now = services.clock.now()
    return await services.db.read(lambda conn: status_of(conn, viewer.installation_id, viewer.language, now))


def status_of(conn: Connection, installation_id: int, language: str, now: datetime) -> StatusView:
    """The account's status. Raises NotFound."""
    known = get_installation(conn, installation_id)
    catalog = load_catalog(conn, installation_id)
    versions = _versions(conn, installation_id, catalog) if catalog else []
    progress = read_progress(conn, installation_id)
    return StatusView(
        crm=_crm(conn, known, now),
        hooks=_hooks(conn, installation_id),
        backfill=BackfillStatus(state=progress.state, done=progress.done, total=progress.total)
        if progress
        else None,
        writes=_writes(conn, known),
        gates=_gates(versions),
        parked=len(parked_lanes(conn, installation_id)),
        broken_rules=_broken(versions, catalog, language) if catalog else [],
        leaking_locks=_leaking(conn, installation_id, catalog, language),
    )


def _leaking(
    conn: Connection, installation_id: int, catalog: Catalog | None, language: str
) -> list[LeakingLock]:
    return [
        LeakingLock(
            pipeline_id=each.gated.stage.ref.pipeline_id,
            stage_id=each.gated.stage.ref.stage_id,
            stage_title=shown(each.gated.stage.title),
            sentence=lock_text(each.state, each.code, language),
            deal_id=each.known.leak_deal_id,
            by=shown(catalog.user_name(each.known.leak_by)) if catalog else "",
            at=each.known.leak_at or each.known.checked_at,
        )
        for each in broken_locks(conn, installation_id)
        if each.known
    ]


def _crm(conn: Connection, known: Installation, now: datetime) -> CrmStatus:
    until = paused_until(conn, known.id, now)
    return CrmStatus(
        state=known.state,
        reason=known.state_reason,
        sentence_code=_sentence_code(
            known, is_paused=until is not None, is_silent=_is_silent(conn, known.id)
        ),
        host=known.host,
        paused_until=until,
        catalog_read_at=known.catalog_read_at,
    )


def _is_silent(conn: Connection, installation_id: int) -> bool:
    """Whether the CRM did not answer when something was last read for a deal."""
    waiting = (lane.c.state == "open", lane.c.last_error == UNREACHABLE)
    query = select(lane.c.entity_id).where(lane.c.installation_id == installation_id, *waiting).limit(1)
    return conn.scalar(query) is not None


def _sentence_code(known: Installation, *, is_paused: bool, is_silent: bool) -> SentenceCode:
    match known.state:
        case InstallationState.REAUTH_REQUIRED:
            return "reconnect"
        case InstallationState.DISABLED:
            return "removed"
        case InstallationState.PAUSED:
            return {PAID: "pay", SHUT_OUT: "ask_crm_support"}.get(known.state_reason, "wait")  # type: ignore[return-value]
        case _:
            return "wait" if is_paused else "unreachable" if is_silent else "ok"


def _hooks(conn: Connection, installation_id: int) -> HookStatus:
    checked = hook_state(conn, installation_id)
    mine = delivery.c.installation_id == installation_id
    quarantined = conn.scalar(select(func.count()).where(mine, delivery.c.state == "quarantined"))
    last = select(delivery.c.received_at).where(mine).order_by(delivery.c.id.desc()).limit(1)
    return HookStatus(
        state="unchecked" if checked is None else "failing" if checked.reason else "ok",
        reason=checked.reason if checked else "",
        checked_at=checked.checked_at if checked else None,
        last_received_at=conn.scalar(last),
        quarantined=int(quarantined or 0),
    )


def _writes(conn: Connection, known: Installation) -> WriteStatus:
    rows = conn.execute(
        select(outbox.c.state, func.count())
        .where(outbox.c.installation_id == known.id)
        .group_by(outbox.c.state)
    )
    counts = {str(state): int(number) for state, number in rows}
    return WriteStatus(
        off=known.settings.writes_off,
        waiting=sum(counts.get(state.value, 0) for state in OPEN_STATES),
        done=counts.get(WriteState.CONFIRMED.value, 0),
        refused=counts.get(WriteState.DEAD.value, 0),
    )


def _versions(conn: Connection, installation_id: int, catalog: Catalog) -> list[PublishedVersion]:
    found = (
        load_version(conn, installation_id, each.id, latest_number(conn, installation_id, each.id))
        for each in catalog.pipelines
    )
    return [version for version in found if version]


def _gates(versions: list[PublishedVersion]) -> GateStatus:
    modes = [gate.mode for each in versions for funnel in each.as_rules().funnels for gate in funnel.gates]
    return GateStatus(
        shadow=modes.count(GateMode.SHADOW),
        warn=modes.count(GateMode.WARN),
        enforce=modes.count(GateMode.ENFORCE),
    )


def _broken(versions: list[PublishedVersion], catalog: Catalog, language: str) -> list[BrokenRule]:
    return [
        BrokenRule(
            pipeline_id=version.pipeline_id, path=problem.path, code=problem.code, sentence=problem.sentence
        )
        for version in versions
        for problem in broken_rules(version, catalog, language)
        if problem.severity == "error"
    ]
