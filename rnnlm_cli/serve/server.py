"""The process: a socket, TLS, signals. The only file that imports uvicorn."""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from rnnlm_cli.checks import Range
from rnnlm_cli.errors import UsageError
from rnnlm_cli.serve.access import LOOPBACK, Access, is_loopback
from rnnlm_cli.serve.app import application
from rnnlm_cli.serve.service import Service
from rnnlm_cli.system.optional import extra

PORT = 8000
PORTS = Range(0, 65535, whole=True)

BACKLOG = 1024
"""Connections that wait to be accepted."""

ENDING = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Address:
    """Where a server listens.

    Attributes:
        host: A name or an address of this machine.
        port: 0 for any free one.
        cert: A file with a certificate chain for TLS, and
        key: one with its private key.
    """

    host: str = LOOPBACK
    port: int = PORT
    cert: str | None = None
    key: str | None = None

    def check(self, access: Access) -> None:
        """Refuse to be reached from other machines without a key, or TLS files that do not load.

        Raises:
            UsageError: That is the case.
        """
        if not is_loopback(self.host) and not access.key:
            raise UsageError(
                "other machines reach this address, so a key is needed",
                field="host",
                place=self.host,
                remedy="give {api_key_file}, or listen on 127.0.0.1 alone",
            )
        if self.cert is None:
            return
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.cert, self.key)
        except (OSError, ssl.SSLError) as error:
            reason = getattr(error, "reason", None) or error.strerror or str(error)
            raise UsageError(
                f"cannot be used for TLS with its key: {reason}", field="tls_cert", place=self.cert
            ) from None

    def listening(self) -> socket.socket:
        """Return a socket that listens.

        Raises:
            UsageError: The port is taken, or the address is not one of this machine's.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, place = found[0]
            listener = socket.socket(family, kind, protocol)
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(place)
                listener.listen(BACKLOG)  # whoever asks from now on is answered soon
            except OSError:
                listener.close()
                raise
        except OSError as error:
            raise UsageError(
                f"cannot listen there: {error.strerror}",
                field="host",
                place=f"{self.host}:{self.port}",
                remedy="choose another {port}",
            ) from None
        return listener

    def url(self, listener: socket.socket) -> str:
        """Return where a browser finds the server."""
        scheme = "http" if self.cert is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{listener.getsockname()[1]}"


def serve(service: Service, access: Access, address: Address, tell: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or SIGINT; then finish those that run.

    A second signal ends at once.

    Args:
        service: What is served.
        access: Who may ask.
        address: Where.
        tell: Takes the URL when the server listens.

    Raises:
        UsageError: The server cannot listen, or a package is missing.
    """
    uvicorn = extra("uvicorn", "serve")
    address.check(access)
    app = application(service, access)
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        ssl_certfile=address.cert,
        ssl_keyfile=address.key,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=service.limits.drain_seconds,
        backlog=BACKLOG,
    )
    with address.listening() as listener:
        server = draining_server(uvicorn, service)(config)
        tell(address.url(listener))
        server.run(sockets=[listener])


def draining_server(uvicorn: Any, service: Service) -> Any:
    """Return uvicorn's server with our signals: new requests are refused, running ones finish."""

    class Draining(uvicorn.Server):  # type: ignore[misc]
        """A server that ends with exit code 0 after the first signal."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            def end(number: int, frame: FrameType | None) -> None:
                self.force_exit = service.draining
                service.draining = self.should_exit = True

            before = {number: signal.signal(number, end) for number in ENDING}
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

    return Draining
