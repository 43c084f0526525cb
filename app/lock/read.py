"""The lock of one pipeline and a trial as somebody asks for them, in his language."""

from sqlalchemy import Connection

from app.crm.port import Capability
from app.installations.services import Services
from app.installations.store import get_installation, load_catalog
from app.lock.answers import LockTrialView, LockView
from app.lock.plans import UNTOLD, Plans
from app.lock.show import Shown, show_lock, show_trial
from app.lock.store import Trial


async def read_lock(
    services: Services, plans: Plans, installation_id: int, pipeline_id: str, language: str
) -> LockView:
    """What to set in the CRM so that it refuses forbidden moves itself, and whether it does.

    Raises NotFound.
    """
    known = await services.db.read(lambda conn: get_installation(conn, installation_id))
    adapter = services.adapter(known.crm)
    url = None
    if Capability.NATIVE_LOCK in adapter.capabilities and adapter.roles_url:
        url = adapter.roles_url(known.host)
    plan = await plans.of(services, installation_id) if url else UNTOLD

    def read(conn: Connection) -> LockView:
        return show_lock(conn, _shown_to(conn, services, installation_id, language), pipeline_id, url, plan)

    return await services.db.read(read)


async def read_trial(services: Services, trial: Trial, language: str) -> LockTrialView:
    """The trial with names and addresses of its account."""
    return await services.db.read(
        lambda conn: show_trial(_shown_to(conn, services, trial.installation_id, language), trial)
    )


def _shown_to(conn: Connection, services: Services, installation_id: int, language: str) -> Shown:
    known = get_installation(conn, installation_id)
    url = services.adapter(known.crm).deal_url
    catalog = load_catalog(conn, installation_id)
    return Shown(installation_id, catalog, language, lambda deal_id: url(known.host, deal_id))
