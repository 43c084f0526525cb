"""A portal whose gate has a lock, and the people who set it up and try it through our pages' API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select

from app.crm.adapters.bitrix24.adapter import NAME
from app.db.tables import deal as deal_table
from app.db.tables import lock_trial, stage_move
from app.inbox.process import Processor
from app.lock.care import tend_trials
from app.wiring import PROJECTIONS
from tests.crm.bitrix24.gated import Gated
from tests.crm.bitrix24.kit import SERVER
from tests.crm.bitrix24.site import Site, make_site
from tests.mapping import checkpoint, gate, mapping
from tests.sandbox.bitrix24.role_kit import close_way, seller_role

NEW, PREPARING, OFFER, CONTRACT = "NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING"


@dataclass
class Keyring:
    """A portal with a gate on its third stage, and people who call our pages' API."""

    site: Site
    sessions: dict[int, str] = field(default_factory=dict)

    async def session(self, user_id: int, deal_id: str = "") -> str:
        """A fresh session of that person."""
        answer = await self.site.stepgate.http.post(
            f"/api/v1/session?crm={NAME}&deal_id={deal_id}", headers={"X-Auth-Token": self.proof(user_id)}
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def proof(self, user_id: int) -> str:
        """What the portal gives that person's page to prove him."""
        return f"{SERVER}rest/ {self.site.portal.apps.issue(self.site.app, user_id).access}"

    async def call(
        self, method: str, path: str, user_id: int = 0, proof: str = "", **more: Any
    ) -> httpx.Response:
        """A call of a page, by the administrator unless told otherwise."""
        token = await self.session(user_id or self.site.admin)
        headers = {"Authorization": f"Bearer {token}", **({"X-Auth-Token": proof} if proof else {})}
        return await self.site.stepgate.http.request(method, f"/api/v1/{path}", headers=headers, **more)

    async def lock(self) -> dict[str, Any]:
        """What the administrator's page shows."""
        answer = await self.call("GET", "lock?pipeline_id=0")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def stage(self) -> tuple[str, str]:
        """State and code of the only gate's lock."""
        [found] = (await self.lock())["stages"]
        return found["state"], found["code"]

    async def start(self, user_id: int = 0, stage: str = OFFER) -> httpx.Response:
        """The administrator starts a trial."""
        wish = {"pipeline_id": "0", "stage_id": stage, "user_id": str(user_id or self.site.seller)}
        return await self.call("POST", "lock/trials", json=wish)

    async def started(self) -> dict[str, Any]:
        """A trial that waits for the seller."""
        answer = await self.start()
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        assert found["state"] == "waiting"
        return found

    async def attempt(self, trial: dict[str, Any], user_id: int = 0, proof: str = "") -> httpx.Response:
        """The seller presses."""
        who = user_id or self.site.seller
        path = f"lock/trials/{trial['trial_id']}/attempt"
        return await self.call("POST", path, who, proof or self.proof(who))

    async def tried(self) -> dict[str, Any]:
        """A whole trial."""
        answer = await self.attempt(await self.started())
        assert answer.status_code == 200, answer.text
        await self.after_reading()
        found: dict[str, Any] = answer.json()
        return found

    async def note(self, trial: dict[str, Any]) -> dict[str, Any]:
        """What the card of the trial's deal tells the seller."""
        token = await self.session(self.site.seller, trial["deal_id"])
        card = await self.site.stepgate.http.get(
            f"/api/v1/deals/{trial['deal_id']}/checklist", headers={"Authorization": f"Bearer {token}"}
        )
        found: dict[str, Any] = card.json()["lock_trial"]
        return found

    async def after_reading(self) -> None:
        """The seller has had the time to read the answer."""
        self.site.clock.clock.advance(61)
        await self.tend()

    def close_all(self) -> None:
        """Set the seller's role as the page asks."""
        for start in (NEW, PREPARING):
            close_way(self.site.portal, self.site.seller, start, OFFER, CONTRACT, "WON")

    def trial_deals(self) -> list[int]:
        """Deals that we made and that are still there."""
        deals = self.site.portal.items[2].values()
        return [each.id for each in deals if each.origin_id.startswith("trial-")]

    async def settle(self) -> None:
        """Events heard and worked on, with all that is kept in step."""
        services = self.site.stepgate.services
        processor = Processor(
            services.db, services.clients.open, self.site.clock, PROJECTIONS, luck=lambda: 0.5
        )
        while await self.site.hear() or await processor.run_once("test"):
            pass

    async def in_ledger(self) -> list[str]:
        """Ids of all deals that the ledger knows."""

        def read(conn: Connection) -> list[str]:
            known = conn.scalars(select(deal_table.c.deal_id)).all()
            moved = conn.scalars(select(stage_move.c.deal_id)).all()
            return sorted({*known, *moved})

        return await self.site.stepgate.services.db.read(read)

    async def steps(self) -> list[str]:
        """How far all trials have come."""

        def read(conn: Connection) -> list[str]:
            return list(conn.scalars(select(lock_trial.c.state).order_by(lock_trial.c.started_at)))

        return await self.site.stepgate.services.db.read(read)

    async def set_row(self, **values: Any) -> None:
        """Leave the trial as a process that died would have left it."""
        await self.site.stepgate.services.db.write(
            lambda conn: conn.execute(lock_trial.update().values(values))
        )

    async def tend(self) -> None:
        """What is done about trials now and then."""
        await tend_trials(self.site.stepgate.services)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@asynccontextmanager
async def make_keyring(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Keyring]:
    """A connected portal with an enforcing gate before the third stage."""
    async with make_site(database_url, tmp_path, monkeypatch) as site:
        await site.install()
        seller_role(site.portal, site.seller)
        site.clock.clock.advance(60)
        await Gated(site).enforce(mapping([checkpoint("called")], [gate(OFFER, "called", mode="enforce")]))
        site.clock.clock.advance(60)
        yield Keyring(site)
