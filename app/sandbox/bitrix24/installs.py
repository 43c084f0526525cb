"""Installing, updating and removing an application, and what its pages are posted.

https://apidocs.bitrix24.com/settings/app-installation/installation-finish.html
https://apidocs.bitrix24.com/settings/app-uninstallation.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from app.sandbox.bitrix24.apps import ACCESS_SECONDS, App, Grant
from app.sandbox.bitrix24.event_bodies import Body, auth_block, portal_host, server_endpoint
from app.sandbox.bitrix24.model import User
from app.sandbox.bitrix24.portal import Portal

DEFAULT = "DEFAULT"
BARE_GET = "BI_ANALYTICS_MENU"


@dataclass(frozen=True, slots=True)
class PageForm:
    """What the portal's page sends into an application's frame: by POST, except for one place."""

    method: str
    url: str
    fields: dict[str, str]


def add_app(portal: Portal, app: App, user_id: int) -> None:
    """An administrator adds the application.

    One without pages hears of it at once by an ONAPPINSTALL; one with pages must be opened by the
    administrator and finish by itself from the browser.
    """
    grant = portal.apps.add(app, user_id)
    if not app.has_pages:
        _push_install(portal, app, grant, app.install_url)


def finish_install(portal: Portal, app: App) -> None:
    """The application's page has called installFinish: from now on it gets events and is seen."""
    if app.installed or not app.present:
        return
    app.installed = True
    grant = portal.apps.issue(app, app.installer_id)
    for handler in [row for row in app.handlers if row.event == "ONAPPINSTALL" and not row.offline]:
        _push_install(portal, app, grant, handler.url)


def _push_install(portal: Portal, app: App, grant: Grant, url: str) -> None:
    data: Body = {"VERSION": app.version, "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "ru"}
    delay = portal.faults.install_event_delay
    _push(portal, "ONAPPINSTALL", data, auth_block(portal, app, grant, with_refresh=True), url, delay)


def _push(portal: Portal, event: str, data: Body, auth: Body, url: str, delay: float = 0.0) -> None:
    body: Body = {"event": event, "data": data, "ts": int(portal.now()), "auth": auth}
    portal.events.push(url, event, body, delay)


def update_app(portal: Portal, app: App, *, scope: str = "") -> None:
    """A new version arrives: handlers are told, then gone."""
    grant = portal.apps.issue(app, app.installer_id)
    data: Body = {"PREVIOUS_VERSION": app.version, "VERSION": app.version + 1, "LANGUAGE_ID": "ru"}
    for url in _urls(app, "ONAPPUPDATE"):
        _push(portal, "ONAPPUPDATE", data, auth_block(portal, app, grant, with_refresh=True), url)
    portal.apps.update(app, scope=scope)


def remove_app(portal: Portal, app: App, *, clean: bool) -> None:
    """The application is deleted; `clean` is what the administrator said about its data."""
    data: Body = {"CLEAN": int(clean), "LANGUAGE_ID": "ru"}
    auth = auth_block(portal, app, None)
    for url in _urls(app, "ONAPPUNINSTALL"):
        _push(portal, "ONAPPUNINSTALL", data, auth, url)
    portal.apps.remove(app)


def _urls(app: App, event: str) -> list[str]:
    return [row.url for row in app.handlers if row.event == event and not row.offline]


def page_form(
    portal: Portal,
    app: App,
    user: User,
    *,
    placement: str = DEFAULT,
    options: Mapping[str, object] | None = None,
    handler: str = "",
    lang: str = "",
) -> PageForm:
    """What is posted when a person opens the application's page or one of its places."""
    faults = portal.faults
    url = handler or (app.handler_url if app.installed else app.install_url)
    if placement == BARE_GET:
        return PageForm("GET", url, {})
    grant = portal.apps.issue(app, user.id)
    if faults.post_expired_token:
        grant.expires -= 2 * ACCESS_SECONDS
    query = {
        "DOMAIN": faults.post_foreign_domain or portal_host(portal),
        "PROTOCOL": str(int(portal.config.is_secure)),
        "LANG": lang or user.lang,
        "APP_SID": f"{portal.rng.getrandbits(128):032x}",
    }
    fields = {
        "AUTH_ID": grant.access,
        "AUTH_EXPIRES": str(ACCESS_SECONDS),
        "REFRESH_ID": grant.refresh,
        "SERVER_ENDPOINT": server_endpoint(portal),
        "APPLICATION_TOKEN": app.application_token,
        "APPLICATION_SCOPE": ",".join(app.scope),
        "member_id": portal.member_id,
        "status": app.status,
        "PLACEMENT": placement,
    }
    if not faults.post_application_token:
        del fields["APPLICATION_TOKEN"]
    if faults.post_options != "none":
        fields["PLACEMENT_OPTIONS"] = json.dumps(_options(portal, placement, options), ensure_ascii=False)
    mark = "&" if "?" in url else "?"
    return PageForm("POST", f"{url}{mark}{urlencode(query)}", fields)


def _options(portal: Portal, placement: str, options: Mapping[str, object] | None) -> Body:
    found: Body = dict(options or {})
    if placement == DEFAULT:
        return found or {"any": "5/"}
    if portal.faults.post_options == "foreign" and "ID" in found:
        found["ID"] = str(max(portal.items[2], default=0))
    where = f"/crm/deal/details/{found['ID']}/" if "ID" in found else "/crm/"
    return found | {"URI": f"{where}?IFRAME=Y&IFRAME_TYPE=SIDE_SLIDER"}
