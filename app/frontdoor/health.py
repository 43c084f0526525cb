"""Signs of life: the loop turns, the database takes writes at the schema that we expect."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.db.schema import is_at_head
from app.db.tables import lease
from app.db.upsert import upsert
from app.errors import Overloaded
from app.frontdoor.guard import check_operator
from app.installations.auth import CurrentServices
from app.installations.services import Services

router = APIRouter(include_in_schema=False)
PROBE = "probe"


@router.get("/livez")
async def live() -> PlainTextResponse:
    """The event loop turns."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def ready(services: CurrentServices) -> JSONResponse:
    """Requests can be served: 200, else 503 with what is missing."""
    problem = await find_problem(services)
    return JSONResponse({"ready": problem == "", "problem": problem}, 503 if problem else 200)


@router.get("/metrics")
async def metrics(request: Request, services: CurrentServices) -> Response:
    """Counters for Prometheus, for the operator only."""
    check_operator(request, services.settings)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def find_problem(services: Services) -> str:
    """A stable code of what stands in the way, or an empty string."""
    try:
        is_current = await services.db.read(is_at_head)
        if is_current:
            await services.db.write(lambda conn: _probe(conn, services))
    except (SQLAlchemyError, Overloaded, OSError):
        return "database"
    return "" if is_current else "schema"


def _probe(conn: Connection, services: Services) -> None:
    now = services.clock.now()
    upsert(conn, lease, {"name": PROBE}, {"owner": PROBE, "until": now + timedelta(seconds=1), "fence": 0})
