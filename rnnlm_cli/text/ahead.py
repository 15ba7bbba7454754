"""A file of which more can be seen than has been read."""

from __future__ import annotations

from io import BufferedReader, BytesIO
from typing import BinaryIO, cast

BLOCK_BYTES = 1 << 16
"""Maximum bytes of short lines that are read together; their tokens fit the cache of a core."""


class Ahead:
    """Reads a file, looks at what comes next without reading it, and takes back what was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = cast(BufferedReader | BytesIO, file)
        self._held, self._place = b"", 0  # what was seen, and how much of it has been read

    def readline(self, size: int) -> bytes:
        """Read a line, or at most ``size`` bytes of it."""
        most = min(self._place + size, len(self._held))
        stop = self._held.find(b"\n", self._place, most) + 1 or most
        line, self._place = self._held[self._place : stop], stop
        if line.endswith(b"\n") or len(line) == size:
            return line
        return line + self._file.readline(size - len(line))

    def readlines(self, size: int) -> bytes:
        """Read the lines that are there, about ``BLOCK_BYTES``; at least what ``readline`` reads.

        It waits for no more than one line, as of a pipe.
        """
        data, most = self._from_held(size), min(BLOCK_BYTES, size)
        if len(data) < most and b"\n" not in data:
            data += self._file.read1(most - len(data))
        if stop := data.rfind(b"\n") + 1:
            self.put_back(data[stop:])
            return data[:stop]
        return data + self._file.readline(size - len(data)) if len(data) < size else data

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes."""
        data = self._from_held(size)
        return data + self._file.read(size - len(data)) if len(data) < size else data

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer at the end of the file."""
        self.put_back(self.read(size))
        return self._held[:size]

    def put_back(self, data: bytes) -> None:
        """Put back what was read last, to be read again."""
        self._held, self._place = data + self._held[self._place :], 0

    def _from_held(self, size: int) -> bytes:
        data = self._held[self._place : self._place + size]
        self._place += len(data)
        return data
