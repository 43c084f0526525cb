"""The kill story's second CRM: its events are sent once, and whoever is dead then has missed them."""

from collections.abc import Sequence
from random import Random

from fastapi import FastAPI

from app.domain.stage import StageRef
from app.sandbox import brackets
from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.event_bodies import auth_block
from app.sandbox.bitrix24.installs import add_app
from app.sandbox.bitrix24.model import DEAL
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.state import Act
from tests.flows.kill_crm import STAGES, Trace

TODO = "CRM_TODO"


class Bitrix24Portal:
    """See `SimulatedCrm`. The application has no pages, so that nobody needs a browser."""

    name = "bitrix24"

    def __init__(self, origin: str, public_url: str) -> None:
        self._portal = Portal.empty(SandboxConfig(origin=origin))
        self._portal.add_category("Продажи", STAGES, is_default=True)
        self._seller = self._portal.add_user("Мария", "Ковалёва").id
        codes = {stage.name: stage.status_id for stage in self._portal.stages_of(DEAL, 0)}
        self.before, self.gated = (StageRef("0", codes[title]) for title in STAGES[1:])
        callback = f"{public_url}/oauth/bitrix24/callback"
        self._app = self._portal.apps.register(handler_url=callback, install_url=callback, kind="api")
        self.environment = {
            "STEPGATE_BITRIX24_CLIENT_ID": self._app.client_id,
            "STEPGATE_BITRIX24_CLIENT_SECRET": self._app.client_secret,
        }

    def app(self) -> FastAPI:
        """The server."""
        return create_sandbox(portal=self._portal)

    def close(self) -> None:
        """Let go of whoever still reads."""
        self._portal.closing = True

    async def install(self) -> None:
        """The administrator adds the application, which hears of it by an event."""
        add_app(self._portal, self._app, next(iter(self._portal.users)))

    def storm(self, dice: Random) -> None:
        """Answers get lost after the effect or with the call; now and then a call ends in a page of HTML."""
        faults = self._portal.faults
        faults.lost_write_rate = dice.choice((0.02, 0.1))
        faults.lost_write_mode = dice.choice(("504", "cut"))
        faults.html_error_rate = dice.choice((0.0, 0.02))

    def calm(self) -> None:
        """From now on every answer arrives."""
        faults = self._portal.faults
        faults.lost_write_rate = faults.html_error_rate = 0.0

    def create(self) -> str:
        """The seller makes a deal."""
        values = {"stage_id": self.before.stage_id, "assigned_by_id": self._seller}
        return str(self._portal.make_item("Сделка", Act(by=self._seller), values).id)

    def drag(self, deal_id: str) -> None:
        """He drags it too far."""
        deal = self._portal.deal(int(deal_id))
        self._portal.update_item(deal, {"stage_id": self.gated.stage_id}, Act(by=self._seller))

    def deals(self) -> Sequence[str]:
        """Ids of all deals."""
        return [str(number) for number in self._portal.items[DEAL]]

    def hook(self, deal_id: str, number: int) -> bytes:
        """An update of a deal by a robot: without tokens. Only its time tells it from another."""
        auth = auth_block(self._portal, self._app, None)
        body = {"event": "ONCRMDEALUPDATE", "data": {"FIELDS": {"ID": deal_id}}, "ts": number, "auth": auth}
        return brackets.encode(body)

    def trace(self, deal_id: str) -> Trace:
        """Its stage history without the creation, its timeline, and the bells."""
        portal = self._portal
        deal = portal.deal(int(deal_id))
        moves = [StageRef(str(row.category_id), row.stage_id) for row in portal.history_of[deal.link][1:]]
        notes = [comment.text for comment in portal.comments.values() if comment.owner == deal.link]
        tasks = [
            activity.description
            for activity in portal.activities.values()
            if activity.provider_id == TODO and deal.link in activity.bindings
        ]
        here = f"/crm/deal/details/{deal_id}/"
        return Trace(
            moves, notes, tasks, sum(here in notice.text for notice in portal.notifications.values())
        )
