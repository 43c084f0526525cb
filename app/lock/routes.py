"""The lock over HTTP: an administrator sets up and starts, a seller tries."""

from typing import Annotated, cast

from fastapi import APIRouter, Header, Path, Query, Request
from sqlalchemy import Connection

from app.crm.port import Capability
from app.domain.stage import StageRef
from app.installations.auth import CurrentAdmin, CurrentServices, CurrentViewer
from app.installations.services import Services
from app.installations.store import get_installation, load_catalog
from app.lock.answers import Id, LockTrialView, LockView, TrialRequest
from app.lock.attempt import attempt
from app.lock.begin import begin_trial, cancel_trial, clean
from app.lock.plans import UNTOLD, Plans
from app.lock.show import Shown, show_lock, show_trial
from app.lock.store import Trial

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
    tenant = viewer.installation_id
    known = await services.db.read(lambda conn: get_installation(conn, tenant))
    adapter = services.adapter(known.crm)
    is_supported = Capability.NATIVE_LOCK in adapter.capabilities and adapter.roles_url is not None
    plan = await _plans(request).of(services, tenant) if is_supported else UNTOLD
    url = adapter.roles_url(known.host) if is_supported and adapter.roles_url else None

    def read(conn: Connection) -> LockView:
        return show_lock(conn, shown_to(conn, services, tenant, viewer.language), pipeline_id, url, plan)

    return await services.db.read(read)


@router.post("/trials", operation_id="startLockTrial", status_code=201)
async def post_trial(services: CurrentServices, viewer: CurrentAdmin, wish: TrialRequest) -> LockTrialView:
    """Make a deal before a gate, for one seller to try whether the CRM lets him through."""
    stage = StageRef(wish.pipeline_id, wish.stage_id)
    trial = await begin_trial(services, viewer.installation_id, stage, wish.user_id, viewer.user_id)
    return await _view(services, trial, viewer.language)


@router.post("/trials/{trial_id}/attempt", operation_id="attemptLockTrial")
async def post_attempt(
    trial_id: TrialId,
    services: CurrentServices,
    viewer: CurrentViewer,
    x_auth_token: Annotated[str, Header(max_length=8192, description="The CRM's proof of who presses.")],
) -> LockTrialView:
    """The seller tries with his own rights, proven anew; nothing of the proof is kept."""
    trial = await attempt(services, viewer, trial_id, x_auth_token)
    return await _view(services, trial, viewer.language)


@router.delete("/trials/{trial_id}", operation_id="cancelLockTrial", status_code=204)
async def delete_trial(trial_id: TrialId, services: CurrentServices, viewer: CurrentAdmin) -> None:
    """Call a trial off and delete its deal, now or as soon as the CRM answers."""
    tenant, now = viewer.installation_id, services.clock.now()
    trial = await services.db.write(
        lambda conn: cancel_trial(conn, tenant, trial_id, by=viewer.user_id, now=now)
    )
    await clean(services, trial)


def shown_to(conn: Connection, services: Services, installation_id: int, language: str) -> Shown:
    """Names and addresses of the account, in that language."""
    known = get_installation(conn, installation_id)
    url = services.adapter(known.crm).deal_url
    catalog = load_catalog(conn, installation_id)
    return Shown(installation_id, catalog, language, lambda deal_id: url(known.host, deal_id))


async def _view(services: Services, trial: Trial, language: str) -> LockTrialView:
    return await services.db.read(
        lambda conn: show_trial(shown_to(conn, services, trial.installation_id, language), trial)
    )


def _plans(request: Request) -> Plans:
    """The one memory of plans in this process."""
    state = request.app.state
    if not hasattr(state, "lock_plans"):
        state.lock_plans = Plans()
    return cast(Plans, state.lock_plans)
