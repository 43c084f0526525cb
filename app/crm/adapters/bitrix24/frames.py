"""What the portal posts when it opens our page in a frame.

https://apidocs.bitrix24.com/settings/oauth/simple-way.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from app.crm.adapters.bitrix24.languages import language_of
from app.crm.adapters.bitrix24.widget_auth import proof_of
from app.crm.port import FrameOpening
from app.errors import BadRequest

ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
OPTIONS_LIMIT = 8192
INSTALL = (
    "AUTH_ID", "REFRESH_ID", "AUTH_EXPIRES", "SERVER_ENDPOINT", "APPLICATION_TOKEN", "member_id",
)  # fmt: skip


class Bitrix24Frames:
    """Pure reading of the posts of the app's page and of its places."""

    def read(self, query: Mapping[str, str], form: Mapping[str, str]) -> FrameOpening:
        """Whom and what the post names; nothing is proven by it. Raises BadRequest."""
        if not form.get("AUTH_ID"):
            raise BadRequest("Open this page from inside the CRM.", code="no_proof")
        return FrameOpening(
            proof=proof_of(form.get("SERVER_ENDPOINT", ""), form["AUTH_ID"]),
            host=query.get("DOMAIN", "")[:255],
            deal_id=_deal_id(form.get("PLACEMENT_OPTIONS", "")),
            language=language_of(query.get("LANG", "")),
            install=_install(query, form),
            hook_secret=form.get("APPLICATION_TOKEN", "")[:255],
        )


def _install(query: Mapping[str, str], form: Mapping[str, str]) -> dict[str, str]:
    """Only a post with a refresh token could connect the portal."""
    if not form.get("REFRESH_ID"):
        return {}
    given = {name: form[name] for name in INSTALL if form.get(name)}
    return {**given, "LANG": query["LANG"]} if query.get("LANG") else given


def _deal_id(options: str) -> str:
    """The deal of a place in its card; empty elsewhere, and for a card that was not saved yet."""
    try:
        found: Any = json.loads(options) if 0 < len(options) <= OPTIONS_LIMIT else {}
    except (ValueError, RecursionError):
        return ""
    deal_id = str(found.get("ID") or "") if isinstance(found, dict) else ""
    return deal_id if ID.fullmatch(deal_id) else ""
