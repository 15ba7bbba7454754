"""Decompressed streams as files: with a limit, and with errors that name the compressed file."""

from __future__ import annotations

import errno
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol, cast

from rnnlm_cli.errors import CorpusError

OUTPUT = 1 << 16
"""Decompressed bytes that are asked for at a time."""


class DamagedError(Exception):
    """A compressed file is damaged."""


class Stream(Protocol):
    """Decompressed bytes."""

    def read1(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


DAMAGES = (
    DamagedError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    ValueError,
    NotImplementedError,
    OSError,
)
"""What the standard library raises for damaged files; see also ``of_the_system``."""


def of_the_system(error: Exception) -> bool:
    """Whether an error is the disk's, not a file's: it has a number.

    A seek to a place before the beginning, which a damaged file may ask for, has ``EINVAL``.
    """
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)


def guarded(
    stream: Stream,
    file: Any,
    damaged: Callable[[Exception], CorpusError],
    most: float,
    too_much: Callable[[int], CorpusError],
) -> BinaryIO:
    """Return a decompressed stream as a file whose errors name the compressed one.

    Args:
        stream: The decompressed bytes.
        file: Closed together with the result.
        damaged: Makes the error for a damaged file.
        most: Maximum number of bytes.
        too_much: Makes the error for more bytes, from the number of them.
    """
    raw = _Guarded(stream, file, damaged, most, too_much)
    return cast(BinaryIO, io.BufferedReader(raw, OUTPUT))


class _Guarded(io.RawIOBase):
    def __init__(
        self,
        stream: Stream,
        file: Any,
        damaged: Callable[[Exception], CorpusError],
        most: float,
        too_much: Callable[[int], CorpusError],
    ) -> None:
        self._stream, self._file, self._damaged = stream, file, damaged
        self._most, self._too_much, self._read = most, too_much, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            data = self._stream.read1(len(buffer))
        except DAMAGES as error:
            if of_the_system(error):
                raise
            raise self._damaged(error) from None
        self._read += len(data)
        if self._read > self._most:
            raise self._too_much(self._read)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
