"""Bytes to checked text: files, ``.gz`` files or standard input, in pieces of bounded size."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text.encodings import SAMPLE_BYTES, wide_encoding

STANDARD_INPUT = "-"

PIECE_BYTES = 1 << 20
"""A longer line comes in several pieces, cut at a space: a book may be a single line."""


class Piece(NamedTuple):
    """A line, or a part of a long one."""

    text: str  # with the newline, if there is one
    ends_line: bool  # by a newline or by the file's end


def read_pieces(source: str) -> Iterator[Piece]:
    r"""Read a text as UTF-8, a line at a time; ``\r\n`` becomes ``\n``, a leading BOM is dropped.

    Args:
        source: A path, one ending in ``.gz``, or ``-`` for standard input.

    Raises:
        UsageError: There is no such file, or it cannot be opened.
        CorpusError: It is not UTF-8, has a NUL byte or is no sound ``.gz``; the line and the byte
            are named.
    """
    try:
        with _open(source) as file:
            yield from _decode(file, source)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{source}: {error.strerror}; name a text file that can be read") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError(f"{source}: not a sound gzip file ({error}); compress it again") from None
    except ValueError as error:  # a path with a NUL byte
        raise UsageError(f"{source!r}: {error}; name a text file that can be read") from None


def display_name(source: str) -> str:
    """Return what messages call a source."""
    return "standard input" if source == STANDARD_INPUT else source


def _open(source: str) -> AbstractContextManager[BinaryIO]:
    if source == STANDARD_INPUT:
        if sys.stdin is None:
            raise UsageError("-: standard input is closed; name a text file")
        return nullcontext(sys.stdin.buffer)
    if source.endswith(".gz"):
        return cast(BinaryIO, gzip.open(source, "rb"))
    return Path(source).open("rb")


def _decode(file: BinaryIO, source: str) -> Iterator[Piece]:
    line, offset, ends_line = 1, 0, True
    carry: list[bytes] = []  # what has been read of a line after the last cut
    first = b""  # the first piece, by which an encoding is recognized
    try:
        while read := file.readline(PIECE_BYTES):
            ends_line = read.endswith(b"\n")
            whole = len(read) if ends_line else _cut(read)
            if not whole:
                carry.append(read)
                continue
            data, carry = b"".join([*carry, read[:whole]]), [read[whole:]]
            yield Piece(_text(data, line == 1 and offset == 0), ends_line)
            first = first or data
            line, offset = (line + 1, 0) if ends_line else (line, offset + len(data))
        if not ends_line:
            yield Piece(_text(b"".join(carry), line == 1 and offset == 0), True)
    except UnicodeDecodeError as error:
        # standard input may be a terminal, where reading on would wait for another line
        more = b"" if source == STANDARD_INPUT else file.read(SAMPLE_BYTES)
        sample = first + error.object + more
        raise _refusal(error, sample, display_name(source), line, offset) from None


def _cut(data: bytes) -> int:
    """Return where an unfinished line may be cut: after its last space, or nowhere yet.

    A short read is the file's last line and stays whole, so that its end is known to be one.
    """
    return data.rfind(b" ") + 1 if len(data) >= PIECE_BYTES else 0


def _text(data: bytes, at_start: bool) -> str:
    """Decode a piece.

    Raises:
        UnicodeDecodeError: It is not UTF-8, or has a NUL byte.
    """
    text = data.decode("utf-8")
    if "\0" in text:
        place = data.index(0)
        raise UnicodeDecodeError("utf-8", data, place, place + 1, "NUL byte")
    if at_start:
        text = text.removeprefix("\ufeff")
    return text[:-2] + "\n" if text.endswith("\r\n") else text


def _refusal(
    error: UnicodeDecodeError, sample: bytes, name: str, line: int, offset: int
) -> CorpusError:
    """Tell what is wrong with a byte of a piece, or with the whole text.

    Args:
        error: Names the byte.
        sample: The text's first piece, the piece and what follows it. A text in UTF-16 or UTF-32
            fails in its first line or in its second, for each line end has a NUL byte.
        name: What messages call the text.
        line: The number of the piece's line.
        offset: Bytes of the line before the piece.
    """
    if wide := wide_encoding(sample):
        encoding, iconv = wide
        return CorpusError(
            f"{name}: the text is {encoding}, not UTF-8; convert it, for example with "
            f"iconv -f {iconv} -t utf-8"
        )
    byte = error.object[error.start]
    where = f"{name}: line {line}, byte {offset + error.start + 1} (0x{byte:02x})"
    if byte == 0:
        return CorpusError(
            f"{where}: a NUL byte, which no text has; remove it, for example with tr -d '\\000'"
        )
    return CorpusError(
        f"{where}: not UTF-8; convert the text, for example with iconv -f latin1 -t utf-8"
    )
