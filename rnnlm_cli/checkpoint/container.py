"""A file with a verified header, replaced atomically: a reader sees the old or the new file."""

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

MAGIC = b"\x93RNNLM\r\n"  # the line end reveals a transfer in text mode
VERSION = 2
"""The format version that is written; version 1 had no codec beside the configuration."""

OLDEST_VERSION = 1
"""The oldest format version that can be read."""

HEADER = struct.Struct("<8sIQ32s")
"""Magic, format version, length of the content, and the SHA-256 of these three followed by the
content's own SHA-256 (known only when all content is written)."""


class _Hashing:
    """A file that is hashed while it is written, so that its content is never all in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.length = 0
        self.digest = hashlib.sha256()

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.length += len(data)
        return self._file.write(data)


def write(path: str, write_content: Callable[[Any], None], replace: bool = True) -> None:
    """Write a file atomically: header and content.

    Args:
        path: The file; an existing one is replaced only when the new one is on disk.
        write_content: Called with the open file.
        replace: Replace an existing file.

    Raises:
        UsageError: The file already exists and ``replace`` is false.
        OSError: The disk is full, the directory is read-only, and so on; the temporary file is
            removed and the old file is unchanged.
    """
    with whole_file(path, replace) as file:
        file.write(bytes(HEADER.size))
        content = _Hashing(file)
        write_content(content)
        file.seek(0)
        file.write(_header(VERSION, content.length, content.digest))


def has_magic(path: str) -> bool:
    """Whether a file starts with the magic bytes of a checkpoint, valid or damaged.

    Raises:
        OSError: It cannot be read.
    """
    with open_regular(path) as file:
        return bytes(file.read(len(MAGIC))) == MAGIC


CHUNK = 1 << 16
"""Bytes hashed at a time."""


class Content(NamedTuple):
    """The format version, and the file positioned at the start of its content."""

    version: int
    file: IO[bytes]


@contextmanager
def reading(path: str) -> Iterator[Content]:
    """Open a file and verify its header; yield its content.

    The content is not kept in memory; only the values that the caller builds from it are.

    Raises:
        UsageError: There is no such file, or it cannot be read.
        CheckpointError: It is not a checkpoint, has a later version, or is truncated or damaged.
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
    """Verify the header against the content, and seek to the start of the content.

    Returns:
        The format version.
    """
    header = file.read(HEADER.size)
    if header[: len(MAGIC)] != MAGIC:
        raise CheckpointError(f"{path}: not an rnnlm checkpoint; name a file that rnnlm wrote")
    if len(header) < HEADER.size:
        raise CheckpointError(f"{path}: the checkpoint is truncated; use another copy")
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
            "use another copy"
        )
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    if _header(version, length, digest) != header:
        raise CheckpointError(f"{path}: the checkpoint's checksum is wrong; use another copy")
    file.seek(HEADER.size)
    return version


def _header(version: int, length: int, content: Any) -> bytes:
    """Return the header for content of this version, length and digest."""
    fields = struct.pack("<8sIQ", MAGIC, version, length)
    return fields + hashlib.sha256(fields + content.digest()).digest()
