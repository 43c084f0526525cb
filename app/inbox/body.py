"""Reading a request's body within limits of size and time."""

import asyncio

from starlette.types import Message, Receive

BODY_LIMIT = 1024 * 1024
BODY_SECONDS = 10.0


class TooLarge(Exception):
    """The body is longer than 1 MiB."""


class TooSlow(Exception):
    """The body did not arrive within 10 seconds."""


class Disconnected(Exception):
    """The sender hung up; there is nobody to answer."""


async def read_body(receive: Receive, *, limit: int = BODY_LIMIT, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body. Raises TooLarge, TooSlow, Disconnected; never holds more than `limit` bytes."""
    try:
        async with asyncio.timeout(seconds):
            message = await receive()
            body = _chunk(message, limit)
            if not message.get("more_body", False):
                return body
            chunks, size = [body], len(body)
            while message.get("more_body", False):
                message = await receive()
                chunks.append(_chunk(message, limit - size))
                size += len(chunks[-1])
            return b"".join(chunks)
    except TimeoutError:
        raise TooSlow from None


def _chunk(message: Message, room: int) -> bytes:
    if message["type"] == "http.disconnect":
        raise Disconnected
    chunk: bytes = message.get("body", b"")
    if len(chunk) > room:
        raise TooLarge
    return chunk
