"""Opens files for reading: plain, compressed with a limit, or regular files only."""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text.sources.compression import decompressed, split_compression

MOST_EXPANSION = 100.0
"""Default maximum of decompressed over compressed size; for prose it is three to six."""

NOT_REGULAR = "is not a regular file, but a device, a pipe or a socket"


def open_bytes(path: str, most_expansion: float = MOST_EXPANSION) -> BinaryIO:
    """Open a file for reading; decompress it if its ending says so (see ``COMPRESSIONS``).

    Args:
        path: The file; it may be a pipe.
        most_expansion: Maximum of decompressed over compressed size.

    Raises:
        OSError, ValueError: The file does not exist or cannot be opened.
        UsageError: A package for this compression is missing.
        CorpusError: It is not compressed as its ending says; also while it is read: it is damaged,
            or expands beyond its limit.
    """
    file = Path(path).open("rb")  # noqa: SIM115 (closed by the caller)
    found = os.fstat(file.fileno())
    size = found.st_size if stat.S_ISREG(found.st_mode) else math.inf  # a pipe has no size
    return decompressed(file, path, size, most_expansion)


@contextmanager
def named_file(name: str, remedy: str) -> Iterator[None]:
    """Name a file that cannot be opened within the block, and say what to do.

    Raises:
        UsageError: It does not exist, is a directory, may not be read, or has an invalid name.
    """
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{name}: {error.strerror}; {remedy}") from None
    except ValueError as error:  # a path with a NUL byte
        raise UsageError(f"{name!r}: {error}; {remedy}") from None


class _PartOfFile(RawIOBase):
    """The bytes of an open file between two places."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self._file, self._left = file, stop - start
        file.seek(start)

    def readable(self) -> bool:
        """It is read only."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, as far as there are bytes."""
        data = self._file.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def part_of_file(file: BinaryIO, start: int, stop: int) -> BinaryIO:
    """Return the bytes ``start`` to ``stop - 1`` of an open file as a file."""
    return BufferedReader(_PartOfFile(file, start, stop), 1 << 20)


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
    """Return the size of a regular file in bytes, decompressed if its ending says so; else 0.

    A compressed file is decompressed to count its bytes, up to about ``most``.
    """
    if not os.path.isfile(path):
        return 0
    if not split_compression(path)[1]:
        return os.stat(path).st_size
    size = 0
    try:
        with open_bytes(path, math.inf) as file:
            while size < most and (data := file.read(1 << 20)):
                size += len(data)
    except (OSError, CorpusError):  # reported when the file is read
        return size
    return size
