"""Compressed frames that follow one another, decompressed as one stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from rnnlm_cli.text.sources.guarded import OUTPUT, DamagedError

INPUT = 1 << 10
"""Compressed bytes that are passed on at a time: in ``.zst`` these may expand to 32 MB."""


class Decompressor(Protocol):
    """Decompresses one frame, as the classes of ``bz2`` and ``lzma`` do."""

    @property
    def eof(self) -> bool:
        """Whether the frame has ended."""

    @property
    def unused_data(self) -> bytes:
        """Return the bytes after the frame's end."""

    @property
    def needs_input(self) -> bool:
        """Whether there is no output without more input."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return about ``max_length`` bytes of output at most."""


class Frames:
    """The decompressed bytes of one or more frames; zero bytes may follow each."""

    def __init__(self, file: BinaryIO, new: Callable[[], Decompressor]) -> None:
        self._file, self._new = file, new
        self._frame, self._started = new(), False
        self._ready = memoryview(b"")

    def read1(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end.

        Raises:
            EOFError: The file ends within a frame.
        """
        while not self._ready:
            if self._frame.eof:
                if not self._next_frame():
                    return b""
                continue
            data = self._file.read(INPUT) if self._frame.needs_input else b""
            if self._frame.needs_input and not data:
                if self._started:
                    raise EOFError("it ends too early")
                return b""
            self._started = True
            self._ready = memoryview(self._frame.decompress(data, OUTPUT))
        found, self._ready = self._ready[:size], self._ready[size:]
        return bytes(found)

    def _next_frame(self) -> bool:
        """Begin the frame after the one that has ended; return whether there is one."""
        data = self._frame.unused_data.lstrip(b"\0")
        while not data:
            if not (read := self._file.read(INPUT)):
                return False
            data = read.lstrip(b"\0")
        self._frame = self._new()
        self._ready = memoryview(self._frame.decompress(data, OUTPUT))
        return True


class Zstandard:
    """A frame, decompressed by the standard library or by the package ``zstandard``.

    Both refuse a frame that needs a window of more than 128 MiB.
    """

    def __init__(self, module: Any) -> None:
        self._error = module.ZstdError
        frame = module.ZstdDecompressor()
        self._has_limit = hasattr(frame, "needs_input")  # as the standard library's has
        self._frame = frame if self._has_limit else frame.decompressobj()

    @property
    def eof(self) -> bool:
        """Whether the frame has ended."""
        return bool(self._frame.eof)

    @property
    def unused_data(self) -> bytes:
        """Return the bytes after the frame's end."""
        return bytes(self._frame.unused_data)

    @property
    def needs_input(self) -> bool:
        """Whether there is no output without more input."""
        return bool(self._frame.needs_input) if self._has_limit else True

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return output, at most about ``max_length`` bytes if the module has such a limit.

        Raises:
            DamagedError: The frame is damaged, or needs too large a window.
        """
        limit = (max_length,) if self._has_limit else ()
        try:
            return bytes(self._frame.decompress(data, *limit))
        except self._error as error:
            raise DamagedError(error) from None
