"""Bytes to checked text: files, ``.gz`` files or standard input, in pieces of bounded size."""

from __future__ import annotations

import codecs
import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from typing import BinaryIO, NamedTuple

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text.encodings import SAMPLE_BYTES, wide_encoding
from rnnlm_cli.text.opened import MOST_EXPANSION, open_bytes

STANDARD_INPUT = "-"

PIECE_BYTES = 1 << 20
"""A longer line comes in several pieces, cut after white space: a book may be a single line."""

MOST_TOKEN_BYTES = 4_000_000
"""Of what stands between white space, by default; more is no word."""

TOO_LONG = (
    "a token of more than {:,} bytes; separate words by white space, use corpus.unit: char, or "
    "raise corpus.max_token_bytes"
)


class Limits(NamedTuple):
    """How much of a text is held in memory before something is wrong with it.

    Attributes:
        token_bytes: Bytes without white space; ``None`` where they may be cut anywhere, because
            each character is a token.
        expansion: Times its compressed size that a ``.gz`` file may be.
    """

    token_bytes: int | None = MOST_TOKEN_BYTES
    expansion: float = MOST_EXPANSION


class Piece(NamedTuple):
    """A line, or a part of a long one."""

    text: str  # with the newline, if there is one
    ends_line: bool  # by a newline or by the file's end


DEFAULT_LIMITS = Limits()


class InlineText(NamedTuple):
    """A text that is in memory already; it is read as a file would be."""

    name: str
    content: str


Source = str | InlineText
"""A path, one ending in ``.gz``, ``-`` for standard input, or a text in memory."""


def read_pieces(source: Source, limits: Limits = DEFAULT_LIMITS) -> Iterator[Piece]:
    r"""Read a text as UTF-8, a line at a time; ``\r\n`` becomes ``\n``, a leading BOM is dropped.

    Args:
        source: What to read.
        limits: Of what is held in memory.

    Raises:
        UsageError: There is no such file, or it cannot be opened.
        CorpusError: It is not UTF-8, has a NUL byte, a token that is too long or is no sound
            ``.gz``, or one that expands too much; the line and the byte are named.
    """
    try:
        with _open(source, limits) as file:
            yield from _decode(file, source, limits.token_bytes)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{source}: {error.strerror}; name a text file that can be read") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError(f"{source}: not a sound gzip file ({error}); compress it again") from None
    except ValueError as error:  # a path with a NUL byte
        raise UsageError(f"{source!r}: {error}; name a text file that can be read") from None


def whole_lines(pieces: Iterable[Piece], most: int, name: str, remedy: str) -> Iterator[Piece]:
    """Put the parts of long lines together; the last line may be without its end.

    Args:
        pieces: The text.
        most: Characters that a line may have.
        name: What messages call the text.
        remedy: What to do about a longer line, the end of the message.

    Raises:
        CorpusError: A line is longer.
    """
    number, parts, size = 1, list[str](), 0
    for piece in pieces:
        parts.append(piece.text)
        size += len(piece.text)
        if size > most:
            raise CorpusError(f"{name}: line {number}: is longer than {most:,} characters{remedy}")
        if piece.ends_line:
            yield Piece("".join(parts), True)
            number, parts, size = number + 1, [], 0
    if parts:
        yield Piece("".join(parts), False)


def display_name(source: Source) -> str:
    """Return what messages call a source."""
    if isinstance(source, InlineText):
        return source.name
    return "standard input" if source == STANDARD_INPUT else source


def _open(source: Source, limits: Limits) -> AbstractContextManager[BinaryIO]:
    if isinstance(source, InlineText):
        return nullcontext(BytesIO(source.content.encode()))
    if source == STANDARD_INPUT:
        if sys.stdin is None:
            raise UsageError("-: standard input is closed; name a text file")
        return nullcontext(sys.stdin.buffer)
    return open_bytes(source, limits.expansion)


def _decode(
    file: BinaryIO, source: Source, longest: int | None = MOST_TOKEN_BYTES
) -> Iterator[Piece]:
    line, offset, ends_line = 1, 0, True
    carry: list[bytes] = []  # what has been read of a line after the last cut
    carried = 0  # its bytes

    def text_of(data: bytes, cut: bool = False) -> str:
        text = _text(data, line == 1 and offset == 0, cut)
        if longest is not None and len(data) > longest and (place := _long_word(text, longest)):
            where = f"{display_name(source)}: line {line}, byte {offset + place}"
            raise CorpusError(f"{where}: {TOO_LONG.format(longest)}")
        return text

    first = b""  # the first piece, by which an encoding is recognized
    try:
        while read := file.readline(PIECE_BYTES):
            ends_line = read.endswith(b"\n")
            whole = len(read) if ends_line else _cut(read, anywhere=longest is None)
            if not whole:
                carry.append(read)
                carried += len(read)
                if longest is not None and carried > longest:
                    text_of(b"".join(carry), cut=True)
                continue
            data, carry = b"".join([*carry, read[:whole]]), [read[whole:]]
            carried = len(read) - whole
            yield Piece(text_of(data), ends_line)
            first = first or data
            line, offset = (line + 1, 0) if ends_line else (line, offset + len(data))
        if not ends_line:
            yield Piece(text_of(b"".join(carry)), True)
    except UnicodeDecodeError as error:
        # standard input may be a terminal, where reading on would wait for another line
        more = b"" if source == STANDARD_INPUT else file.read(SAMPLE_BYTES)
        sample = first + error.object + more
        raise _refusal(error, sample, display_name(source), line, offset) from None


def _cut(data: bytes, anywhere: bool) -> int:
    r"""Return where an unfinished line may be cut: after its last blank, or nowhere yet.

    A short read is the file's last line and stays whole, so that its end is known to be one. The
    last byte stays on the right, so that no ``\r`` is parted from its ``\n``.

    Args:
        data: A part of a line, which may begin and end within a character.
        anywhere: A place between any two characters will do, where there is no blank.
    """
    if len(data) < PIECE_BYTES:
        return 0
    if blank := data.rfind(b" ") + 1:
        return blank
    head = data.decode("utf-8", "surrogateescape")[:-1]  # bytes that are no character count, too
    if not head[-1:].isspace():
        (word,) = head.rsplit(maxsplit=1)[-1:] or [""]
        head = head[: len(head) - len(word)]
    if not head and anywhere:
        last = len(data) - 1
        while last and data[last] & 0xC0 == 0x80:  # within a character
            last -= 1
        return last
    return len(head.encode("utf-8", "surrogateescape"))


def _text(data: bytes, at_start: bool, cut: bool = False) -> str:
    """Decode a piece.

    Args:
        data: The piece.
        at_start: It begins the text.
        cut: It may end within a character.

    Raises:
        UnicodeDecodeError: It is not UTF-8, or has a NUL byte.
    """
    text, _ = codecs.utf_8_decode(data, "strict", not cut)
    if "\0" in text:
        place = data.index(0)
        raise UnicodeDecodeError("utf-8", data, place, place + 1, "NUL byte")
    if at_start:
        text = text.removeprefix("\ufeff")
    return text[:-2] + "\n" if text.endswith("\r\n") else text


def _long_word(text: str, longest: int) -> int:
    """Return the byte, from 1, at which the first word of more than so many bytes begins, or 0."""
    for word in text.split():
        if 4 * len(word) > longest and len(word.encode()) > longest:
            return len(text[: text.index(word)].encode()) + 1
    return 0


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
