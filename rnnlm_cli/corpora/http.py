"""Requesting a file over http or https, without downgrades to http, and with a deadline.

It uses ``urllib``, not the ``pooch`` package. pooch also checks a SHA-256, but it adds seven
packages (requests and its dependencies among them), follows redirects from https to http, decodes
encoded bodies unasked, and limits neither the bytes nor the time of a download. These checks would
still have to be written, around a larger library.
"""

from __future__ import annotations

import http.client
import io
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from rnnlm_cli import __version__
from rnnlm_cli.errors import RnnlmError

SECONDS_WITHOUT_AN_ANSWER = 30.0

ANOTHER = "give another {url}"

ENCODED = ("gzip", "x-gzip")
"""The Content-Encoding that some servers send for a file named .gz."""


def open_url(url: str, deadline: float) -> http.client.HTTPResponse:
    """Request a file; follow redirects, but from https only to https.

    Args:
        url: An address with http:// or https://; proxies come from the environment.
        deadline: The value of ``time.monotonic()`` at which any wait raises ``TimeoutError``, even
            if the server keeps sending bytes.

    Raises:
        RnnlmError: A redirect leads to another protocol than http or https, or away from https.
        URLError, HTTPException, OSError: The request fails.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SafeRedirects(),
        _Http(deadline),
        _Https(deadline),
    ):
        opener.add_handler(handler)
    # request the body as it is: not compressed, not a range
    headers = {"User-Agent": f"rnnlm/{__version__}", "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, headers=headers)
    timeout = min(SECONDS_WITHOUT_AN_ANSWER, max(deadline - time.monotonic(), 0.001))
    answer: http.client.HTTPResponse = opener.open(request, timeout=timeout)
    return answer


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url).scheme.lower(), urlsplit(newurl).scheme.lower()
        fp.close()  # urllib would read all of its body into memory
        if new not in ("http", "https") or (old == "https" and new != "https"):
            raise RnnlmError(
                f"the server redirects from {old} to {newurl}, which is not allowed",
                place=req.full_url,
                remedy=ANOTHER,
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, deadline: float) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_connection(http.client.HTTPConnection, self._deadline), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, deadline: float) -> None:
        super().__init__()
        self._deadline = deadline

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_connection(http.client.HTTPSConnection, self._deadline), req)


def _connection(kind: type[http.client.HTTPConnection], deadline: float) -> Any:
    """Return a factory of connections whose responses are read until the deadline only."""

    def connection(host: str, **options: Any) -> Any:
        made: Any = kind(host, **options)
        made.response_class = lambda sock, *args, **more: http.client.HTTPResponse(
            _Clocked(sock, deadline),  # type: ignore[arg-type]
            *args,
            **more,
        )
        return made

    return connection


class _Clocked:
    """The part of a socket that ``HTTPResponse`` needs: a file to read the response from."""

    def __init__(self, sock: Any, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_ClockedReader(self._sock, self._deadline))


class _ClockedReader(io.RawIOBase):
    """Reads bytes of a socket; each wait ends at the deadline."""

    def __init__(self, sock: Any, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is up")
        self._sock.settimeout(min(SECONDS_WITHOUT_AN_ANSWER, left))
        count: int | None = self._file.readinto(buffer)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
