"""A file with a checked header, written so that a reader sees the old one or the new one whole."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any, NamedTuple

from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.system.whole_file import whole_file
from rnnlm_cli.text.opened import open_regular

MAGIC = b"\x93RNNLM\r\n"  # the line end shows a transfer that took the file for text
VERSION = 2
"""Of what is written: 1 had no codec beside the configuration."""

OLDEST_VERSION = 1
"""That is still read."""

HEADER = struct.Struct("<8sIQ32s")
"""Magic, format version, length of the content, and the SHA-256 of these three followed by the
content's own SHA-256 (which is known only when all is written)."""


class _Hashing:
    """A file that is hashed while it is written, so that its content need not be in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.length = 0
        self.digest = hashlib.sha256()

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.length += len(data)
        return self._file.write(data)


def write(path: str, write_content: Callable[[Any], None], replace: bool = True) -> None:
    """Write a file whole: header and content.

    Args:
        path: The file; what was there is replaced only when the new one is on disk.
        write_content: Called with the open file.
        replace: Replace a file that exists.

    Raises:
        UsageError: The file exists and is not to be replaced.
        OSError: The disk is full, the folder is read-only, and so on; the temporary file is gone
            and the old file untouched.
    """
    with whole_file(path, replace) as file:
        file.write(bytes(HEADER.size))
        content = _Hashing(file)
        write_content(content)
        file.seek(0)
        file.write(_header(VERSION, content.length, content.digest))


def has_magic(path: str) -> bool:
    """Whether a file begins as every checkpoint does, a damaged one too.

    Raises:
        OSError: It cannot be read.
    """
    with open_regular(path) as file:
        return bytes(file.read(len(MAGIC))) == MAGIC


CHUNK = 1 << 16
"""Bytes that are hashed at a time."""


class Content(NamedTuple):
    """A file at the beginning of its content, and the format version of that."""

    version: int
    file: IO[bytes]


@contextmanager
def reading(path: str) -> Iterator[Content]:
    """Give a file's content, once its header is found sound.

    The content is not kept, so that a reader holds in memory what it makes of it alone.

    Raises:
        UsageError: There is no such file, or it cannot be read.
        CheckpointError: It is no checkpoint, of a later version, cut short or damaged.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open_regular(path))
            version = _check(path, file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            message = f"{path}: {reason}; name a checkpoint (rnnlm train writes one)"
            raise UsageError(message) from None
        yield Content(version, file)


def _check(path: str, file: IO[bytes]) -> int:
    """Hold the header against the content, and go back to where that begins.

    Returns:
        The format version.
    """
    header = file.read(HEADER.size)
    if header[: len(MAGIC)] != MAGIC:
        raise CheckpointError(f"{path}: not a checkpoint of rnnlm; name a file that it wrote")
    if len(header) < HEADER.size:
        raise CheckpointError(f"{path}: the checkpoint is cut short; take another copy")
    version: int
    _, version, length, _ = HEADER.unpack(header)
    if not OLDEST_VERSION <= version <= VERSION:
        raise CheckpointError(
            f"{path}: the checkpoint's format version is {version}, this program reads "
            f"{OLDEST_VERSION} to {VERSION}; use the version of rnnlm that wrote it"
        )
    size = os.fstat(file.fileno()).st_size - HEADER.size
    if size != length:
        raise CheckpointError(
            f"{path}: the checkpoint has {size} bytes after its header instead of {length}; "
            "take another copy"
        )
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    if _header(version, length, digest) != header:
        raise CheckpointError(f"{path}: the checkpoint's checksum is wrong; take another copy")
    file.seek(HEADER.size)
    return version


def _header(version: int, length: int, content: Any) -> bytes:
    """Return the header of a content of this version, length and digest."""
    fields = struct.pack("<8sIQ", MAGIC, version, length)
    return fields + hashlib.sha256(fields + content.digest()).digest()
