"""Compressed files by their ending: one table, one function per format.

Any compressed file is read only up to a limit, since a megabyte can expand to a gigabyte. Members
(frames, streams) that follow one another are read as one file.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.optional import extra

ALWAYS_ALLOWED = 64_000_000
"""Bytes that any compressed file may expand to; small ones may repeat a few words."""

MOST_MEMORY = 256_000_000
"""Bytes of memory for decompressing; ``xz -9`` needs 65 MiB, and a forged file may ask for more."""

INPUT = 1 << 10
"""Compressed bytes that are passed on at a time: in ``.zst`` these may expand to 32 MB."""

OUTPUT = 1 << 16
"""Decompressed bytes that are asked for at a time."""


class DamagedError(Exception):
    """A compressed file is damaged."""


class Stream(Protocol):
    """Decompressed bytes."""

    def read1(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


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


def _of_gzip(file: BinaryIO) -> Stream:
    return gzip.GzipFile(fileobj=file, mode="rb")


def _of_bzip2(file: BinaryIO) -> Stream:
    return Frames(file, bz2.BZ2Decompressor)


def _of_xz(file: BinaryIO) -> Stream:
    return Frames(file, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, MOST_MEMORY))


def _of_zstandard(file: BinaryIO) -> Stream:
    if sys.version_info >= (3, 14):
        module = extra("compression.zstd", "zst")
    else:
        module = extra("zstandard", "zst")
    return Frames(file, lambda: _Zstandard(module))


class _Zstandard:
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
        return bool(self._frame.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._frame.unused_data)

    @property
    def needs_input(self) -> bool:
        return bool(self._frame.needs_input) if self._has_limit else True

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        limit = (max_length,) if self._has_limit else ()
        try:
            return bytes(self._frame.decompress(data, *limit))
        except self._error as error:
            raise DamagedError(error) from None


class Compression(NamedTuple):
    """A compressed format."""

    name: str
    magics: tuple[bytes, ...]  # what a file may begin with
    program: str  # decompresses it
    stream: Callable[[BinaryIO], Stream]


COMPRESSIONS = {
    ".gz": Compression("gzip", (b"\x1f\x8b",), "gunzip", _of_gzip),
    ".xz": Compression("xz", (b"\xfd7zXZ\0",), "unxz", _of_xz),
    ".bz2": Compression("bzip2", (b"BZh",), "bunzip2", _of_bzip2),
    ".zst": Compression(
        "zstd",
        (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + k]) + b"\x2a\x4d\x18" for k in range(16))),
        "unzstd",
        _of_zstandard,
    ),
}
"""The formats by their ending, in lower case."""


def split_compression(name: str) -> tuple[str, str]:
    """Return a file's name without the ending of a compressed format, and that ending.

    >>> split_compression("a.csv.gz"), split_compression("a.txt")
    (('a.csv', '.gz'), ('a.txt', ''))
    """
    ending = next((end for end in COMPRESSIONS if name.lower().endswith(end)), "")
    return name[: len(name) - len(ending)], ending


def most_bytes(size: float, expansion: float) -> float:
    """Return how many bytes a compressed file of ``size`` bytes may expand to."""
    return max(ALWAYS_ALLOWED, expansion * size)


def expands_too_much(place: str, expansion: float, program: str) -> CorpusError:
    """Return the error for a file that expands beyond its limit."""
    return CorpusError(
        f"{place}: expands to more than {expansion:g} times its compressed size; if that is "
        f"intended, decompress it with {program}, or raise corpus.max_expansion if a config "
        "names it"
    )


def decompressed(file: BinaryIO, name: str, size: float, expansion: float) -> BinaryIO:
    """Return a file's content, decompressed if its name has such an ending.

    Args:
        file: The file; closed together with the result.
        name: Its name.
        size: Its size in bytes; infinite for a pipe.
        expansion: Maximum of decompressed over compressed size.

    Raises:
        UsageError: A package for it is missing.
        CorpusError: When the result is read: it is damaged, or expands beyond its limit.
    """
    _, ending = split_compression(name)
    if not ending:
        return file
    compression = COMPRESSIONS[ending]
    try:
        first = file.peek(8)[:8]  # type: ignore[attr-defined]
        if first and not first.startswith(compression.magics):
            said = f"{name}: is not compressed with {compression.name}; omit {ending} in its name"
            raise CorpusError(said)
        stream = compression.stream(file)
    except BaseException:
        file.close()
        raise

    def damaged(error: Exception) -> CorpusError:
        reason = f"{name}: not a valid {compression.name} file ({error})"
        return CorpusError(f"{reason}; compress it again")

    def too_much(place: int) -> CorpusError:
        return expands_too_much(f"{name}: byte {place:,}", expansion, compression.program)

    return guarded(stream, file, damaged, most_bytes(size, expansion), too_much)


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
