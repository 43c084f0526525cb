"""Who may see the machine's own pages: metrics and the description of the interface."""

import hmac

from starlette.requests import Request

from app.config import Settings
from app.errors import NotFound

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def check_operator(request: Request, settings: Settings) -> None:
    """Raises NotFound, as for a page that does not exist, unless the operator himself asks.

    With a token set, only the token counts: behind a proxy on this machine every request of the
    world comes from the loopback address. For the same reason a forwarded request never counts
    as local.
    """
    if settings.metrics_token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        wanted = settings.metrics_token.get_secret_value()
        if hmac.compare_digest(given.encode(), wanted.encode()):
            return
        raise NotFound
    is_forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    if is_forwarded or request.client is None or request.client.host not in LOOPBACK:
        raise NotFound
