"""The account's admin at the settings page, by the same calls as the page makes."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.demo.home import DemoError
from app.demo.processes import Started

BACKFILL_LIMIT = 900.0


class Admin:
    """Logs in by the CRM's one-time token and asks as the page does."""

    def __init__(self, http: httpx.Client, public_url: str, crm: str, scenario: Any) -> None:
        self._http, self._url, self._crm, self._scenario = http, public_url, crm, scenario
        self._token, self._good_until = "", 0.0

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """One call of the settings page. Raises DemoError with the refusal's sentence."""
        if time.monotonic() > self._good_until:
            self._log_in()
        bearer = {"Authorization": f"Bearer {self._token}"}
        answer = self._http.request(
            method, f"{self._url}/api/v1{path}", json=body, headers=bearer | dict(headers or {})
        )
        if answer.is_error:
            raise DemoError(f"{method} {path}: {_sentence(answer)}")
        return answer.json() if answer.content else None

    def _log_in(self) -> None:
        proof = {"X-Auth-Token": self._scenario.viewer_token(self._http)}
        answer = self._http.post(f"{self._url}/api/v1/session", params={"crm": self._crm}, headers=proof)
        if answer.is_error:
            raise DemoError(f"Stepgate does not let the admin in: {_sentence(answer)}")
        self._token, self._good_until = answer.json()["token"], time.monotonic() + 120


def follow_backfill(admin: Admin, started: Started, console: Console, title: str) -> None:
    """Show the reading of the past until it is done. Raises DemoError."""
    columns = (
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    deadline = time.monotonic() + BACKFILL_LIMIT
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("backfill", total=None)
        while time.monotonic() < deadline:
            status = admin.ask("GET", "/status")["backfill"] or {}
            bar.update(task, completed=status.get("done", 0), total=status.get("total") or None)
            if status.get("state") == "done":
                return
            if status.get("state") == "failed":
                raise DemoError("The account's past could not be read; the log says why.")
            started.check()
            time.sleep(0.5)
    raise DemoError("Reading the account's past takes too long; the log says why.")


def publish(admin: Admin, started: Started, gated_stage: str, *, from_log: bool) -> None:
    """Publish the proposed mapping of the main pipeline and make the gate on `gated_stage` strict.

    An event log has stages of any name: there every stage becomes a step of its own.
    """
    pipelines = admin.ask("GET", "/catalog")["pipelines"]
    main = next((item for item in pipelines if item["is_main"]), pipelines[0])
    path = f"/pipelines/{main['id']}"
    proposed = admin.ask("POST", f"{path}/funnel/propose", {"template": "as_is" if from_log else None})
    admin.ask(
        "POST", f"{path}/funnel/publish", {"note": ""}, {"If-Match": str(proposed["draft"]["revision"])}
    )
    stage = next((item for item in main["stages"] if item["title"] == gated_stage), None)
    if stage and not from_log:
        admin.ask("POST", f"{path}/gates/{stage['id']}/mode", {"mode": "enforce", "segment_key": None})
    started.wait_for(
        lambda: not _report(admin, main["id"])["is_rebuilding"], "The report is not ready", BACKFILL_LIMIT
    )


def _report(admin: Admin, pipeline_id: str) -> Any:
    return admin.ask("GET", f"/reports/conversion?pipeline_id={pipeline_id}")


def _sentence(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["sentence"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"
