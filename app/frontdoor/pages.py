"""Our pages inside the CRM: a shell that only this account's origins may frame, and its files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.installations.auth import CurrentServices
from app.installations.plain_page import STYLE_SOURCE, plain_page
from app.installations.store import InstallationState, find_installation

router = APIRouter(include_in_schema=False)
VIEWS = frozenset({"card", "settings", "panel"})
WEB = Path(__file__).resolve().parents[1] / "web"
ASSETS_POLICY = "default-src 'none'"
FOREVER = "public, max-age=31536000, immutable"
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Stepgate</title>
<p>The pages are not built yet. Run <code>make frontend</code> in the project's folder.</p></html>"""

NOTES: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "unknown": "Stepgate не подключён к этому аккаунту. Его подключает администратор в настройках CRM.",
        "no_view": "Такой страницы у Stepgate нет. Откройте карточку сделки или настройки Stepgate.",
    },
    "en": {
        "unknown": "Stepgate is not connected to this account. An administrator connects it in the CRM.",
        "no_view": "Stepgate has no such page. Open a deal or Stepgate's settings.",
    },
}


@router.get("/embed/{crm}/{account_id}/{view}")
async def embed(
    crm: str, account_id: str, view: str, request: Request, services: CurrentServices
) -> Response:
    """The shell of a view. Who looks is proven later, by the session call."""
    adapter = services.registry.get(crm)
    known = await services.db.read(lambda conn: find_installation(conn, crm, account_id[:64]))
    if known is None or adapter is None:
        return _note(request, "unknown", page_policy(()))
    policy = page_policy(adapter.widget.embed_origins(known.host))
    if known.state is InstallationState.DISABLED:
        return _note(request, "unknown", policy)
    if view not in VIEWS:
        return _note(request, "no_view", policy)
    shell = WEB / f"{view}.html"
    if not shell.is_file():
        return HTMLResponse(NOT_BUILT, 503, {"content-security-policy": policy})
    return HTMLResponse(shell.read_text("utf-8"), headers={"content-security-policy": policy})


def _note(request: Request, key: str, policy: str) -> HTMLResponse:
    """A page with a sentence instead of a view: whoever sees it is a person in a frame."""
    told = request.query_params.get("language") or request.headers.get("accept-language", "ru")
    language = "en" if told.lower().startswith("en") else "ru"
    return HTMLResponse(plain_page(language, NOTES[language][key]), 404, {"content-security-policy": policy})


def page_policy(ancestors: Sequence[str], form_action: str = "'none'") -> str:
    """The Content-Security-Policy of a page: our own files only, framed by these origins only.

    A page that was posted may post itself again when it is reloaded, if `form_action` lets it.
    """
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' {STYLE_SOURCE}; connect-src 'self'; "
        f"font-src 'self'; img-src 'self' data:; base-uri 'none'; form-action {form_action}; "
        "require-trusted-types-for 'script'; "
        f"frame-ancestors {' '.join(ancestors) or chr(39) + 'none' + chr(39)}"
    )


class Assets(StaticFiles):
    """The built files: their names carry a hash of their content, so they are kept for ever."""

    def __init__(self) -> None:
        super().__init__(directory=WEB / "assets", check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or a 404 that is not kept."""
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["cache-control"] = FOREVER
            response.headers["content-security-policy"] = ASSETS_POLICY
        return response
