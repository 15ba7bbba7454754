"""Downloading a file: checked before it gets its name, or not there at all."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import IO

from rnnlm_cli.corpora.http import ANOTHER, ENCODED, open_url
from rnnlm_cli.corpora.sources import Source
from rnnlm_cli.errors import RnnlmError, UsageError
from rnnlm_cli.system.whole_file import whole_file

CHUNK_BYTES = 1 << 16

Progress = Callable[[int, int | None], None]
"""Told of bytes received, and of how many there will be, where the server says so."""


def has_content(source: Source, folder: Path) -> bool:
    """Whether a file holds already what would be fetched."""
    path = folder / source.name
    return (
        source.sha256 is not None
        and path.is_file()  # a pipe would be read for ever
        and file_sha256(path) == source.sha256
    )


def fetch(
    source: Source,
    folder: Path,
    progress: Progress = lambda received, total: None,
    replace: bool = False,
) -> str:
    """Download a file into a folder; return the SHA-256 of its content.

    It is written under another name and renamed when its checksum is found right.

    Args:
        source: What to fetch, and how much and how long at most.
        folder: Where to put it; it is made where there is none.
        progress: Told of what has been received.
        replace: Replace a file that exists.

    Raises:
        UsageError: The address is none of http or https, or the file exists and is not to be
            replaced.
        RnnlmError: The server cannot be reached or refuses, the transfer breaks off or goes beyond
            a limit, or the content is not the expected one.
        OSError: It cannot be written.
    """
    if not source.url.startswith(("http://", "https://")):
        raise UsageError(
            "expected an address with http:// or https://", field="url", place=source.url
        )
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / source.name, replace) as file:
        digest = download(source, file, progress)
        if source.sha256 is not None and digest != source.sha256:
            raise RnnlmError(
                f"the content's SHA-256 is {digest} instead of {source.sha256}",
                place=source.url,
                remedy=f"try again, or {ANOTHER}",
            )
    return digest


def download(source: Source, file: IO[bytes], progress: Progress) -> str:
    """Copy what an address gives into a file; return its SHA-256.

    Raises:
        UsageError: The address is none.
        RnnlmError: The server cannot be reached or refuses, sends something other than one whole
            file, more than ``source.max_bytes`` or for longer than ``source.max_seconds``.
    """
    url, deadline = source.url, time.monotonic() + source.max_seconds
    try:
        with open_url(url, deadline) as answer:
            _check(source, answer)
            return _copy(source, answer, file, progress)
    except http.client.InvalidURL as error:
        raise UsageError(f"{error}; correct the address", field="url", place=url) from None
    except urllib.error.HTTPError as error:
        error.close()
        raise RnnlmError(f"{url}: the server answers {error.code} {error.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as e:
        if time.monotonic() >= deadline:
            raise RnnlmError(
                f"not complete after {source.max_seconds:g} s",
                place=url,
                remedy="try again, or allow more with {max_seconds}",
            ) from None
        reason = getattr(e, "reason", None) or e
        raise RnnlmError(
            str(reason), place=url, remedy=f"check the network, or {ANOTHER}"
        ) from None
    except ValueError as error:  # a host that cannot be one, say
        raise UsageError(f"{error}; correct the address", field="url", place=url) from None


def _check(source: Source, answer: http.client.HTTPResponse) -> None:
    """Refuse an answer that is not one whole file, or too large, before it is read."""
    if answer.status != http.client.OK:
        raise RnnlmError(
            f"the server answers {answer.status} {answer.reason} instead of 200",
            place=source.url,
            remedy=ANOTHER,
        )
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity" and not (encoding in ENCODED and source.name.endswith(".gz")):
        raise RnnlmError(
            f"the server sends the text encoded as {encoding}, which was not asked for",
            place=source.url,
            remedy=ANOTHER,
        )
    if answer.length is not None and answer.length > source.max_bytes:
        raise _too_large(source, f"has {answer.length:,} bytes")


def _copy(
    source: Source, answer: http.client.HTTPResponse, file: IO[bytes], progress: Progress
) -> str:
    digest, received, total = hashlib.sha256(), 0, answer.length
    while data := answer.read1(CHUNK_BYTES):
        received += len(data)
        if received > source.max_bytes:
            raise _too_large(source, "has more")
        file.write(data)
        digest.update(data)
        progress(len(data), total)
    if total is not None and received < total:
        raise RnnlmError(f"{source.url}: broke off after {received} of {total} bytes; try again")
    if not received:
        raise RnnlmError("the server sends an empty file", place=source.url, remedy=ANOTHER)
    return digest.hexdigest()


def _too_large(source: Source, found: str) -> RnnlmError:
    return RnnlmError(
        f"{found}, at most {source.max_bytes:,} are allowed",
        place=source.url,
        remedy=f"{ANOTHER}, or allow more with {{max_bytes}}",
    )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(CHUNK_BYTES):
            digest.update(data)
    return digest.hexdigest()
