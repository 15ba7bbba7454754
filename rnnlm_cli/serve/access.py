"""Who may ask: the Host header, origins of other pages, the key."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rnnlm_cli.errors import UsageError, quoted
from rnnlm_cli.serve.errors import ApiError

LOOPBACK = "127.0.0.1"

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Headers of every answer."""


@dataclass(frozen=True)
class Access:
    """The rules of one server.

    Attributes:
        key: What a client sends as ``Authorization: Bearer KEY``; empty for none.
        hosts: Names that the Host header may have beside ``localhost`` and addresses.
        origins: Origins of other pages that may ask, such as ``https://example.org``.
    """

    key: str = ""
    hosts: Collection[str] = ()
    origins: Collection[str] = ()

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            UsageError: The key or an origin is not one.
        """
        if not (self.key.isascii() and self.key.isprintable()) or " " in self.key:
            raise UsageError("must be printable ASCII without spaces", field="api_key")
        for origin in self.origins:
            scheme, _, rest = origin.partition("://")
            if scheme not in ("http", "https") or not rest or set(rest) & set("/ *"):
                raise UsageError(
                    "is not an origin, such as https://example.org",
                    field="allow_origin",
                    place=quoted(origin),
                )

    def check(self, headers: Mapping[str, str], needs_key: bool) -> None:
        """Check a request.

        A name in the Host header that is not ours means that a page has let its own name point at
        this machine (DNS rebinding); an address cannot be pointed elsewhere.

        Raises:
            ApiError: It may not ask.
        """
        host = headers.get("host", "")
        if not self._is_own(host):
            message = f"the Host header {quoted(host)} is not a name of this server"
            raise ApiError(421, message, code="host")
        origin = headers.get("origin")
        if origin is not None and not self.allows(origin, host):
            message = f"pages of {quoted(origin)} may not ask this server"
            raise ApiError(403, message, code="origin")
        if needs_key and self.key and not self._has_key(headers.get("authorization", "")):
            message = "the key is missing or wrong; send Authorization: Bearer KEY"
            challenge = {"WWW-Authenticate": "Bearer"}
            raise ApiError(401, message, code="invalid_api_key", headers=challenge)

    def allows(self, origin: str, host: str) -> bool:
        """Whether a page may ask: the server's own, or one of an origin that is named."""
        return origin in self.origins or origin.partition("://")[2].lower() == host.lower() != ""

    def cors_headers(self, origin: str | None) -> dict[str, str]:
        """Return what tells a browser that a page of another origin may read the answer."""
        if not self.origins:
            return {}
        vary = {"Vary": "Origin"}
        if origin is None or origin not in self.origins:
            return vary
        return vary | {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "600",
        }

    def _is_own(self, host: str) -> bool:
        name = host_name(host)
        return name == "localhost" or is_address(name) or name in self.hosts

    def _has_key(self, authorization: str) -> bool:
        scheme, _, key = authorization.partition(" ")
        given, wanted = key.strip().encode("utf-8", "surrogateescape"), self.key.encode()
        return hmac.compare_digest(given, wanted) and scheme.lower() == "bearer"


def host_name(host: str) -> str:
    """Return a Host header without its port, in lower case.

    >>> host_name("Example.org:8000"), host_name("[::1]:8000")
    ('example.org', '::1')
    """
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host.rstrip(".")


def is_address(name: str) -> bool:
    """Whether a name is an address in numbers."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)
