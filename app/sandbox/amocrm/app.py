"""The sandbox as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.staticfiles import StaticFiles

from app.sandbox.amocrm import oauth
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.config import SandboxConfig
from app.sandbox.amocrm.gate import Gate
from app.sandbox.amocrm.model import Refused
from app.sandbox.amocrm.rest import account as account_routes
from app.sandbox.amocrm.rest import (
    calls,
    catalog,
    contacts,
    events,
    leads,
    leads_write,
    links,
    notes,
    talks,
    tasks,
    unsorted,
    widgets,
)
from app.sandbox.amocrm.rest.wire import Invalid, Problem, account_of, invalid, problem
from app.sandbox.amocrm.ui import actions, board, integrations, stream
from app.sandbox.page_forms import UiError, ui_error
from app.sandbox.switch_routes import switch_routes

WEB = Path(__file__).parent / "web"
ROUTERS = (
    oauth.router,
    account_routes.router,
    catalog.router,
    calls.router,
    talks.router,
    widgets.router,
    links.router,
    unsorted.router,
    leads.router,
    leads_write.router,
    contacts.router,
    notes.router,
    tasks.router,
    events.router,
    board.router,
    actions.router,
    integrations.router,
    stream.router,
    switch_routes(lambda request: account_of(request).faults),
)


def create_sandbox(config: SandboxConfig | None = None, account: Account | None = None) -> FastAPI:
    """An application around an account (an empty one unless given); it lies at `app.state.account`.

    Webhooks are delivered in the background while the application's lifespan runs; without
    it, or with a test's clock, `await app.state.account.webhooks.drain()` delivers what is due.
    """
    kept = account or Account.empty(config)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if kept.config.background:
            kept.webhooks.start()
        yield
        kept.closing = True
        await kept.webhooks.stop()

    app = FastAPI(title="Sandbox amoCRM", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.account = kept
    for router in ROUTERS:
        app.include_router(router)
    _handle_errors(app)
    app.add_middleware(Gate, account=kept)
    _serve_pages(app)
    return app


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def on_problem(_: Request, error: Problem) -> Response:
        return problem(error.status, error.title, error.detail)

    @app.exception_handler(Invalid)
    async def on_invalid(_: Request, error: Invalid) -> Response:
        return invalid(error)

    @app.exception_handler(UiError)
    async def on_ui_error(_: Request, error: UiError) -> Response:
        return ui_error(error)

    @app.exception_handler(Refused)
    async def on_refused(request: Request, error: Refused) -> Response:
        if request.url.path.startswith("/sandbox/"):
            status = 404 if error.code == "NotFound" else 422
            return ui_error(UiError(status, error.code, error.detail))
        return invalid(Invalid(("0", error.code, error.path, error.detail)))

    @app.exception_handler(HTTPException)
    async def on_unknown(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def on_bad_path(request: Request, error: RequestValidationError) -> Response:
        if request.url.path.startswith("/sandbox/"):
            where = ", ".join(str(part) for part in error.errors()[0]["loc"])
            return ui_error(UiError(422, "bad_value", f"Неверное значение: {where}."))
        return problem(404, "Not Found", "Not Found")


def _serve_pages(app: FastAPI) -> None:
    """The browser pages when they are there, and the one library that widgets ask for."""

    @app.get("/vendor/jquery.js")
    async def jquery() -> Response:
        try:
            from xstatic.pkg import jquery as package
        except ImportError:
            return Response("The package XStatic-jQuery is not installed.", 404)
        script = Path(package.BASE_DIR) / "jquery.min.js"
        return Response(script.read_bytes(), media_type="text/javascript")

    @app.get("/leads/detail/{lead_id:int}")
    async def card_address(lead_id: int) -> Response:
        """The address of a card as the vendor's pages have it: widgets open cards by it."""
        return RedirectResponse(f"/#/leads/{lead_id}")

    if WEB.is_dir():
        app.mount("/", StaticFiles(directory=WEB, html=True), name="pages")
