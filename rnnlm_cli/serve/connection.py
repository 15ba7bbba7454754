"""One connection of a client (ASGI): its body, whether it is still there, what is sent to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from rnnlm_cli.serve.access import SECURITY_HEADERS
from rnnlm_cli.serve.answers import Answer
from rnnlm_cli.serve.errors import ApiError
from rnnlm_cli.serve.limits import BODY_SECONDS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class ClientLeftError(Exception):
    """The client closed the connection before the answer was complete."""


class Reply:
    """Sends one answer.

    Attributes:
        status: Of the answer; 0 before it has begun.
    """

    def __init__(self, send: Send, headers: dict[str, str], method: str) -> None:
        self._send, self._headers, self.status = send, headers, 0
        self._bare = method == "HEAD"

    async def whole(self, answer: Answer) -> None:
        """Send a whole answer."""
        length = {"Content-Length": str(len(answer.body))} if answer.status != 204 else {}
        await self._begin(answer.status, {"Content-Type": answer.kind, **length, **answer.headers})
        await self._piece(b"" if self._bare else answer.body, more=False)

    async def events(self, pieces: AsyncIterator[bytes]) -> None:
        """Send pieces as server-sent events."""
        kind = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
        # a proxy must not wait for more
        await self._begin(200, kind | {"X-Accel-Buffering": "no"})
        async for piece in pieces:
            await self._piece(b"data: " + piece + b"\n\n")
        await self._piece(b"", more=False)

    async def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.status = status
        every = {"Cache-Control": "no-store"} | SECURITY_HEADERS | self._headers | headers
        rows = [(key.lower().encode(), value.encode("latin-1")) for key, value in every.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": rows})

    async def _piece(self, body: bytes, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})


async def read_body(headers: dict[str, str], receive: Receive, most: int) -> bytes:
    """Read the body of a request.

    Raises:
        ApiError: It is too large or too slow.
        ClientLeftError: The client is gone.
    """
    too_large = ApiError(413, f"the body has more than {most:,} bytes", code="too_large")
    length = headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > most:
        raise too_large
    parts: list[bytes] = []
    size, until, more = 0, time.monotonic() + BODY_SECONDS, True
    while more:
        try:
            message = await asyncio.wait_for(receive(), max(0, until - time.monotonic()))
        except asyncio.TimeoutError:
            raise ApiError(408, f"the body took more than {BODY_SECONDS} seconds") from None
        if message["type"] == "http.disconnect":
            raise ClientLeftError
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise too_large
        more = message.get("more_body", False)
    return b"".join(parts)


async def unless_left(receive: Receive, work: Awaitable[None]) -> None:
    """Wait for some work, which ends when the client leaves.

    Raises:
        ClientLeftError: The client is gone.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
    if working.cancelled():
        raise ClientLeftError
    try:
        working.result()
    except OSError:  # the connection broke while the answer was sent
        raise ClientLeftError from None


async def left(receive: Receive) -> None:
    """Wait until the client leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass
