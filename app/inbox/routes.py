"""Where the door stands in the application, and what it is made of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fastapi import FastAPI
from sqlalchemy import Connection
from starlette.types import Receive, Scope, Send

from app.clock import Clock
from app.crm.port import CrmAdapter
from app.db.engine import Database
from app.inbox.door import Answer, Door, Wakeable
from app.inbox.group_commit import GroupCommit
from app.inbox.owners import Owner, Owners
from app.inbox.receive import Arrival, store_arrivals
from app.inbox.seal import PURPOSE, BodySeal
from app.installations.credentials import hook_secret_of
from app.installations.hook_keys import find_by_hook_key
from app.installations.store import InstallationState
from app.installations.vault import Vault

PREFIX = "/hooks/"


def build_door(
    db: Database,
    adapters: Mapping[str, CrmAdapter],
    vault: Vault,
    clock: Clock,
    worker: Wakeable | None = None,
) -> Door:
    """The door of a process. Keep it at `app.state.door` and close it before the database."""

    async def find(crm: str, key: str) -> Owner | None:
        return await db.read(lambda conn: _owner(conn, vault, crm, key, clock))

    async def store(arrivals: Sequence[Arrival]) -> None:
        await db.write(lambda conn: store_arrivals(conn, arrivals, clock.now()))

    return Door(
        adapters=adapters,
        owners=Owners(find, clock),
        seal=BodySeal(vault.derived_keys(PURPOSE)).seal,
        group=GroupCommit(store),
        clock=clock,
        worker=worker,
    )


def _owner(conn: Connection, vault: Vault, crm: str, key: str, clock: Clock) -> Owner | None:
    """An account whose tokens are refused or unpaid still gets its hooks stored: a refusal would
    make the CRM switch them off for good. A removed one is nobody's.
    """
    found = find_by_hook_key(conn, vault, crm, key, clock.now())
    if found is None or found.state is InstallationState.DISABLED:
        return None
    return Owner(replace(found.account, hook_secret=hook_secret_of(conn, vault, found.id)))


class DoorFirst(FastAPI):
    """An application that asks its door first: `/hooks/{crm}/{hook_key}` never reaches the framework,
    all else (and strangers) does. Keep the door at `state.door` while it is open.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            crm, _, key = scope["path"][len(PREFIX) :].partition("/")
            door: Door | None = getattr(self.state, "door", None)
            if door and key and "/" not in key:
                answer = await door.answer(crm, key, scope, receive)
                if answer:
                    await _send(answer, send)
                    return
        await super().__call__(scope, receive, send)


async def _send(answer: Answer, send: Send) -> None:
    if not answer.status:
        return
    headers, body = [], b""
    if answer.code:
        error = {"code": answer.code, "sentence": answer.sentence, "problems": [], "id": ""}
        body = json.dumps({"error": error}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if answer.status == 405:
        headers.append((b"allow", b"POST"))
    if answer.retry_after:
        headers.append((b"retry-after", str(answer.retry_after).encode()))
    if answer.closes:
        headers.append((b"connection", b"close"))
    if not body and answer.status != 204:
        headers.append((b"content-length", b"0"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
