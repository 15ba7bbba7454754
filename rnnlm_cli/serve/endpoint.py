"""One path of the server: bytes of a connection to a request, and its answer to bytes (ASGI)."""

from __future__ import annotations

import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext

from rnnlm_cli.serve.access import Access
from rnnlm_cli.serve.answers import Answer, Events, refused
from rnnlm_cli.serve.connection import (
    ClientLeftError,
    Receive,
    Reply,
    Scope,
    Send,
    read_body,
    unless_left,
)
from rnnlm_cli.serve.errors import ApiError, as_api_error
from rnnlm_cli.serve.service import Service

Handle = Callable[[Service, bytes], Awaitable[Answer | Events]]


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


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request by their names in lower case; of equals the last."""
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}


def allowed(method: str) -> list[str]:
    """Return the methods that a path answers."""
    return ["GET", "HEAD"] if method == "GET" else [method]
