"""What a trial will be: which deal, before which stage, for whom. Nothing is asked of the CRM."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.domain.lock import GatedStage, LockCode, Way, gated_stages, ways_to_try
from app.domain.stage import Catalog, StageRef
from app.errors import Conflict, NotFound
from app.funnels.current import current_version
from app.installations.audit import write_audit
from app.installations.store import Installation, get_installation, load_catalog
from app.lock.rights import is_administrator
from app.lock.store import Trial, TrialStep, add_trial, find_trial, has_live_trial
from app.lock.words import trial_title

MAKING_TAKES = timedelta(minutes=2)
"""How long whoever makes the deal may take before others look after it."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate as it stands today, and the ways that a trial of its lock goes, nearest first."""

    gated: GatedStage
    ways: tuple[Way, ...]


def plan_trial(
    conn: Connection, installation_id: int, stage: StageRef, user_id: str, *, by: str, now: datetime
) -> tuple[Trial, StageRef]:
    """Store a trial that begins, and say where its deal is to be made. Raises Conflict, NotFound."""
    known = get_installation(conn, installation_id)
    catalog = load_catalog(conn, installation_id)
    _check_account(known)
    _check_seller(conn, known, catalog, user_id)
    gate = gate_of(conn, installation_id, catalog, stage)
    if not gate.ways:
        raise Conflict("No open stage lies before this one.", code="nothing_to_try")
    trial = Trial(
        installation_id=installation_id,
        id=secrets.token_hex(8),
        stage=stage,
        signature=gate.gated.signature,
        user_id=user_id,
        deal_id="",
        title=trial_title(gate.gated.stage.title, known.settings.language),
        step=TrialStep.MAKING,
        outcome=None,
        code=LockCode.NONE,
        results=(),
        started_at=now,
        started_by=by,
        busy_until=now + MAKING_TAKES,
    )
    # The audit locks the account's row: two trials cannot begin at once.
    audit_trial(conn, trial, "lock.trial", by, now)
    if has_live_trial(conn, installation_id):
        raise Conflict("Another check is under way. Finish it or call it off first.", code="trial_running")
    add_trial(conn, trial)
    return trial, gate.ways[0].came_from


def gate_of(conn: Connection, installation_id: int, catalog: Catalog | None, stage: StageRef) -> Gate:
    """The gate on that stage as it stands today. Raises NotFound when there is none."""
    version = current_version(conn, installation_id, stage.pipeline_id)
    gated = gated_stages(version, catalog) if version and catalog else ()
    found = next((each for each in gated if each.stage.ref == stage), None)
    if found is None or catalog is None:
        raise NotFound("No gate stands on this stage.", code="gate_unknown")
    return Gate(found, tuple(ways_to_try(gated, found, catalog)))


def wanted_trial(conn: Connection, installation_id: int, trial_id: str) -> Trial:
    """The trial of that id. Raises NotFound."""
    found = find_trial(conn, installation_id, trial_id)
    if found is None:
        raise NotFound("There is no such check.", code="trial_unknown")
    return found


def audit_trial(conn: Connection, trial: Trial, action: str, by: str, now: datetime) -> None:
    """Note who did what to a trial."""
    detail = {"trial_id": trial.id, "user_id": trial.user_id}
    write_audit(
        conn,
        trial.installation_id,
        actor=by,
        action=action,
        now=now,
        subject=str(trial.stage),
        detail=detail,
    )


def _check_account(known: Installation) -> None:
    if known.settings.writes_off:
        sentence = "Writing to the CRM is switched off. Switch it on to check a lock."
        raise Conflict(sentence, code="writes_off")
    if not known.is_active:
        raise Conflict("Stepgate is not connected to the CRM just now.", code="not_connected")


def _check_seller(conn: Connection, known: Installation, catalog: Catalog | None, user_id: str) -> None:
    seller = next((each for each in catalog.users if each.id == user_id), None) if catalog else None
    if seller is None or not seller.is_active:
        raise NotFound("There is no such person in the CRM.", code="user_unknown")
    if user_id == known.service_user_id or is_administrator(conn, known.id, catalog, user_id):
        sentence = "Roles do not bind administrators. Pick an ordinary seller."
        raise Conflict(sentence, code="admin_is_exempt")
