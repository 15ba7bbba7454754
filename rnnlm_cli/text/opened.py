"""Opens files for reading: plain, compressed with a limit, or regular files only."""

from __future__ import annotations

import gzip
import math
import os
import stat
from pathlib import Path
from typing import BinaryIO, cast

from rnnlm_cli.errors import CorpusError, UsageError

MOST_EXPANSION = 100.0
"""Default maximum of decompressed over compressed size; for prose it is three to six."""

NOT_REGULAR = "is not a regular file, but a device, a pipe or a socket"

ALWAYS_ALLOWED = 64_000_000
"""Bytes that any compressed file may expand to; small ones may repeat a few words."""


def open_bytes(path: str, most_expansion: float = MOST_EXPANSION) -> BinaryIO:
    """Open a file for reading; decompress it if its name ends in ``.gz``.

    Args:
        path: The file; it may be a pipe.
        most_expansion: Maximum of decompressed over compressed size.

    Raises:
        OSError, ValueError: The file does not exist or cannot be opened.
    """
    if path.endswith(".gz"):
        return cast(BinaryIO, _Decompressed(path, most_expansion))
    return Path(path).open("rb")


class _Decompressed(gzip.GzipFile):
    """A ``.gz`` file read only up to its limit: a megabyte can expand to a gigabyte."""

    def __init__(self, path: str, most_expansion: float) -> None:
        super().__init__(path, "rb")
        self._path, self._expansion = path, most_expansion
        found = os.stat(path)
        most = max(ALWAYS_ALLOWED, most_expansion * found.st_size)
        self._most = most if stat.S_ISREG(found.st_mode) else math.inf  # a pipe has no size

    def readline(self, size: int | None = -1) -> bytes:
        """Read a line, or at most ``size`` bytes of it.

        Raises:
            CorpusError: The file expands beyond its limit.
        """
        line = super().readline(-1 if size is None else size)
        self._check()
        return line

    def read(self, size: int | None = -1) -> bytes:
        """Read at most ``size`` bytes.

        Raises:
            CorpusError: The file expands beyond its limit.
        """
        data = super().read(size)
        self._check()
        return data

    def _check(self) -> None:
        if self.tell() > self._most:
            raise CorpusError(
                f"{self._path}: byte {self.tell():,}: expands to more than {self._expansion:g} "
                "times its compressed size; if that is intended, decompress it with gunzip, or "
                "raise corpus.max_expansion if a config names it"
            )


def open_regular(path: str) -> BinaryIO:
    """Open a regular file, which has an end and so can be read whole.

    Raises:
        UsageError: It is a device, a pipe or a socket.
        OSError, ValueError: The file does not exist or cannot be opened.
    """
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 (closed by the caller)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UsageError(f"{path}: {NOT_REGULAR}; copy its data to a file, and name that file")
    return file


def _without_waiting(path: str, flags: int) -> int:
    """Open a file without waiting, even if it is a pipe without a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def decompressed_size(path: str, most: int) -> int:
    """Return the size of a regular file in bytes, decompressed if it ends in ``.gz``; else 0.

    A compressed file is decompressed to count its bytes, up to about ``most``.
    """
    if not os.path.isfile(path):
        return 0
    if not path.endswith(".gz"):
        return os.stat(path).st_size
    size = 0
    try:
        with gzip.open(path) as file:
            while size < most and (data := file.read(1 << 20)):
                size += len(data)
    except (OSError, EOFError, ValueError):  # reported when the file is read
        return size
    return size
