"""The simulated account on a port of its own, with a product's address that writes down what it is asked."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import uvicorn
from fastapi import FastAPI, Request, Response

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.config import SandboxConfig
from app.sandbox.amocrm.integrations import Integration
from app.sandbox.amocrm.model import Lead, Pipeline, User

T = TypeVar("T")
WAIT_S = 60.0
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
    loop: asyncio.AbstractEventLoop

    def run(self, change: Callable[[], T]) -> T:
        """Do something with the account and wait for its answer."""

        async def call() -> T:
            return change()

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(WAIT_S)

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
    account_port, product_port = _listening(), _listening()
    url, product_url = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in (account_port, product_port))
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
    with (
        _serving(create_sandbox(account=account), account_port, account) as loop,
        _serving(_product_app(product), product_port, None),
    ):
        yield SandboxSite(url, product_url, account, product, pipeline, seller, integration, loop)


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


def _listening() -> socket.socket:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


class _Server(uvicorn.Server):
    """A server that says when it listens, and on which loop it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then tell the thread that waits."""
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.is_up.set()


@contextmanager
def _serving(
    app: FastAPI, bound: socket.socket, account: Account | None
) -> Iterator[asyncio.AbstractEventLoop]:
    server = _Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=10, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    assert server.is_up.wait(WAIT_S)
    assert server.loop is not None
    yield server.loop
    if account is not None:
        account.closing = True  # lets the live streams end
    server.should_exit = True
    thread.join(WAIT_S)
    bound.close()
