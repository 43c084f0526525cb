"""The seller tries: each way that should be closed is gone with his own rights; what happens is the answer.

His proof lives as long as the request and is kept nowhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.crm.errors import AuthExpired, NotFound, Rejected, Unsupported
from app.crm.port import LocksStages, RolesPlan, TriedMove, Viewer
from app.domain.lock import LockCode, LockState, TriedWay, Way, settle
from app.domain.stage import StageRef
from app.errors import Conflict, Forbidden, Unauthorized
from app.installations.services import Services
from app.installations.sessions import SessionViewer
from app.installations.store import get_installation, load_catalog
from app.lock.begin import locking_client
from app.lock.plan import audit_trial, gate_of, wanted_trial
from app.lock.store import KnownLock, Trial, TrialStep, change_trial, pack_results, save_lock

TRYING_TAKES = timedelta(minutes=3)
READING_TAKES = timedelta(minutes=1)
"""The trial's deal stays so long: a CRM closes the card of a deal that is deleted, with the answer in it."""
MOST_WAYS = 8
"""Ways that are tried in one go: a CRM answers a few calls a second, and the seller waits."""

MEANINGS: dict[TriedMove, tuple[LockState, LockCode]] = {
    TriedMove.MOVED: (LockState.LEAKS, LockCode.MOVED_BY_SELLER),
    TriedMove.NO_RIGHT: (LockState.HOLDS, LockCode.REFUSED_FOR_RIGHTS),
    TriedMove.FIELD_REQUIRED: (LockState.UNKNOWN, LockCode.REQUIRED_FIELD_INSTEAD),
    TriedMove.REFUSED: (LockState.UNKNOWN, LockCode.REFUSED_BY_CRM),
    TriedMove.STAYED: (LockState.UNKNOWN, LockCode.REFUSED_BY_CRM),
}


async def attempt(services: Services, viewer: SessionViewer, trial_id: str, proof: str) -> Trial:
    """Try the lock with the viewer's own rights and keep what it says. Raises StepgateError, CrmError.

    Trouble with the CRM leaves the trial waiting: the button may be pressed again. The deal is deleted a
    little later, when trials are tended.
    """
    tenant = viewer.installation_id
    trial, ways = await services.db.write(lambda conn: _take(conn, services, viewer, trial_id))
    try:
        client = await locking_client(services, tenant)
        person = await _verified(services, viewer, trial, proof)
        is_exempt = viewer.is_admin or bool(person.is_admin)
        tried = _all(ways, LockState.DEFEATED, LockCode.ADMIN_IS_EXEMPT)
        if not is_exempt:
            tried = await _try_all(client, trial, ways, proof)
        plan = await client.roles_plan()
    except BaseException:
        # Whatever it was, also a request that was broken off: the button may be pressed again.
        await services.db.write(lambda conn: _give_back(conn, trial))
        raise
    now = services.clock.now()
    return await services.db.write(lambda conn: _conclude(conn, trial, _in_plan(tried, plan), viewer, now))


def _take(
    conn: Connection, services: Services, viewer: SessionViewer, trial_id: str
) -> tuple[Trial, tuple[Way, ...]]:
    trial = wanted_trial(conn, viewer.installation_id, trial_id)
    if trial.user_id != viewer.user_id:
        raise Forbidden("This check is for another person to try.", code="not_your_trial")
    if get_installation(conn, viewer.installation_id).settings.writes_off:
        raise Conflict("Writing to the CRM is switched off.", code="writes_off")
    gate = gate_of(conn, trial.installation_id, load_catalog(conn, trial.installation_id), trial.stage)
    until = services.clock.now() + TRYING_TAKES
    trying = {"state": TrialStep.TRYING.value, "busy_until": until, "signature": gate.gated.signature}
    if not change_trial(conn, trial, TrialStep.WAITING, **trying):
        code = "trial_busy" if trial.step in (TrialStep.MAKING, TrialStep.TRYING) else "trial_over"
        raise Conflict("This check has ended or is running just now.", code=code)
    return wanted_trial(conn, viewer.installation_id, trial_id), gate.ways


def _give_back(conn: Connection, trial: Trial) -> None:
    change_trial(conn, trial, TrialStep.TRYING, state=TrialStep.WAITING.value, busy_until=None)


async def _verified(services: Services, viewer: SessionViewer, trial: Trial, proof: str) -> Viewer:
    known = await services.db.read(lambda conn: get_installation(conn, viewer.installation_id))
    widget = services.adapter(known.crm).widget
    person = await widget.verify(proof, services.clock.now(), trial.deal_id)
    if (person.external_id, person.user_id) != (known.external_id, viewer.user_id):
        raise Unauthorized("Reload the page.", code="proof_mismatch")
    return person


def _all(ways: tuple[Way, ...], state: LockState, code: LockCode) -> list[TriedWay]:
    return [TriedWay(way, state, code) for way in ways[:MOST_WAYS]]


async def _try_all(client: LocksStages, trial: Trial, ways: tuple[Way, ...], proof: str) -> list[TriedWay]:
    with _his_proof():
        may_edit = await client.may_edit(proof, trial.deal_id)
    if not may_edit:
        return _all(ways, LockState.UNKNOWN, LockCode.CANNOT_EDIT)
    tried = [await _try_way(client, trial, way, proof) for way in ways[:MOST_WAYS]]
    return tried + [TriedWay(way, LockState.UNKNOWN, LockCode.UNTRIED) for way in ways[MOST_WAYS:]]


async def _try_way(client: LocksStages, trial: Trial, way: Way, proof: str) -> TriedWay:
    if not await _is_placed(client, trial, way.came_from):
        return TriedWay(way, LockState.UNKNOWN, LockCode.NOT_PLACED)
    try:
        with _his_proof():
            became = await client.try_move(proof, trial.deal_id, way.went_to)
    except (Rejected, Unsupported):
        became = TriedMove.REFUSED
    return TriedWay(way, *MEANINGS[became])


@contextmanager
def _his_proof() -> Iterator[None]:
    """What ends here is the seller's proof, not our own access."""
    try:
        yield
    except AuthExpired:
        raise Unauthorized("Reload the page and press again.", code="token_refused") from None


async def _is_placed(client: LocksStages, trial: Trial, stage: StageRef) -> bool:
    try:
        await client.place_trial(trial.deal_id, stage)
    except (Rejected, Unsupported):
        return False
    except NotFound:
        raise Conflict("The trial deal is gone. Start the check again.", code="trial_deal_gone") from None
    return True


def _in_plan(tried: list[TriedWay], plan: RolesPlan) -> list[TriedWay]:
    """A leak on a plan without roles is the plan's: no setting of a role would help."""
    if plan.is_enough is not False:
        return tried
    return [
        TriedWay(each.way, LockState.DEFEATED, LockCode.PLAN_HAS_NO_ROLES)
        if each.state is LockState.LEAKS
        else each
        for each in tried
    ]


def _conclude(
    conn: Connection, trial: Trial, tried: list[TriedWay], viewer: SessionViewer, now: datetime
) -> Trial:
    state, code = settle(tried)
    values = {
        "state": TrialStep.CLEANING.value,
        "outcome": state.value,
        "code": code.value,
        "results": pack_results(tried),
        "busy_until": now + READING_TAKES,
    }
    if change_trial(conn, trial, TrialStep.TRYING, **values):
        save_lock(
            conn,
            trial.installation_id,
            KnownLock(trial.stage, trial.signature, state, code, now, viewer.user_id),
        )
        audit_trial(conn, trial, "lock.attempt", viewer.user_id, now)
    return wanted_trial(conn, trial.installation_id, trial.id)
