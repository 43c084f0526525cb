"""A stand-in for the product in front of a simulated CRM: it notes every request and answers as told."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response


@dataclass
class Received:
    """One request as the product's side got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, str]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of a form body in their order."""
        return parse_qsl(self.body.decode("ascii"), keep_blank_values=True)

    @property
    def form(self) -> dict[str, str]:
        """The flat keys of a form body."""
        return dict(self.pairs)

    @property
    def event(self) -> str:
        """The event's name, where a form says one."""
        return self.form["event"]

    def value(self, key: str) -> str | None:
        """The value of one bracket key."""
        return self.form.get(key)


@dataclass
class Product:
    """`answers` are the statuses of the next requests, `status` of all others; `takes` hears of each one."""

    received: list[Received] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)
    status: int = 204
    takes: Callable[[], None] = lambda: None

    def app(self) -> FastAPI:
        """The ASGI application of this stand-in."""
        app = FastAPI()

        @app.api_route("/{path:path}", methods=["GET", "POST"])
        async def take(request: Request, path: str) -> Response:
            body = await request.body()
            self.takes()
            self.received.append(
                Received(request.method, f"/{path}", dict(request.headers), body, dict(request.query_params))
            )
            return Response(status_code=self.answers.popleft() if self.answers else self.status)

        return app

    def taken(self) -> list[Received]:
        """What has arrived since the last time."""
        found, self.received = self.received, []
        return found
