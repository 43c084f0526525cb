"""What an event says: its envelope and the block that proves where it comes from."""

from app.sandbox.bitrix24.apps import ACCESS_SECONDS, App, Grant
from app.sandbox.bitrix24.model import Notice
from app.sandbox.bitrix24.state import PortalState

Body = dict[str, object]
MIXED = {
    "ONCRMDEALUPDATE": "onCrmDealUpdate",
    "ONCRMDEALADD": "onCrmDealAdd",
    "ONCRMDEALDELETE": "onCrmDealDelete",
    "ONCRMDEALMOVETOCATEGORY": "onCrmDealMoveToCategory",
    "ONCRMACTIVITYADD": "onCrmActivityAdd",
    "ONCRMACTIVITYUPDATE": "onCrmActivityUpdate",
    "ONCRMTIMELINECOMMENTADD": "onCrmTimelineCommentAdd",
    "ONVOXIMPLANTCALLEND": "OnVoximplantCallEnd",
    "ONTASKUPDATE": "OnTaskUpdate",
}


def body_of(portal: PortalState, notice: Notice, handler_id: int, auth: Body) -> Body:
    """The whole form of one event; `ts` is the second in which it was queued."""
    name = notice.event
    if portal.faults.event_name_case == "mixed":
        name = MIXED.get(name, name.lower())
    body: Body = {"event": name}
    if portal.faults.handler_id_in_events:
        body["event_handler_id"] = handler_id
    return body | {"data": notice.data, "ts": int(portal.now()), "auth": auth}


def auth_block(portal: PortalState, app: App, grant: Grant | None, *, with_refresh: bool = False) -> Body:
    """Who speaks, with tokens when a user stands behind the change."""
    faults = portal.faults
    block: Body = {"domain": portal_host(portal)}
    if grant is not None:
        late = 2 * ACCESS_SECONDS if faults.expired_event_tokens else 0
        grant.expires -= late
        block = {
            "access_token": grant.access,
            "expires": int(grant.expires),
            "expires_in": ACCESS_SECONDS,
            "scope": ",".join(app.scope),
            "domain": portal_host(portal),
            "server_endpoint": server_endpoint(portal),
            "status": app.status,
            "client_endpoint": client_endpoint(portal),
            "member_id": portal.member_id,
            "user_id": grant.user_id,
        }
        if with_refresh:
            block["refresh_token"] = grant.refresh
    else:
        if faults.lean_auth != "bare":
            block["client_endpoint"] = client_endpoint(portal)
            block["server_endpoint"] = server_endpoint(portal)
        block["member_id"] = portal.member_id
    if not faults.no_application_token:
        block["application_token"] = app.application_token
    return block


def portal_host(portal: PortalState) -> str:
    """The portal's domain as it is now, with its port."""
    return portal.faults.moved_to_host or portal.config.host


def client_endpoint(portal: PortalState) -> str:
    """Where REST is called."""
    scheme = portal.config.origin.split("://", 1)[0]
    return f"{scheme}://{portal_host(portal)}/rest/"


def server_endpoint(portal: PortalState) -> str:
    """Where the authorization server answers."""
    return f"{portal.config.auth_root}/rest/"
