"""The lock over HTTP: an administrator sets up and starts, a seller tries."""

from typing import Annotated, cast

from fastapi import APIRouter, Header, Path, Query, Request

from app.domain.stage import StageRef
from app.installations.auth import CurrentAdmin, CurrentServices, CurrentViewer
from app.lock.answers import Id, LockTrialView, LockView, TrialRequest
from app.lock.attempt import attempt
from app.lock.begin import begin_trial, call_off
from app.lock.plans import Plans
from app.lock.read import read_lock, read_trial

router = APIRouter(prefix="/api/v1/lock", tags=["lock"])
TrialId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


@router.get("", operation_id="getLock")
async def get_lock(
    request: Request,
    services: CurrentServices,
    viewer: CurrentAdmin,
    pipeline_id: Annotated[Id, Query(description="Whose gates are asked about.")],
) -> LockView:
    """What to set in the CRM so that it refuses forbidden moves itself, and whether it does."""
    return await read_lock(services, _plans(request), viewer.installation_id, pipeline_id, viewer.language)


@router.post("/trials", operation_id="startLockTrial", status_code=201)
async def post_trial(services: CurrentServices, viewer: CurrentAdmin, wish: TrialRequest) -> LockTrialView:
    """Make a deal before a gate, for one seller to try whether the CRM lets him through."""
    stage = StageRef(wish.pipeline_id, wish.stage_id)
    trial = await begin_trial(services, viewer.installation_id, stage, wish.user_id, viewer.user_id)
    return await read_trial(services, trial, viewer.language)


@router.post("/trials/{trial_id}/attempt", operation_id="attemptLockTrial")
async def post_attempt(
    trial_id: TrialId,
    services: CurrentServices,
    viewer: CurrentViewer,
    x_auth_token: Annotated[str, Header(max_length=8192, description="The CRM's proof of who presses.")],
) -> LockTrialView:
    """The seller tries with his own rights, proven anew; nothing of the proof is kept."""
    trial = await attempt(services, viewer, trial_id, x_auth_token)
    return await read_trial(services, trial, viewer.language)


@router.delete("/trials/{trial_id}", operation_id="cancelLockTrial", status_code=204)
async def delete_trial(trial_id: TrialId, services: CurrentServices, viewer: CurrentAdmin) -> None:
    """Call a trial off and delete its deal, now or as soon as the CRM answers."""
    await call_off(services, viewer.installation_id, trial_id, by=viewer.user_id)


def _plans(request: Request) -> Plans:
    """The one memory of plans in this process."""
    state = request.app.state
    if not hasattr(state, "lock_plans"):
        state.lock_plans = Plans()
    return cast(Plans, state.lock_plans)
