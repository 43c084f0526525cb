"""A tiny server for the pages' tests: the built front end, canned API answers, and a CRM-like page around it.

Pages come from 127.0.0.1 and the surrounding page from localhost, so that the two are different origins.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from tests.browser import front_data
from tests.served import served

JSON = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "app" / "web"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
    "frame-ancestors http://localhost:*"
)
_MEDIA = {".js": "text/javascript", ".json": "application/json", ".png": "image/png"}


@dataclass
class FrontState:
    """What the API answers now; tests change it between steps. `calls` lists what pages asked."""

    checklist: JSON | None = field(default_factory=front_data.checklist)
    is_admin: bool = True
    has_lock: bool = False
    language: str = "ru"
    session_status: int = 200
    api_status: int = 200
    answers: dict[str, Callable[[Request, Any], JSON | Response]] = field(default_factory=dict)
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    session_languages: list[str] = field(default_factory=list)
    archive: dict[str, bytes] = field(default_factory=dict)
    is_closing: bool = False

    def session(self) -> JSON:
        """A session's answer, good for ten minutes."""
        ends = datetime.now(UTC) + timedelta(minutes=10)
        return {
            "token": f"session-{len(self.sessions)}",
            "expires_at": ends.isoformat(),
            "user": {"id": "5", "name": "Мария Ильина", "is_admin": self.is_admin},
            "account": {
                "title": "Пример",
                "crm": "amocrm",
                "language": self.language,
                "timezone": "Europe/Moscow",
                "has_lock": self.has_lock,
            },
        }


@dataclass(frozen=True)
class FrontServer:
    """A running server: `url` serves the pages, `crm_url` what stands around them."""

    port: int
    state: FrontState

    @property
    def url(self) -> str:
        """Where the pages come from."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def crm_url(self) -> str:
        """The same server under another origin."""
        return f"http://localhost:{self.port}"

    def standalone(self, view: str, **fragment: str) -> str:
        """The address of a page in a tab of its own."""
        parts = "&".join(f"{key}={value}" for key, value in {"token": "t", "deal": "7", **fragment}.items())
        return f"{self.url}/embed/amocrm/31415926/{view}#{parts}"


def front_app(state: FrontState) -> FastAPI:
    """The routes that the pages and the archive's script use."""
    app = FastAPI()
    app.mount("/assets", StaticFiles(directory=WEB / "assets"), name="assets")

    @app.get("/embed/{crm}/{account}/{view}")
    async def shell(crm: str, account: str, view: str) -> HTMLResponse:
        text = (WEB / f"{view}.html").read_text(encoding="utf-8")
        return HTMLResponse(text, headers={"Content-Security-Policy": CSP})

    @app.options("/api/v1/{path:path}")
    async def preflight(request: Request) -> Response:
        return Response(status_code=204, headers=_cors(request))

    @app.post("/api/v1/session")
    async def session(request: Request) -> Response:
        state.sessions.append(request.headers.get("x-auth-token", ""))
        state.session_languages.append(request.query_params.get("language", ""))
        body = state.session() if state.session_status == 200 else _error("no_session")
        return JSONResponse(body, status_code=state.session_status, headers=_cors(request))

    @app.post("/api/v1/session/renew")
    async def renew() -> JSON:
        return state.session()

    @app.get("/api/v1/deals/{deal_id}/checklist")
    async def read_checklist(deal_id: str, after: str = "") -> Response:
        return await _checklist(state, deal_id, after)

    @app.api_route("/api/v1/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def anything(request: Request, path: str) -> Response:
        return await _answer(state, request, path)

    _add_crm_routes(app, state)
    return app


def _add_crm_routes(app: FastAPI, state: FrontState) -> None:
    from xstatic.pkg import jquery

    @app.get("/crm/jquery.js")
    async def jquery_file() -> FileResponse:
        return FileResponse(Path(jquery.BASE_DIR) / "jquery.js")

    @app.get("/crm/{name}")
    async def crm_file(name: Literal["crm_page.html", "crm_page.js"]) -> FileResponse:
        return FileResponse(Path(__file__).with_name(name))

    @app.get("/widgets/stepgate/{name:path}")
    async def widget_file(name: str) -> Response:
        return Response(state.archive[name], media_type=_MEDIA.get(Path(name).suffix))


async def _checklist(state: FrontState, deal_id: str, after: str) -> Response:
    for _ in range(400):
        if state.api_status != 200:
            return JSONResponse(_error("trouble"), status_code=state.api_status)
        if state.checklist is None:
            return JSONResponse(_error("not_found"), status_code=404)
        if state.checklist["revision"] != after:
            body = {**state.checklist, "deal": {**state.checklist["deal"], "id": deal_id}}
            return JSONResponse(body)
        if state.is_closing:
            break
        await asyncio.sleep(0.05)
    return Response(status_code=304)


async def _answer(state: FrontState, request: Request, path: str) -> Response:
    body = await request.json() if await request.body() else None
    state.calls.append((request.method, path, body))
    answer = state.answers.get(f"{request.method} {path}")
    if answer is None:
        return JSONResponse(_error("not_found"), status_code=404)
    result = answer(request, body)
    return result if isinstance(result, Response) else JSONResponse(result)


def _error(code: str) -> JSON:
    return {"error": {"code": code, "sentence": "", "problems": [], "id": "e-1"}}


def _cors(request: Request) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": request.headers.get("origin", ""),
        "Access-Control-Allow-Headers": "X-Auth-Token, Content-Type",
        "Access-Control-Allow-Methods": "POST",
    }


@contextmanager
def serving(state: FrontState | None = None) -> Iterator[FrontServer]:
    """Serve in a thread until the block ends."""
    kept = state or FrontState()

    def close() -> None:
        kept.is_closing = True

    with served(front_app(kept), on_end=close) as thread:
        yield FrontServer(thread.port, kept)


def answering(body: Any) -> Callable[[Request, Any], Any]:
    """An answer that is always the same."""

    def answer(_request: Request, _body: Any) -> Any:
        return body

    return answer
