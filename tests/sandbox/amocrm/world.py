"""A small account, a client of its API, and a server that receives its hooks."""

from dataclasses import dataclass

import httpx
from fastapi import FastAPI

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.config import SandboxConfig
from app.sandbox.amocrm.integrations import Integration
from app.sandbox.amocrm.model import Lead
from app.sandbox.clock import VirtualClock
from tests.sandbox.product import Product, Received

ORIGIN = "http://crm.example.org"
HOOK = "http://product.example.org/hooks/secret"
REDIRECT = "http://product.example.org/oauth/callback"
SECRET = "a client secret as long as a real one, which has sixty-four chars"
EVERY_LEAD_HOOK = ["add_lead", "update_lead", "status_lead", "responsible_lead", "delete_lead", "note_lead"]


@dataclass
class World:
    """Everything that a test needs."""

    account: Account
    app: FastAPI
    clock: VirtualClock
    product: Product
    outgoing: httpx.AsyncClient
    api: httpx.AsyncClient
    page: httpx.AsyncClient
    integration: Integration
    admin: int
    seller: int
    line: int
    stages: list[int]

    def lead(self, stage: int = 1, name: str = "Сделка", **more: object) -> Lead:
        """A lead in a stage of the main pipeline (0 is the unsorted one)."""
        options: dict[str, object] = {"responsible_user_id": self.seller, "by": self.seller, **more}
        return self.account.create_lead(
            name=name,
            pipeline_id=self.line,
            status_id=self.stages[stage],
            **options,  # type: ignore[arg-type]
        )

    async def subscribe(self, codes: list[str] | None = None, destination: str = HOOK) -> None:
        """Subscribe the product to hooks."""
        body = {"destination": destination, "settings": codes or EVERY_LEAD_HOOK}
        answer = await self.api.post("/api/v4/webhooks", json=body)
        assert answer.status_code == 201, answer.text

    async def hooks(self) -> list[Received]:
        """Deliver what is due and take what has arrived."""
        await self.account.webhooks.drain()
        return self.product.taken()

    async def close(self) -> None:
        """Close the clients."""
        for client in (self.api, self.page, self.outgoing):
            await client.aclose()


def make_world() -> World:
    """An account with two pipelines, an administrator, a seller and an installed integration."""
    clock, product = VirtualClock(), Product()
    outgoing = httpx.AsyncClient(transport=httpx.ASGITransport(product.app()), follow_redirects=False)
    config = SandboxConfig(
        origin=ORIGIN, clock=clock, http=outgoing, in_process=True, subdomain="crm", account_id=32_427_762
    )
    account = Account.empty(config)
    admin = next(iter(account.users))
    seller = account.add_user("Мария Ковалёва").id
    line = account.add_pipeline("Продажи", ["Новая заявка", "Классификация", "КП отправлено"], is_main=True)
    account.add_pipeline("Сервис", ["Обращение", "В работе"])
    integration = account.integrations.register(
        redirect_uri=REDIRECT, client_id="0b0832f6-0000-4123-9123-e73f236833c1", client_secret=SECRET
    )
    token = account.integrations.long_lived(integration, admin, 86_400 * 365)
    app = create_sandbox(account=account)
    inside = httpx.ASGITransport(app)
    api = httpx.AsyncClient(transport=inside, base_url=ORIGIN, headers={"authorization": f"Bearer {token}"})
    page = httpx.AsyncClient(transport=inside, base_url=ORIGIN, headers={"x-sandbox-user": str(admin)})
    stages = list(line.statuses)
    return World(
        account, app, clock, product, outgoing, api, page, integration, admin, seller, line.id, stages
    )
