"""Opening what is read: plain files, compressed ones with a limit, and regular ones alone."""

from __future__ import annotations

import gzip
import math
import os
import stat
from pathlib import Path
from typing import BinaryIO, cast

from rnnlm_cli.errors import CorpusError, UsageError

MOST_EXPANSION = 100.0
"""Times its compressed size that a file may be, by default; prose is three to six times."""

NOT_REGULAR = "is not a regular file, but a device, a pipe or a socket"

ALWAYS_ALLOWED = 64_000_000
"""Bytes that every compressed file may expand to: small ones can be of few words, repeated."""


def open_bytes(path: str, most_expansion: float = MOST_EXPANSION) -> BinaryIO:
    """Open a file for reading, or one that ends in ``.gz``, which is decompressed.

    Args:
        path: The file; a pipe is one, too.
        most_expansion: Times its compressed size that it may be.

    Raises:
        OSError, ValueError: There is no such file, or it cannot be opened.
    """
    if path.endswith(".gz"):
        return cast(BinaryIO, _Decompressed(path, most_expansion))
    return Path(path).open("rb")


class _Decompressed(gzip.GzipFile):
    """A ``.gz`` file that is read no further than its limit: a megabyte can hold a gigabyte."""

    def __init__(self, path: str, most_expansion: float) -> None:
        super().__init__(path, "rb")
        self._path, self._expansion = path, most_expansion
        found = os.stat(path)
        most = max(ALWAYS_ALLOWED, most_expansion * found.st_size)
        self._most = most if stat.S_ISREG(found.st_mode) else math.inf  # a pipe has no size

    def readline(self, size: int | None = -1) -> bytes:
        """Read a line, or so many bytes of one.

        Raises:
            CorpusError: The file has become larger than it may be.
        """
        line = super().readline(-1 if size is None else size)
        self._check()
        return line

    def read(self, size: int | None = -1) -> bytes:
        """Read so many bytes.

        Raises:
            CorpusError: The file has become larger than it may be.
        """
        data = super().read(size)
        self._check()
        return data

    def _check(self) -> None:
        if self.tell() > self._most:
            raise CorpusError(
                f"{self._path}: byte {self.tell():,}: expands to more than {self._expansion:g} "
                "times its compressed size; if that is meant, decompress it with gunzip, or, for a "
                "config's text, raise corpus.max_expansion"
            )


def open_regular(path: str) -> BinaryIO:
    """Open a file that is read whole, and so must have an end.

    Raises:
        UsageError: It is a device, a pipe or a socket.
        OSError, ValueError: There is no such file, or it cannot be opened.
    """
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 (closed by the caller)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UsageError(f"{path}: {NOT_REGULAR}; copy what it gives to a file, and name that")
    return file


def _without_waiting(path: str, flags: int) -> int:
    """Open what may be a pipe that nobody writes to."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def decompressed_size(path: str, most: int) -> int:
    """Return the bytes of a regular file, decompressed if it ends in ``.gz``; 0 for another.

    What is compressed is decompressed to be counted, and no further than to ``most`` bytes.
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
    except (OSError, EOFError, ValueError):  # whoever reads it will say so
        return size
    return size
