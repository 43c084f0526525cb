"""A small adapter with readable bodies, and a door in front of an application, for tests of the door."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import parse_qsl

import httpx
from cryptography.fernet import Fernet
from fastapi import FastAPI

from app.clock import Clock
from app.crm.errors import NotFromCrm, NotUnderstood, WrongAccount
from app.crm.events import CatalogTouched, ContactTouched, DealTouched, InboundEvent, Unhandled
from app.crm.port import Account, CrmAdapter, Delivery
from app.db.engine import Database
from app.inbox.door import Wakeable
from app.inbox.routes import DoorFirst, build_door
from app.installations.hook_keys import ensure_hook_key
from app.installations.vault import Vault
from tests.factories import NOW

VAULT = Vault([Fernet.generate_key().decode()])


class PlainWebhooks:
    """Bodies such as `deal=7&contact=8&secret=x`; `account` is checked, `secret` is redacted."""

    def authenticate(self, delivery: Delivery, account: Account) -> None:
        fields = dict(parse_qsl(delivery.body.decode("latin-1")))
        if fields.get("forged"):
            raise NotFromCrm
        if fields.get("account", account.external_id) != account.external_id:
            raise WrongAccount

    def redact(self, delivery: Delivery) -> bytes:
        parts = delivery.body.split(b"&")
        return b"&".join(part for part in parts if not part.startswith(b"secret="))

    def parse(self, delivery: Delivery) -> Sequence[InboundEvent]:
        try:
            pairs = parse_qsl(delivery.body.decode(), strict_parsing=True)
        except ValueError:
            raise NotUnderstood from None
        events: list[InboundEvent] = []
        for name, value in pairs:
            match name:
                case "deal":
                    events.append(DealTouched(value))
                case "contact":
                    events.append(ContactTouched(value))
                case "catalog":
                    events.append(CatalogTouched())
                case "explode":
                    raise RecursionError
                case _:
                    events.append(Unhandled(name))
        return events


def plain_adapter(hook_reply: int = 204) -> CrmAdapter:
    """An adapter of which only the hooks work; touching anything else is an error of the test."""
    unused = cast(Any, None)
    return CrmAdapter("fake", "Fake", PlainWebhooks(), unused, unused, unused, unused, hook_reply=hook_reply)


class Doorstep:
    """An application with a door, and an address that belongs to an installation."""

    def __init__(self, app: FastAPI, path: str, client: httpx.AsyncClient) -> None:
        self.app = app
        self.path = path
        self.client = client

    async def post(self, body: bytes | str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Send a delivery to the installation's address."""
        return await self.client.post(self.path, content=body, headers=dict(headers or {}))


@asynccontextmanager
async def doorstep(
    db: Database,
    installation_id: int,
    clock: Clock,
    worker: Wakeable | None = None,
    hook_reply: int = 204,
) -> AsyncIterator[Doorstep]:
    """A doorstep for the time of a test."""
    key = await db.write(lambda conn: ensure_hook_key(conn, VAULT, installation_id, NOW))
    app = DoorFirst()
    app.state.door = build_door(db, {"fake": plain_adapter(hook_reply)}, VAULT, clock, worker)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://door.test") as client:
        yield Doorstep(app, f"/hooks/fake/{key}", client)
    await app.state.door.close()


Receive = Callable[[], Awaitable[dict[str, Any]]]


async def call_raw(
    app: FastAPI, path: str, receive: Receive, headers: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Call the application as a server does, with a body that comes as `receive` likes."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": raw, "query_string": b""}
    await app({**scope, "client": ("192.0.2.1", 5), "root_path": ""}, cast(Any, receive), cast(Any, send))
    return sent
