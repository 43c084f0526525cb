"""Our pages inside the CRM: a shell that only this account's origins may frame, and its files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.errors import NotFound
from app.installations.auth import CurrentServices
from app.installations.store import InstallationState, find_installation

router = APIRouter(include_in_schema=False)
WEB = Path(__file__).resolve().parents[1] / "web"
ASSETS_POLICY = "default-src 'none'"
FOREVER = "public, max-age=31536000, immutable"
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Stepgate</title>
<p>The pages are not built yet. Run <code>make frontend</code> in the project's folder.</p></html>"""


@router.get("/embed/{crm}/{account_id}/{view}")
async def embed(
    crm: str, account_id: str, view: Literal["card", "settings", "panel"], services: CurrentServices
) -> Response:
    """The shell of a view. Who looks is proven later, by the session call."""
    adapter = services.adapter(crm)
    known = await services.db.read(lambda conn: find_installation(conn, crm, account_id[:64]))
    if known is None or known.state is InstallationState.DISABLED:
        raise NotFound("Stepgate is not connected to this account.", code="installation_unknown")
    policy = page_policy(adapter.widget.embed_origins(known.host))
    shell = WEB / f"{view}.html"
    if not shell.is_file():
        return HTMLResponse(NOT_BUILT, 503, {"content-security-policy": policy})
    return HTMLResponse(shell.read_text("utf-8"), headers={"content-security-policy": policy})


def page_policy(ancestors: Sequence[str]) -> str:
    """The Content-Security-Policy of a page: our own files only, framed by these origins only."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
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
