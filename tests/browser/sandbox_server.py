"""The simulated account on a port of its own, with a product's address that writes down what it is asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from fastapi import FastAPI, Request, Response

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.config import SandboxConfig
from app.sandbox.amocrm.integrations import Integration
from app.sandbox.amocrm.model import Lead, Pipeline, User
from tests.served import Thread, listening, port_of, served

T = TypeVar("T")
SECRET = "a client secret as long as a real one, which has sixty-four chars"
STAGES = ("Новая заявка", "Классификация", "КП отправлено")


@dataclass
class Product:
    """What the widget's own server was asked: the X-Auth-Token of each request."""

    tokens: list[str] = field(default_factory=list)


@dataclass
class SandboxSite:
    """A running account. Change it only through `run`, which does so in the server's thread."""

    url: str
    product_url: str
    account: Account
    product: Product
    pipeline: Pipeline
    seller: User
    integration: Integration
    thread: Thread

    def run(self, change: Callable[[], T]) -> T:
        """Do something with the account and wait for its answer."""
        return self.thread.run(change)

    def stage_id(self, name: str) -> int:
        """The id of a stage by its name."""
        return next(stage.id for stage in self.pipeline.statuses.values() if stage.name == name)

    def lead(self, name: str, stage: str = STAGES[0]) -> Lead:
        """A new lead with a client of its own."""

        def make() -> Lead:
            client = self.account.create_contact(
                name=f"Клиент: {name}", phones=[f"+7 900 {self._number():07d}"]
            )
            return self.account.create_lead(
                name=name,
                price=100_000,
                pipeline_id=self.pipeline.id,
                status_id=self.stage_id(stage),
                responsible_user_id=self.seller.id,
                by=self.seller.id,
                contact_ids=[client.id],
            )

        return self.run(make)

    def _number(self) -> int:
        return len(self.account.contacts)


@contextmanager
def sandbox_site(archive: Callable[[str], dict[str, bytes]]) -> Iterator[SandboxSite]:
    """Serve an account with one pipeline and one integration, whose files `archive(product_url)` gives."""
    doors = listening(), listening()
    url, product_url = (f"http://127.0.0.1:{port_of(door)}" for door in doors)
    account = Account.empty(SandboxConfig(origin=url, background=False))
    seller = account.add_user("Анна Продавцова")
    pipeline = account.add_pipeline("Продажи", STAGES, is_main=True)
    account.add_field("leads", "Тип клиента", "select", enums=("Срочно", "Выбирают"))
    integration = account.integrations.register(
        redirect_uri=f"{product_url}/callback", client_secret=SECRET, name="Пример"
    )
    integration.archive = archive(product_url)
    integration.installed = True
    product = Product()

    def close() -> None:
        account.closing = True  # lets the live streams end

    with (
        served(create_sandbox(account=account), doors[0], on_end=close) as thread,
        served(_product_app(product), doors[1]),
    ):
        yield SandboxSite(url, product_url, account, product, pipeline, seller, integration, thread)


def _product_app(product: Product) -> FastAPI:
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST", "OPTIONS"])
    async def take(request: Request, path: str) -> Response:
        headers = {
            "Access-Control-Allow-Origin": request.headers.get("origin", "*"),
            "Access-Control-Allow-Headers": "X-Auth-Token",
        }
        if "x-auth-token" in request.headers:
            product.tokens.append(request.headers["x-auth-token"])
        return Response("heard", media_type="text/plain", headers=headers)

    return app
