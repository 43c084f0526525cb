"""Reading a request's body within limits of size and time."""

import asyncio

from starlette.types import Message, Receive

BODY_LIMIT = 1024 * 1024
BODY_SECONDS = 10.0
_TIME_IS_UP = "the body did not arrive in time"


class TooLarge(Exception):
    """The body is longer than 1 MiB."""


class TooSlow(Exception):
    """The body did not arrive within 10 seconds."""


class Disconnected(Exception):
    """The sender hung up; there is nobody to answer."""


async def read_body(receive: Receive, *, limit: int = BODY_LIMIT, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body. Raises TooLarge, TooSlow, Disconnected; never holds more than `limit` bytes."""
    task = asyncio.current_task()
    assert task
    # What asyncio.timeout does, at a quarter of its price: nearly every body has come already.
    timer = asyncio.get_running_loop().call_later(seconds, task.cancel, _TIME_IS_UP)
    try:
        message = await receive()
        body = _chunk(message, limit)
        if not message.get("more_body", False):
            return body
        return await _read_rest(receive, body, limit)
    except asyncio.CancelledError as cancelled:
        if cancelled.args == (_TIME_IS_UP,) and not task.uncancel():
            raise TooSlow from None
        raise
    finally:
        timer.cancel()


async def _read_rest(receive: Receive, body: bytes, limit: int) -> bytes:
    chunks, size, is_more = [body], len(body), True
    while is_more:
        message = await receive()
        chunks.append(_chunk(message, limit - size))
        size += len(chunks[-1])
        is_more = message.get("more_body", False)
    return b"".join(chunks)


def _chunk(message: Message, room: int) -> bytes:
    if message["type"] == "http.disconnect":
        raise Disconnected
    chunk: bytes = message.get("body", b"")
    if len(chunk) > room:
        raise TooLarge
    return chunk
