"""Beginning and ending a trial. Its row is older than its deal and outlives it: a crash leaves no stray."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.crm.errors import AuthExpired, CrmError, NotFound, Rejected, Unknown, Unsupported
from app.crm.port import Capability, LocksStages
from app.domain.lock import LockCode
from app.domain.stage import StageRef
from app.errors import Conflict, CrmTrouble
from app.errors import NotFound as Missing
from app.installations.services import Services
from app.installations.store import get_installation
from app.lock.plan import audit_trial, plan_trial, wanted_trial
from app.lock.store import Trial, TrialStep, change_trial
from app.observability import get_logger

TRY_AGAIN = timedelta(minutes=5)
"""How long a deal rests that could not be deleted."""

log = get_logger("lock")


def marker_of(trial_id: str) -> str:
    """What the CRM keeps with a trial's deal, so that it can be found again."""
    return f"trial-{trial_id}"


async def locking_client(services: Services, installation_id: int) -> LocksStages:
    """The account's client where its CRM has a native lock. Raises NotFound, CrmError."""
    known = await services.db.read(lambda conn: get_installation(conn, installation_id))
    if Capability.NATIVE_LOCK not in services.adapter(known.crm).capabilities:
        raise Missing("This CRM has no lock of its own.", code="lock_unsupported")
    client = await services.clients.open(installation_id)
    if not isinstance(client, LocksStages):
        raise Unsupported("a CRM with a native lock whose client cannot try it")
    return client


async def begin_trial(
    services: Services, installation_id: int, stage: StageRef, user_id: str, by: str
) -> Trial:
    """Make a deal before the gate for that seller to try. Raises Conflict, NotFound, CrmTrouble, CrmError.

    When the answer is lost, the trial stays in its first step until its care finds the deal.
    """
    client, now = await locking_client(services, installation_id), services.clock.now()
    trial, first = await services.db.write(
        lambda conn: plan_trial(conn, installation_id, stage, user_id, by=by, now=now)
    )
    try:
        deal_id = await client.make_trial(trial.title, first, user_id, marker_of(trial.id))
    except Unknown:
        raise CrmTrouble from None
    except CrmError as error:
        await services.db.write(lambda conn: _close(conn, trial, LockCode.CRM_UNAVAILABLE, now))
        if isinstance(error, Rejected | Unsupported | NotFound):
            sentence = "The CRM did not let Stepgate make a trial deal. Reconnect it as an administrator."
            raise Conflict(sentence, code="trial_refused") from error
        raise
    return await services.db.write(lambda conn: made(conn, trial, deal_id))


def made(conn: Connection, trial: Trial, deal_id: str) -> Trial:
    """Say which deal was made; it is deleted at once when the trial was given up meanwhile."""
    waiting = {"state": TrialStep.WAITING.value, "deal_id": deal_id, "busy_until": None}
    if not change_trial(conn, trial, TrialStep.MAKING, **waiting):
        cleaning = {"state": TrialStep.CLEANING.value, "deal_id": deal_id, "busy_until": None}
        change_trial(conn, trial, TrialStep.CLEANING, TrialStep.OVER, **cleaning)
    return wanted_trial(conn, trial.installation_id, trial.id)


def cancel_trial(conn: Connection, installation_id: int, trial_id: str, by: str, now: datetime) -> Trial:
    """Call a trial off; its deal has still to be deleted. Raises NotFound, Conflict while it is tried."""
    trial = wanted_trial(conn, installation_id, trial_id)
    if trial.step in (TrialStep.CLEANING, TrialStep.OVER):
        change_trial(conn, trial, trial.step, code=LockCode.CANCELLED.value)
        return wanted_trial(conn, installation_id, trial_id)
    values = {"state": TrialStep.CLEANING.value, "code": LockCode.CANCELLED.value, "busy_until": None}
    if not change_trial(conn, trial, TrialStep.WAITING, **values):
        raise Conflict("The check is running just now. Try again in a minute.", code="trial_busy")
    audit_trial(conn, trial, "lock.cancel", by, now)
    return wanted_trial(conn, installation_id, trial_id)


async def call_off(services: Services, installation_id: int, trial_id: str, by: str) -> bool:
    """Call a trial off and delete its deal; False when it goes as soon as the CRM answers.

    Raises NotFound, Conflict while it is tried.
    """
    now = services.clock.now()
    trial = await services.db.write(lambda conn: cancel_trial(conn, installation_id, trial_id, by, now))
    return await clean(services, trial)


async def clean(services: Services, trial: Trial) -> bool:
    """Delete the deal of a trial that has its answer; False when the CRM has to be asked again later."""
    if trial.step is not TrialStep.CLEANING:
        return True
    try:
        if trial.deal_id:
            client = await locking_client(services, trial.installation_id)
            await client.remove_trial(trial.deal_id)
    except CrmError as error:
        later = services.clock.now() + TRY_AGAIN
        await services.db.write(lambda conn: change_trial(conn, trial, TrialStep.CLEANING, busy_until=later))
        level = log.warning if not isinstance(error, AuthExpired) else log.info
        level("trial deal not deleted", installation_id=trial.installation_id, reason=type(error).__name__)
        return False
    await services.db.write(lambda conn: _close(conn, trial, trial.code, services.clock.now()))
    return True


def _close(conn: Connection, trial: Trial, code: LockCode, now: datetime) -> None:
    values = {"state": TrialStep.OVER.value, "code": code.value, "busy_until": None, "done_at": now}
    change_trial(conn, trial, TrialStep.MAKING, TrialStep.CLEANING, **values)
