"""Which hosts may be an amoCRM account. The client's secret and tokens go nowhere else."""

import re
from urllib.parse import urlsplit

from app.errors import BadRequest

ACCOUNT_HOST = re.compile(
    r"(?P<label>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.(?:amocrm\.ru|amocrm\.com|kommo\.com)"
)
"""`D/oauth/step-by-step` names these domains. https://www.amocrm.ru/developers/content/oauth/step-by-step"""


class HostList:
    """The vendor's domains and the operator's trusted origins (`http://127.0.0.1:9100`)."""

    def __init__(self, trusted_origins: tuple[str, ...]) -> None:
        self._trusted = {urlsplit(origin).netloc: origin for origin in trusted_origins}

    def check(self, host: str) -> str:
        """The host as we keep it. Raises BadRequest for any host that is no account's.

        A trusted origin is known by its host and port; a vendor's host has no port, no user, no
        trailing dot, and is lower-case ASCII.
        """
        if host in self._trusted:
            return host
        found = ACCOUNT_HOST.fullmatch(host) if len(host) <= 255 else None
        if found is None or found["label"] == "www":
            raise BadRequest("This address is not a CRM account's.", code="host_not_allowed")
        return host

    def origin(self, host: str) -> str:
        """The origin to call for a host. Raises BadRequest as `check` does."""
        return self._trusted.get(self.check(host)) or f"https://{host}"

    def consent_page(self, vendors: str) -> str:
        """Where consent is given: at the first trusted origin when there is one, else the vendor's."""
        return next((f"{origin}/oauth" for origin in self._trusted.values()), vendors)

    def host_of(self, address: str) -> str:
        """The host of an account's address such as `https://sub.amocrm.ru`. Raises BadRequest."""
        host = self.check(address.partition("://")[2])
        if self.origin(host) != address:
            raise BadRequest("This address is not a CRM account's.", code="host_not_allowed")
        return host
