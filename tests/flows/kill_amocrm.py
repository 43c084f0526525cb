"""The kill story's first CRM: its hooks are sent again when they fail."""

from collections.abc import Sequence
from random import Random

from fastapi import FastAPI

from app.domain.stage import StageRef
from app.sandbox.amocrm import installs
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.config import SandboxConfig
from tests.flows.kill_crm import STAGES, Trace

CLIENT_ID = "57e96a7e-0000-4000-8000-000000000002"
CLIENT_SECRET = "secret-of-the-kill-story"


class AmocrmAccount:
    """See `SimulatedCrm`."""

    name = "amocrm"

    def __init__(self, origin: str, public_url: str) -> None:
        self._account = Account.empty(SandboxConfig(origin=origin))
        self._line = self._account.add_pipeline("Продажи", list(STAGES), is_main=True)
        self._manager = self._account.add_user("Менеджер", email="manager@example.org").id
        ids = {status.name: status.id for status in self._line.statuses.values()}
        self._ids = [ids[title] for title in STAGES]
        self.before, self.gated = (StageRef(str(self._line.id), str(number)) for number in self._ids[1:])
        self._account.integrations.register(
            redirect_uri=f"{public_url}/oauth/amocrm/callback",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
        )
        self.environment = {
            "STEPGATE_AMOCRM_CLIENT_ID": CLIENT_ID,
            "STEPGATE_AMOCRM_CLIENT_SECRET": CLIENT_SECRET,
        }

    def app(self) -> FastAPI:
        """The server."""
        return create_sandbox(account=self._account)

    def close(self) -> None:
        """Let go of whoever still reads."""
        self._account.closing = True

    async def install(self) -> None:
        """The admin connects Stepgate."""
        integration = self._account.integrations.by_id[CLIENT_ID]
        status = await installs.install_widget(self._account, integration, next(iter(self._account.users)))
        assert status < 400, f"the installation was answered with {status}"

    def storm(self, dice: Random) -> None:
        """Answers to writes get lost."""
        self._account.faults.lost_write_rate = dice.choice((0.02, 0.1))

    def calm(self) -> None:
        """From now on every answer arrives."""
        self._account.faults.lost_write_rate = 0.0

    def create(self) -> str:
        """The manager makes a deal."""
        lead = self._account.create_lead(
            name="Deal", pipeline_id=self._line.id, status_id=self._ids[1], by=self._manager
        )
        return str(lead.id)

    def drag(self, deal_id: str) -> None:
        """He drags it too far."""
        self._account.move_lead(int(deal_id), self._ids[2], by=self._manager)

    def deals(self) -> Sequence[str]:
        """Ids of all deals."""
        return [str(number) for number in self._account.leads]

    def hook(self, deal_id: str, number: int) -> bytes:
        """An update of a lead."""
        account_id = self._account.config.account_id
        return (
            f"account[id]={account_id}&leads[update][0][id]={deal_id}&leads[update][0][number]={number}"
        ).encode()

    def trace(self, deal_id: str) -> Trace:
        """Its events, and the notes and tasks that hold our mark."""
        account, number = self._account, int(deal_id)
        moves = [
            _stage_of(event.value_after)
            for event in account.journal.of("lead", number)
            if event.type == "lead_status_changed"
        ]
        notes = [str(note.params) for note in account.notes.values() if note.entity_id == number]
        tasks = [task.text for task in account.tasks.values() if task.entity_id == number]
        return Trace(moves, _marked(notes), _marked(tasks), notices=None)


def _stage_of(value: list[dict[str, object]]) -> StageRef:
    status = value[0]["lead_status"]
    assert isinstance(status, dict)
    return StageRef(str(status["pipeline_id"]), str(status["id"]))


def _marked(texts: list[str]) -> list[str]:
    return [text for text in texts if "#ref:" in text]
