"""Dependencies of every route: the services, and who asks.

The tenant comes from the verified token alone; whatever else a request says about it is ignored.
"""

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.errors import Forbidden, Unauthorized
from app.installations.services import Services
from app.installations.sessions import SessionViewer, read_session
from app.installations.store import InstallationState, get_installation

_bearer = HTTPBearer(auto_error=False, description="The token that POST /api/v1/session gave.")


def current_services(request: Request) -> Services:
    """The composition of this application."""
    return cast(Services, request.app.state.services)


async def current_viewer(
    services: Annotated[Services, Depends(current_services)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> SessionViewer:
    """Who asks. Raises Unauthorized without a good token, or when the account was disconnected."""
    if credentials is None:
        raise Unauthorized(code="session_missing")
    viewer = read_session(services.vault, credentials.credentials, services.clock.now())
    known = await services.db.read(lambda conn: get_installation(conn, viewer.installation_id))
    if known.state is InstallationState.DISABLED:
        raise Unauthorized("Stepgate was switched off in this account.", code="installation_disabled")
    return viewer


async def require_admin(viewer: Annotated[SessionViewer, Depends(current_viewer)]) -> SessionViewer:
    """An administrator of the CRM account. Raises Forbidden for anybody else."""
    if not viewer.is_admin:
        raise Forbidden(code="admin_only")
    return viewer


CurrentServices = Annotated[Services, Depends(current_services)]
CurrentViewer = Annotated[SessionViewer, Depends(current_viewer)]
CurrentAdmin = Annotated[SessionViewer, Depends(require_admin)]
