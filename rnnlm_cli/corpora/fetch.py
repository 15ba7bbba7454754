"""Downloading a file; it gets its name only after it is verified."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from rnnlm_cli.corpora.http import ANOTHER, ENCODED, open_url
from rnnlm_cli.corpora.sources import Source
from rnnlm_cli.errors import RnnlmError, UsageError
from rnnlm_cli.system.digest import file_sha256
from rnnlm_cli.system.whole_file import whole_file

CHUNK_BYTES = 1 << 16

Progress = Callable[[int, int | None], None]
"""Called with the bytes just received, and the total size if the server sends it, else None."""


def has_content(source: Source, directory: Path) -> bool:
    """Whether a directory already has the file with the expected content."""
    path = directory / source.name
    return (
        source.sha256 is not None
        and path.is_file()  # reading a pipe would block
        and file_sha256(path) == source.sha256
    )


def fetch(
    source: Source,
    directory: Path,
    progress: Progress = lambda received, total: None,
    replace: bool = False,
) -> str:
    """Download a file into a directory; return the SHA-256 of its content.

    It is written under a temporary name and renamed after its checksum is verified.

    Args:
        source: The file to fetch, with its limits of size and time.
        directory: The target directory; created if missing.
        progress: Called as bytes are received.
        replace: Replace an existing file.

    Raises:
        UsageError: The address is neither http nor https, or the file already exists and
            ``replace`` is false.
        RnnlmError: The server cannot be reached or refuses, the transfer breaks off or exceeds a
            limit, or the content is not the expected one.
        OSError: It cannot be written.
    """
    if not source.url.startswith(("http://", "https://")):
        raise UsageError(
            "expected an address with http:// or https://", field="url", place=source.url
        )
    directory.mkdir(parents=True, exist_ok=True)
    with whole_file(directory / source.name, replace) as file:
        digest = download(source, file, progress)
        if source.sha256 is not None and digest != source.sha256:
            raise RnnlmError(
                f"the content's SHA-256 is {digest} instead of {source.sha256}",
                place=source.url,
                remedy=f"try again, or {ANOTHER}",
            )
    return digest


def download(source: Source, file: IO[bytes], progress: Progress) -> str:
    """Copy the content at an address into a file; return its SHA-256.

    Raises:
        UsageError: The address is invalid.
        RnnlmError: The server cannot be reached or refuses, does not send one complete file, or
            exceeds ``source.max_bytes`` or ``source.max_seconds``.
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
        message = f"the server answers {error.code} {error.reason}"
        raise RnnlmError(message, place=url, remedy=ANOTHER) from None
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
    except ValueError as error:  # for example an invalid host name
        raise UsageError(f"{error}; correct the address", field="url", place=url) from None


def _check(source: Source, answer: http.client.HTTPResponse) -> None:
    """Refuse a response that is not a complete file, or too large, before it is read."""
    if answer.status != http.client.OK:
        raise RnnlmError(
            f"the server answers {answer.status} {answer.reason} instead of 200",
            place=source.url,
            remedy=ANOTHER,
        )
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity" and not (encoding in ENCODED and source.name.endswith(".gz")):
        raise RnnlmError(
            f"the server sends the text encoded as {encoding}, which was not requested",
            place=source.url,
            remedy=ANOTHER,
        )
    if answer.length is not None and answer.length > source.max_bytes:
        raise _too_large(source, f"has {answer.length:,} bytes")


def _copy(
    source: Source, answer: http.client.HTTPResponse, file: IO[bytes], progress: Progress
) -> str:
    digest, chunks = hashlib.sha256(), _received(source, answer, progress)
    for data in _stripped(chunks) if source.stripped else chunks:
        file.write(data)
        digest.update(data)
    return digest.hexdigest()


def _received(
    source: Source, answer: http.client.HTTPResponse, progress: Progress
) -> Iterator[bytes]:
    """Yield the content in chunks."""
    received, total = 0, answer.length
    while data := answer.read1(CHUNK_BYTES):
        received += len(data)
        if received > source.max_bytes:
            raise _too_large(source, "has more")
        yield data
        progress(len(data), total)
    if total is not None and received < total:
        raise RnnlmError(f"{source.url}: broke off after {received} of {total} bytes; try again")
    if not received:
        raise RnnlmError("the server sends an empty file", place=source.url, remedy=ANOTHER)


def _stripped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text without the white space at the ends of its lines."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield b"".join(line.strip() + b"\n" for line in lines)
    yield rest.strip()


def _too_large(source: Source, found: str) -> RnnlmError:
    return RnnlmError(
        f"{found}, at most {source.max_bytes:,} are allowed",
        place=source.url,
        remedy=f"{ANOTHER}, or allow more with {{max_bytes}}",
    )
