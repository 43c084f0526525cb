"""Events that are not what they say: for the product to refuse.

https://apidocs.bitrix24.com/api-reference/events/safe-event-handlers.html
"""

from collections.abc import Callable

from app.sandbox.bitrix24.apps import App, Handler
from app.sandbox.bitrix24.event_bodies import Body, auth_block, body_of
from app.sandbox.bitrix24.model import DEAL, Notice
from app.sandbox.bitrix24.portal import Portal

FOREIGN_MEMBER = "f" * 32
FOREIGN_DOMAIN = "foreign.example.org"


def _wrong_token(auth: Body) -> Body:
    return auth | {"application_token": "0" * 32}


def _no_token(auth: Body) -> Body:
    return {name: value for name, value in auth.items() if name != "application_token"}


def _other_member(auth: Body) -> Body:
    return auth | {"member_id": FOREIGN_MEMBER}


def _foreign_portal(auth: Body) -> Body:
    """The right token, but everything else points to another portal."""
    return auth | {
        "domain": FOREIGN_DOMAIN,
        "client_endpoint": f"https://{FOREIGN_DOMAIN}/rest/",
        "server_endpoint": f"https://{FOREIGN_DOMAIN}/oauth/rest/",
    }


def _nobody(auth: Body) -> Body:
    del auth
    return {}


def _as_it_is(auth: Body) -> Body:
    """Nothing is wrong with it, except that it was sent before: a replay."""
    return auth


VARIANTS: dict[str, Callable[[Body], Body]] = {
    "wrong_token": _wrong_token,
    "no_token": _no_token,
    "other_member": _other_member,
    "foreign_portal": _foreign_portal,
    "no_auth": _nobody,
    "replayed": _as_it_is,
}


def forge(portal: Portal, app: App, variant: str, deal_id: int = 0) -> int:
    """Queue a forged ONCRMDEALUPDATE for the application's handlers; answers how many.

    Raises KeyError for an unknown variant.
    """
    change = VARIANTS[variant]
    number = deal_id or max(portal.items[DEAL], default=1)
    notice = Notice("ONCRMDEALUPDATE", {"FIELDS": {"ID": number}}, 1, portal.now(), "ui")
    handlers = [row for row in app.handlers if row.event == notice.event and not row.offline]
    for handler in handlers:
        _send(portal, app, handler, notice, change)
        if variant == "replayed":
            _send(portal, app, handler, notice, change)
    return len(handlers)


def _send(portal: Portal, app: App, handler: Handler, notice: Notice, change: Callable[[Body], Body]) -> None:
    grant = portal.apps.issue(app, app.installer_id)
    auth = change(auth_block(portal, app, grant))
    portal.events.push(handler.url, notice.event, body_of(portal, notice, handler.id, auth))
