"""Downloading a file: checked before it gets its name, or not there at all."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from rnnlm_cli.corpora.sources import Source
from rnnlm_cli.errors import RnnlmError, UsageError
from rnnlm_cli.whole_file import whole_file

CHUNK_BYTES = 1 << 16
SECONDS_WITHOUT_AN_ANSWER = 30.0

Progress = Callable[[int, int | None], None]
"""Told of bytes received, and of how many there will be, where the server says so."""


def is_there(source: Source, folder: Path) -> bool:
    """Whether a file has been fetched already.

    Raises:
        UsageError: A file of that name is there with another content.
    """
    path = folder / source.name
    if not path.exists():
        return False
    if source.sha256 is not None and file_sha256(path) == source.sha256:
        return True
    raise UsageError(f"{path}: is there already and is not what would be fetched; move it away")


def fetch(source: Source, folder: Path, progress: Progress = lambda received, total: None) -> str:
    """Download a file into a folder; return the SHA-256 of its content.

    It is written under another name and renamed when its checksum is found right.

    Raises:
        UsageError: The address is none of http or https.
        RnnlmError: The server cannot be reached or refuses, the transfer breaks off, or the
            content is not the expected one.
        OSError: It cannot be written.
    """
    if not source.url.startswith(("http://", "https://")):
        raise UsageError(f"--url {source.url}: expected an address with http:// or https://")
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / source.name) as file:
        digest = download(source.url, file, progress)
        if source.sha256 is not None and digest != source.sha256:
            raise RnnlmError(
                f"{source.url}: the content's SHA-256 is {digest} instead of {source.sha256}; "
                "try again, or give another --url"
            )
    return digest


def download(url: str, file: IO[bytes], progress: Progress) -> str:
    """Copy what an address gives into a file; return its SHA-256.

    Raises:
        UsageError: The address is none.
        RnnlmError: The server cannot be reached or refuses, or the transfer breaks off.
    """
    digest, received = hashlib.sha256(), 0
    try:
        with urllib.request.urlopen(url, timeout=SECONDS_WITHOUT_AN_ANSWER) as answer:
            length = answer.headers.get("Content-Length", "")
            total = int(length) if length.isdigit() else None
            while data := answer.read(CHUNK_BYTES):
                file.write(data)
                digest.update(data)
                received += len(data)
                progress(len(data), total)
    except http.client.InvalidURL as error:
        raise UsageError(f"--url {url}: {error}; correct the address") from None
    except urllib.error.HTTPError as error:
        raise RnnlmError(f"{url}: the server answers {error.code} {error.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as e:
        reason = getattr(e, "reason", None) or e
        raise RnnlmError(f"{url}: {reason}; check the network, or give another --url") from None
    except ValueError as error:  # a host that cannot be one, say
        raise UsageError(f"--url {url}: {error}; correct the address") from None
    if total is not None and received < total:
        raise RnnlmError(f"{url}: broke off after {received} of {total} bytes; try again")
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(CHUNK_BYTES):
            digest.update(data)
    return digest.hexdigest()
