"""The application: what is open while it runs, its routes, and what surrounds them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from sqlalchemy import Connection

import app.analytics.routes
import app.backfill.routes
import app.checklist.objection_routes
import app.checklist.routes
import app.frontdoor.frames
import app.frontdoor.health
import app.frontdoor.pages
import app.frontdoor.parked
import app.frontdoor.status
import app.funnels.routes
import app.funnels.transfer.routes
import app.installations.consent_routes
import app.installations.routes
import app.lock.routes
from app.config import Settings
from app.db.engine import open_database
from app.frontdoor.body_limit import BodyLimit
from app.frontdoor.cors import SessionCors
from app.frontdoor.errors import LastGuard, handle_errors
from app.frontdoor.guard import check_operator
from app.frontdoor.headers import SecurityHeaders
from app.frontdoor.pages import Assets
from app.inbox.routes import DoorFirst, build_door
from app.installations.services import Services
from app.installations.store import InstallationState, list_installations
from app.observability import RequestLog, get_logger
from app.wiring import Parts, build_services, build_worker, real_parts

log = get_logger("process")
MAX_BODY = 1024 * 1024
ROUTERS: Sequence[APIRouter] = (
    app.frontdoor.health.router,
    app.frontdoor.pages.router,
    app.frontdoor.frames.router,
    app.installations.routes.router,
    app.installations.consent_routes.router,
    app.frontdoor.status.router,
    app.frontdoor.parked.router,
    app.funnels.routes.router,
    app.funnels.transfer.routes.router,
    app.checklist.routes.router,
    app.checklist.objection_routes.router,
    app.lock.routes.router,
    app.backfill.routes.router,
    app.analytics.routes.router,
)


def create_app(settings: Settings, parts: Parts | None = None) -> FastAPI:
    """The application of these settings. `parts` replace adapters and clock in tests.

    Raises ConfigError for an adapter's settings. The database is opened by the lifespan, and must
    have been migrated before.
    """
    chosen = parts or real_parts(settings)

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        db = open_database(settings.database)
        services = build_services(settings, db, chosen)
        worker = build_worker(services, lanes=settings.workers) if settings.workers else None
        door = build_door(db, chosen.registry, services.vault, chosen.clock, worker)
        api.state.services, api.state.door = services, door
        try:
            await services.keeper.recover()
            if worker:
                await worker.take_over()
                worker.start()
            yield
        finally:
            await door.close()
            if worker:
                await worker.stop()
            await services.close()
            log.info("stopped")

    api = DoorFirst(
        title="Stepgate",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
    )
    for router in ROUTERS:
        api.include_router(router)
    api.mount("/assets", Assets(), name="assets")
    _describe(api, settings)
    handle_errors(api)
    _surround(api, settings, chosen)
    return api


def _surround(api: FastAPI, settings: Settings, parts: Parts) -> None:
    """Middleware, the innermost first."""

    async def origins() -> frozenset[str]:
        services: Services = api.state.services
        return await services.db.read(lambda conn: embedding_origins(conn, services))

    api.add_middleware(BodyLimit, most_bytes=MAX_BODY)
    api.add_middleware(SessionCors, origins=origins, clock=parts.clock)
    api.add_middleware(LastGuard)
    api.add_middleware(SecurityHeaders, is_https=settings.public_url.startswith("https:"))
    api.add_middleware(RequestLog)


def embedding_origins(conn: Connection, services: Services) -> frozenset[str]:
    """The origins of the CRM pages that may ask for a session: those of connected accounts."""
    return frozenset(
        origin
        for known in list_installations(conn)
        if known.state is not InstallationState.DISABLED and known.crm in services.registry
        for origin in services.registry[known.crm].widget.embed_origins(known.host)
    )


def _describe(api: FastAPI, settings: Settings) -> None:
    @api.get("/openapi.json", include_in_schema=False)
    async def description(request: Request) -> Response:
        """The interface in OpenAPI, for the operator only."""
        check_operator(request, settings)
        return JSONResponse(api.openapi())


def _operation_id(route: APIRoute) -> str:
    head, *tail = route.name.split("_")
    return head + "".join(part.capitalize() for part in tail)
