"""How the application is served: the server's settings and its connections."""

import uvicorn
from fastapi import FastAPI

from app.checklist.routes import CLOSING
from app.config import Settings
from app.frontdoor.connections import ConnectionLimits, Connections, Proxies, within_open_files
from app.frontdoor.protocol import protocol_of

GRACE_SECONDS = 25


def server_config(api: FastAPI, settings: Settings) -> uvicorn.Config:
    """The server of the application, with limits on connections but not on hooks."""

    def tell_who_waits() -> None:
        setattr(api.state, CLOSING, True)

    connections = Connections(
        within_open_files(ConnectionLimits()), Proxies(settings.trusted_proxies), tell_who_waits
    )
    return uvicorn.Config(
        api,
        http=protocol_of(connections),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
