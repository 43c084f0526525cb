"""What becomes of trials that nobody ends: makers that died, sellers who never came, deals to delete."""

from datetime import timedelta

from sqlalchemy import Connection

from app.crm.errors import CrmError
from app.domain.lock import LockCode
from app.errors import StepgateError
from app.installations.services import Services
from app.lock.begin import TRY_AGAIN, clean, locking_client, made, marker_of
from app.lock.plan import wanted_trial
from app.lock.store import Trial, TrialStep, change_trial, drop_trials, unfinished_trials
from app.observability import get_logger

WAITS_FOR = timedelta(days=1)
"""How long a seller has to press the button."""

KEPT_FOR = timedelta(days=90)
"""How long it is remembered that a deal was a trial's, after the deal was deleted."""

log = get_logger("lock")


async def tend_trials(services: Services) -> None:
    """Bring every trial that rests nowhere one step on. It may be repeated, by several at once too."""
    oldest = services.clock.now() - KEPT_FOR
    await services.db.write(lambda conn: drop_trials(conn, oldest))
    for trial in await services.db.read(unfinished_trials):
        try:
            await _tend(services, trial)
        except (CrmError, StepgateError) as error:
            log.warning(
                "trial not tended", installation_id=trial.installation_id, reason=type(error).__name__
            )


async def _tend(services: Services, trial: Trial) -> None:
    now = services.clock.now()
    if trial.busy_until is not None and trial.busy_until > now:
        return
    match trial.step:
        case TrialStep.MAKING:
            await _find(services, trial)
        case TrialStep.TRYING:
            waiting = {"state": TrialStep.WAITING.value, "busy_until": None}
            await services.db.write(lambda conn: change_trial(conn, trial, TrialStep.TRYING, **waiting))
        case TrialStep.WAITING if now - trial.started_at > WAITS_FOR:
            await clean(services, await services.db.write(lambda conn: _expire(conn, trial)))
        case TrialStep.CLEANING:
            await clean(services, trial)
        case _:
            pass


async def _find(services: Services, trial: Trial) -> None:
    """Whoever made the deal has not come back: it is looked for, and deleted where it is found."""
    client = await locking_client(services, trial.installation_id)
    try:
        deal_id = await client.find_trial(marker_of(trial.id))
    except CrmError:
        later = services.clock.now() + TRY_AGAIN
        await services.db.write(lambda conn: change_trial(conn, trial, TrialStep.MAKING, busy_until=later))
        raise
    gone = {"state": TrialStep.CLEANING.value, "code": LockCode.CRM_UNAVAILABLE.value, "busy_until": None}

    def give_up(conn: Connection) -> Trial:
        change_trial(conn, trial, TrialStep.MAKING, **gone)
        return made(conn, trial, deal_id) if deal_id else wanted_trial(conn, trial.installation_id, trial.id)

    await clean(services, await services.db.write(give_up))


def _expire(conn: Connection, trial: Trial) -> Trial:
    values = {"state": TrialStep.CLEANING.value, "code": LockCode.EXPIRED.value, "busy_until": None}
    change_trial(conn, trial, TrialStep.WAITING, **values)
    return wanted_trial(conn, trial.installation_id, trial.id)
