"""Compressed files by their ending: one table, one function per format.

Any compressed file is read only up to a limit, since a megabyte can expand to a gigabyte. Members
(frames, streams) that follow one another are read as one file.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.optional import extra
from rnnlm_cli.text.sources.frames import Frames, Zstandard
from rnnlm_cli.text.sources.guarded import Stream, guarded

MOST_MEMORY = 256_000_000
"""Bytes of memory for decompressing; ``xz -9`` needs 65 MiB, and a forged file may ask for more."""

ALWAYS_ALLOWED = 64_000_000
"""Bytes that any compressed file may expand to; small ones may repeat a few words."""


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
    return Frames(file, lambda: Zstandard(module))


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
