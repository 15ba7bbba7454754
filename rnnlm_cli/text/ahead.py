"""A file of which more can be seen than has been read."""

from __future__ import annotations

from typing import BinaryIO


class Ahead:
    """Reads a file, and looks at what comes next without reading it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._held = file, b""

    def readline(self, size: int) -> bytes:
        """Read a line, or at most ``size`` bytes of it."""
        held = self._held[:size]
        stop = held.find(b"\n") + 1 or len(held)
        line, self._held = held[:stop], self._held[stop:]
        if line.endswith(b"\n") or len(line) == size:
            return line
        return line + self._file.readline(size - len(line))

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes."""
        data, self._held = self._held[:size], self._held[size:]
        return data + self._file.read(size - len(data)) if len(data) < size else data

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer at the end of the file."""
        if len(self._held) < size:
            self._held += self._file.read(size - len(self._held))
        return self._held[:size]
