"""One path of the server: bytes of a connection to a request, and its answer to bytes (ASGI)."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rnnlm_cli.serve.access import SECURITY_HEADERS, Access
from rnnlm_cli.serve.answers import Answer, Events, refused
from rnnlm_cli.serve.errors import ApiError, as_api_error
from rnnlm_cli.serve.limits import BODY_SECONDS
from rnnlm_cli.serve.service import Service

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handle = Callable[[Service, bytes], Awaitable[Answer | Events]]


class ClientLeftError(Exception):
    """The client closed the connection before the answer was complete."""


class Endpoint:
    """Answers the requests of one path."""

    def __init__(
        self,
        service: Service,
        access: Access,
        path: str,
        method: str,
        handle: Handle,
        is_open: bool = False,
    ) -> None:
        """Prepare a path.

        Args:
            service: What all requests share.
            access: Who may ask.
            path: For the metrics.
            method: ``GET``, ``POST``, or empty for every method.
            handle: Takes the body; its answer may be an error.
            is_open: Whether no key is needed.
        """
        self._service, self._access, self._path = service, access, path
        self._method, self._handle, self._open = method, handle, is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        begun, headers = time.monotonic(), headers_of(scope)
        reply = Reply(send, self._access.cors_headers(headers.get("origin")), scope["method"])
        try:
            await self._answer(scope, headers, receive, reply)
        except ClientLeftError:
            reply.status = 499  # as nginx counts it
        self._service.metrics.answered(self._path, reply.status, time.monotonic() - begun)

    async def _answer(
        self, scope: Scope, headers: dict[str, str], receive: Receive, reply: Reply
    ) -> None:
        try:
            method = scope["method"]
            asks_first = method == "OPTIONS" and "origin" in headers
            self._access.check(headers, needs_key=not (self._open or asks_first))
            if asks_first:
                return await reply.whole(Answer(204, b""))
            if self._method and method not in allowed(self._method):
                allow = ", ".join(allowed(self._method))
                raise ApiError(405, f"use {self._method}", headers={"Allow": allow})
            with self._place():
                body = b""
                if self._method == "POST":
                    body = await read_body(headers, receive, self._service.limits.max_body)
                await unless_left(receive, self._reply(body, reply))
        except ClientLeftError:
            raise
        except Exception as error:
            told = as_api_error(error)
            if told.status == 500:
                self._service.report("".join(traceback.format_exception(error)).rstrip())
            if not reply.status:
                await reply.whole(refused(told))

    def _place(self) -> AbstractContextManager[None]:
        return self._service.place() if self._method == "POST" else nullcontext()

    async def _reply(self, body: bytes, reply: Reply) -> None:
        answer = await self._handle(self._service, body)
        if isinstance(answer, Events):
            await reply.events(answer.pieces)
        else:
            await reply.whole(answer)


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


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request by their names in lower case; of equals the last."""
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}


def allowed(method: str) -> list[str]:
    """Return the methods that a path answers."""
    return ["GET", "HEAD"] if method == "GET" else [method]
