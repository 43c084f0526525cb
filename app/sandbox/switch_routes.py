"""Where the pages and the tests of a simulated CRM turn its switches."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request

from app.sandbox.page_forms import Json, UiError, form_of
from app.sandbox.switches import Switches


def switch_routes(switches_of: Callable[[Request], Switches]) -> APIRouter:
    """GET, PATCH and DELETE /sandbox/faults, and what DELETE goes back to."""
    router = APIRouter(prefix="/sandbox")

    @router.get("/faults")
    async def read(request: Request) -> Json:
        """All switches with their values."""
        return switches_of(request).as_dict()

    @router.get("/faults/defaults")
    async def read_defaults(request: Request) -> Json:
        """What the server was started with, and what the switches with few values take."""
        switches = switches_of(request)
        return {"values": switches.settled(), "choices": switches.choices}

    @router.patch("/faults")
    async def change(request: Request) -> Json:
        """Set switches by name; an unknown name or a value that does not fit changes nothing."""
        switches = switches_of(request)
        try:
            switches.update(await form_of(request))
        except ValueError as wrong:
            raise UiError(422, "bad_switch", str(wrong)) from None
        return switches.as_dict()

    @router.delete("/faults")
    async def reset(request: Request) -> Json:
        """All switches back to what the server was started with."""
        switches = switches_of(request)
        switches.reset()
        return switches.as_dict()

    return router
