"""How the demo starts this account and what its admin clicks to install Stepgate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

CLIENT_ID = str(UUID(int=0x57E96A7E_0000_4000_8000_000000000001))
CLIENT_SECRET = "sandbox-secret-of-the-demo-" + "0" * 37
GATED_STAGE = "КП отправлено"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated account beside one Stepgate: what to start it with, and its admin's clicks.

    `environment` are the product's settings, `arguments` follow `stepgate sandbox NAME`.
    """

    crm: str
    origin: str
    environment: Mapping[str, str]
    arguments: Sequence[str]
    gated_stage: str = GATED_STAGE
    needs_archive: bool = True

    @property
    def board_url(self) -> str:
        """Where the visitor begins."""
        return f"{self.origin}/"

    def install(self, http: httpx.Client) -> None:
        """Switch the integration on: the account's server calls Stepgate with a code.

        Raises httpx.HTTPError when the account or Stepgate refuses.
        """
        answer = self._ask(http, "POST", f"/sandbox/api/integrations/{CLIENT_ID}/install", {})
        if answer.get("redirect_status", 500) >= 400:
            raise httpx.HTTPError(f"Stepgate refused the installation: {answer.get('redirect_status')}")

    def viewer_token(self, http: httpx.Client) -> str:
        """A one-time token of the account's admin, as the page's script gets it."""
        return str(
            self._ask(http, "POST", f"/sandbox/api/integrations/{CLIENT_ID}/disposable_token", {})["token"]
        )

    def _ask(self, http: httpx.Client, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = http.request(method, self.origin + path, json=body, headers=self._as_admin(http))
        answer.raise_for_status()
        parsed = answer.json()
        return parsed if isinstance(parsed, dict) else {}

    def _as_admin(self, http: httpx.Client) -> Mapping[str, str]:
        users = http.get(self.origin + "/sandbox/api/bootstrap").raise_for_status().json()["users"]
        admin = next(user for user in users if user["is_admin"] and user["is_active"])
        return {"X-Sandbox-User": str(admin["id"])}


def prepare(
    *, port: int, public_url: str, archive: Path, seed: int, leads: int, log: Path | None
) -> Scenario:
    """An account on `port` of this machine, for a Stepgate at `public_url`.

    `archive` is the widget archive to upload, `seed` the number that `leads` leads grow from, `log`
    an event log to load instead.
    """
    origin = f"http://127.0.0.1:{port}"
    callback = f"{public_url}/oauth/amocrm"
    arguments = ["--port", str(port), "--seed", str(seed), "--leads", str(leads), "--client-id", CLIENT_ID]
    arguments += ["--client-secret", CLIENT_SECRET, "--redirect-uri", f"{callback}/callback"]
    arguments += ["--disable-hook-uri", f"{callback}/removed"]
    arguments += ["--widget-archive", str(archive)]
    arguments += ["--log", str(log)] if log else []
    environment = {
        "STEPGATE_SANDBOX_ORIGINS": origin,
        "STEPGATE_AMOCRM_CLIENT_ID": CLIENT_ID,
        "STEPGATE_AMOCRM_CLIENT_SECRET": CLIENT_SECRET,
    }
    return Scenario("amocrm", origin, environment, arguments)
