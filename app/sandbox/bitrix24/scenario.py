"""How the demo starts this portal and what its admin clicks to install Stepgate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

CLIENT_ID = "local.57e96a7e000001.10000001"
CLIENT_SECRET = "sandbox-secret-of-the-demo-" + "0" * 23
GATED_STAGE = "КП отправлено"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated portal beside one Stepgate: what to start it with, and its admin's clicks.

    `environment` are the product's settings, `arguments` follow `stepgate sandbox NAME`.
    """

    crm: str
    origin: str
    environment: Mapping[str, str]
    arguments: Sequence[str]
    gated_stage: str = GATED_STAGE
    needs_archive: bool = False

    @property
    def board_url(self) -> str:
        """Where the visitor begins."""
        return f"{self.origin}/"

    def install(self, http: httpx.Client) -> None:
        """Add the application and open its install page as the admin's browser does.

        The page posts the frame's form to Stepgate and then says that the installation is finished.
        Raises httpx.HTTPError when the portal or Stepgate refuses.
        """
        self._ask(http, "POST", f"/sandbox/api/apps/{CLIENT_ID}/add")
        form = self._ask(http, "GET", f"/sandbox/api/apps/{CLIENT_ID}/form")
        http.post(form["url"], data=form["fields"]).raise_for_status()
        self._ask(http, "POST", f"/sandbox/api/apps/{CLIENT_ID}/install_finish")

    def viewer_token(self, http: httpx.Client) -> str:
        """An access token of the portal's admin after the address of its server, as the page sends it."""
        fields = self._ask(http, "GET", f"/sandbox/api/apps/{CLIENT_ID}/form")["fields"]
        return f"{fields['SERVER_ENDPOINT']} {fields['AUTH_ID']}"

    def _ask(self, http: httpx.Client, method: str, path: str) -> dict[str, Any]:
        answer = http.request(method, self.origin + path)
        answer.raise_for_status()
        parsed = answer.json()
        return parsed if isinstance(parsed, dict) else {}


def prepare(
    *, port: int, public_url: str, archive: Path, seed: int, leads: int, log: Path | None
) -> Scenario:
    """A portal on `port` of this machine, for a Stepgate at `public_url`.

    `seed` is the number that `leads` deals grow from; `archive` is not needed: the portal shows pages
    that Stepgate serves. `log` is an event log to load instead.
    """
    del archive
    origin = f"http://127.0.0.1:{port}"
    arguments = [
        "--plan",
        "ent",
        "--port",
        str(port),
        "--seed",
        str(seed),
        "--deals",
        str(leads),
        "--client-id",
        CLIENT_ID,
    ]
    pages = f"{public_url}/frame/bitrix24"
    arguments += ["--client-secret", CLIENT_SECRET, "--handler-url", f"{pages}/settings"]
    arguments += ["--install-url", f"{pages}/install"]
    arguments += ["--log", str(log)] if log else []
    environment = {
        "STEPGATE_SANDBOX_ORIGINS": origin,
        "STEPGATE_BITRIX24_CLIENT_ID": CLIENT_ID,
        "STEPGATE_BITRIX24_CLIENT_SECRET": CLIENT_SECRET,
    }
    return Scenario("bitrix24", origin, environment, arguments)
