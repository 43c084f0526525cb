"""Who looks at our page: the token that the portal posts into the frame, checked where it cannot lie.

https://apidocs.bitrix24.com/api-reference/widgets/index.html
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.crm.adapters.bitrix24.hosts import HostList
from app.crm.adapters.bitrix24.proofs import DEFAULT_SERVERS, Prover
from app.crm.adapters.bitrix24.settings import Bitrix24Settings
from app.crm.errors import AuthExpired, Unsupported
from app.crm.port import Viewer
from app.errors import BadRequest, Unauthorized

LIFE = timedelta(hours=1)
TOKEN_LIMIT = 2048


def proof_of(server_endpoint: str, access_token: str) -> str:
    """A proof as `verify` takes it: the server's address, a space, the token; or the token alone."""
    return f"{server_endpoint} {access_token}".strip()


class Bitrix24WidgetAuth:
    """Believes nothing that was posted: the authorisation server says whose token it is."""

    def __init__(self, settings: Bitrix24Settings, hosts: HostList, prover: Prover) -> None:
        self._settings, self._hosts, self._prover = settings, hosts, prover

    async def verify(self, token: str, now: datetime, deal_id: str = "") -> Viewer:
        """The person behind a token of our own app, at his portal as the server names it.

        Raises Unauthorized whose code names the failed check, CrmError when nobody answers.
        """
        if not self._settings.is_configured:
            raise Unauthorized(code="crm_not_configured")
        servers, access = self._parts(token)
        try:
            owner = await self._prover.owner_anywhere(servers, access)
        except AuthExpired:
            raise Unauthorized("Reload the page.", code="token_refused") from None
        if owner.client_id != self._settings.client_id:
            raise Unauthorized(code="token_integration")
        try:
            person = await self._prover.person(owner, access, deal_id)
        except AuthExpired:
            raise Unauthorized("This person no longer works in the account.", code="user_inactive") from None
        except Unsupported:
            message = "Ask an administrator of the CRM to let you use Stepgate."
            raise Unauthorized(message, code="app_not_allowed") from None
        return Viewer(
            external_id=owner.member_id,
            host=owner.host,
            user_id=person.user_id,
            # The portal gives the same token for an hour, and it was good a moment ago.
            token_id=secrets.token_hex(16),
            expires_at=now + LIFE,
            name=person.name,
            is_admin=person.is_admin,
            deal_id=deal_id if person.may_read else "",
        )

    def embed_origins(self, host: str) -> Sequence[str]:
        """The portal's own origin; nobody else may frame our pages."""
        return [self._hosts.origin(host)]

    def _parts(self, token: str) -> tuple[tuple[str, ...], str]:
        endpoint, _, access = token.rpartition(" ")
        if not access or len(token) > TOKEN_LIMIT or not token.isascii() or not token.isprintable():
            raise Unauthorized(code="token_malformed")
        if not endpoint:
            return DEFAULT_SERVERS, access
        try:
            return (self._hosts.auth_server(endpoint),), access
        except BadRequest:
            raise Unauthorized(code="token_server") from None
