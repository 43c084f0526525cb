"""Which hosts may be a portal or its authorisation server. Tokens and the app's secret go nowhere else."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from app.errors import BadRequest

ZONES = (
    "ru", "com", "by", "kz", "ua", "uz", "eu", "de", "fr", "es", "it", "pl", "uk", "in", "cn", "jp", "vn",
    "id", "tr", "mx", "co", "la", "site", "tech", "com.br", "com.tr", "com.au",
)  # fmt: skip
CLOUD_HOST = re.compile(
    rf"(?P<label>[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?)\.bitrix24\.(?:{'|'.join(map(re.escape, ZONES))})"
)
AUTH_HOSTS = ("oauth.bitrix.info", "oauth.bitrix24.tech")
"""The world's and the Russian region's. https://apidocs.bitrix24.com/settings/oauth/index.html"""

REST = "/rest/"


class HostList:
    """The vendor's domains, the operator's own portals and his trusted origins (`http://127.0.0.1:9200`)."""

    def __init__(self, trusted_origins: Sequence[str], box_hosts: Sequence[str] = ()) -> None:
        self._trusted = {urlsplit(origin).netloc: origin for origin in trusted_origins}
        self._boxes = frozenset(box_hosts)

    def check(self, host: str) -> str:
        """The host as we keep it. Raises BadRequest for any host that is no portal's."""
        if host in self._trusted or host in self._boxes:
            return host
        found = CLOUD_HOST.fullmatch(host) if len(host) <= 255 else None
        if found is None or found["label"] in ("www", "oauth", "auth", "api", "helpdesk"):
            raise BadRequest("This address is not a CRM account's.", code="host_not_allowed")
        return host

    def is_box(self, host: str) -> bool:
        """True for a portal on somebody's own server."""
        return host in self._boxes

    def origin(self, host: str) -> str:
        """The origin to call for a host. Raises BadRequest as `check` does."""
        return self._trusted.get(self.check(host)) or f"https://{host}"

    def host_of(self, address: str) -> str:
        """The host of an address such as `https://example.bitrix24.ru/rest/`. Raises BadRequest."""
        try:
            parts = urlsplit(address)
            host = self.check(parts.netloc)
        except ValueError:
            raise BadRequest("This address is not a CRM account's.", code="host_not_allowed") from None
        if f"{parts.scheme}://{parts.netloc}" != self.origin(host):
            raise BadRequest("This address is not a CRM account's.", code="host_not_allowed")
        return host

    def auth_server(self, endpoint: str) -> str:
        """The address of an authorisation server without `rest/`, out of a `server_endpoint`.

        Only the vendor's two are allowed, and a path of a trusted origin. Raises BadRequest.
        """
        try:
            parts = urlsplit(endpoint)
        except ValueError:
            parts = urlsplit("")
        base, is_rest = f"{parts.scheme}://{parts.netloc}", parts.path.endswith(REST)
        is_vendors = parts.netloc in AUTH_HOSTS and parts.scheme == "https" and parts.path == REST
        is_trusted = self._trusted.get(parts.netloc) == base and ".." not in parts.path
        if not is_rest or parts.query or parts.fragment or not (is_vendors or is_trusted):
            raise BadRequest("This is not the CRM's authorisation server.", code="server_not_allowed")
        return base + parts.path.removesuffix("rest/")

    def trusted_server(self, host: str) -> str:
        """The authorisation server of a trusted origin, under a path of it. Raises BadRequest."""
        origin = self._trusted.get(host)
        if origin is None:
            raise BadRequest("This is not the CRM's authorisation server.", code="server_not_allowed")
        return f"{origin}/auth-server/"
