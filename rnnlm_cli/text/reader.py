"""Bytes to checked text: files, records or standard input, in pieces of bounded size."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from typing import BinaryIO, NamedTuple

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text.encodings import SAMPLE_BYTES, wide_encoding
from rnnlm_cli.text.opened import MOST_EXPANSION, open_bytes
from rnnlm_cli.text.sources.compression import most_bytes
from rnnlm_cli.text.sources.formats import Format, format_of, open_from_end
from rnnlm_cli.text.sources.named import File
from rnnlm_cli.text.sources.records import MOST_RECORD, SPLIT, RecordFile

STANDARD_INPUT = "-"

PIECE_BYTES = 1 << 20
"""A longer line is split into pieces after white space: a book may be a single line."""

MOST_TOKEN_BYTES = 4_000_000
"""Default maximum bytes of a token between white space."""

TOO_LONG = (
    "a token of more than {:,} bytes; separate words by white space, use corpus.unit: char, or "
    "raise corpus.max_token_bytes"
)


class Limits(NamedTuple):
    """Limits on a text; beyond them reading stops with an error, before memory fills.

    Attributes:
        token_bytes: Maximum bytes without white space; ``None`` if a text may be split anywhere,
            because each character is a token.
        expansion: Maximum of decompressed over compressed size.
    """

    token_bytes: int | None = MOST_TOKEN_BYTES
    expansion: float = MOST_EXPANSION


class Piece(NamedTuple):
    """A line, or a part of a long one."""

    text: str  # with the newline, if it has one
    ends_line: bool  # at a newline or at the file's end


DEFAULT_LIMITS = Limits()


class InlineText(NamedTuple):
    """A text that is in memory already; it is read as a file would be."""

    name: str
    content: str


Source = str | InlineText | File
"""A path, ``-`` for standard input, a text in memory, or a file that ``expand`` has found."""


def read_pieces(source: Source, limits: Limits = DEFAULT_LIMITS) -> Iterator[Piece]:
    r"""Read a text as UTF-8, a line at a time; ``\r\n`` becomes ``\n``, a leading BOM is dropped.

    A compressed file is decompressed. Each record of a ``File`` of records is a text of one or more
    lines; only that of a path is read as it is.

    Args:
        source: The text.
        limits: Limits on the text held in memory.

    Raises:
        UsageError: The file does not exist or cannot be opened.
        CorpusError: It is not UTF-8, has a NUL byte or a token that is too long, is damaged or
            expands too much, or a record has no text; names the line and the byte.
    """
    form, name = format_of(source) if isinstance(source, File) else None, display_name(source)
    try:
        with _open(source, limits) as file:
            if isinstance(source, File) and form is not None:
                yield from _read_records(file, source, form, limits)
            else:
                yield from _decode(file, source, limits.token_bytes)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{name}: {error.strerror}; name a text file that can be read") from None
    except ValueError as error:  # a path with a NUL byte
        raise UsageError(f"{name!r}: {error}; name a text file that can be read") from None


def _read_records(file: BinaryIO, source: File, form: Format, limits: Limits) -> Iterator[Piece]:
    """Read the texts of a file of records; each ends a line."""
    name, size = source.name, os.path.getsize(source.path)
    pieces = whole_lines(_decode(file, source, None), MOST_RECORD, name, f"; {SPLIT}")
    lines = (piece.text for piece in pieces)
    most = most_bytes(size, limits.expansion)
    given = RecordFile(name, str(source.field), file, lines, most)
    for place, text in form.texts(given):
        ended = text if text.endswith("\n") else f"{text}\n"
        yield from read_pieces(InlineText(f"{name}: {place}", ended), limits)


def whole_lines(pieces: Iterable[Piece], most: int, name: str, remedy: str) -> Iterator[Piece]:
    """Join the pieces of long lines; the last line may be unfinished.

    Args:
        pieces: The text.
        most: Maximum characters of a line.
        name: The text's name in messages.
        remedy: The end of the message: what to do about a longer line.

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
    """Return a source's name in messages."""
    if isinstance(source, InlineText | File):
        return source.name
    return "standard input" if source == STANDARD_INPUT else source


def file_of(source: Source) -> File | None:
    """Return the file that a source is; ``None`` for standard input and a text in memory."""
    if isinstance(source, str):
        return None if source == STANDARD_INPUT else File(source)
    return source if isinstance(source, File) else None


def left_out_of(sources: Iterable[Source]) -> tuple[str, ...]:
    """Return a note for each directory, pattern or archive from which something is left out."""
    groups = (source.group for source in sources if isinstance(source, File))
    distinct = dict.fromkeys(group for group in groups if group is not None)
    return tuple(f"{one.name}: left out: {one.left_out}" for one in distinct if one.left_out)


def names_of(sources: Iterable[Source]) -> str:
    """Return the names of a text's files in messages; many that one name stands for, by it."""
    shown, last = list[str](), None
    for source in sources:
        group = source.group if isinstance(source, File) else None
        if group is None or group is not last:
            shown.append(str(group or display_name(source)))
        last = group
    return ", ".join(shown)


def _open(source: Source, limits: Limits) -> AbstractContextManager[BinaryIO]:
    if isinstance(source, InlineText):
        return nullcontext(BytesIO(source.content.encode()))
    if source == STANDARD_INPUT:
        if sys.stdin is None:
            raise UsageError("-: standard input is closed; name a text file")
        return nullcontext(sys.stdin.buffer)
    if isinstance(source, str):
        return open_bytes(source, limits.expansion)
    form = format_of(source)
    if form is not None and form.binary:
        return open_from_end(source)
    return source.open(limits.expansion)


def _decode(
    file: BinaryIO, source: Source, longest: int | None = MOST_TOKEN_BYTES
) -> Iterator[Piece]:
    line, offset, ends_line = 1, 0, True
    carry: list[bytes] = []  # the part of a line read since the last cut
    carried = 0  # its size in bytes

    def text_of(data: bytes, cut: bool = False) -> str:
        text = _text(data, line == 1 and offset == 0, cut)
        if longest is not None and len(data) > longest and (place := _long_word(text, longest)):
            where = f"{display_name(source)}: line {line}, byte {offset + place}"
            raise CorpusError(f"{where}: {TOO_LONG.format(longest)}")
        return text

    first = b""  # the first piece, to recognize an encoding
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
        # standard input may be a terminal, and reading more would wait for another line
        more = b"" if source == STANDARD_INPUT else file.read(SAMPLE_BYTES)
        sample = first + error.object + more
        raise _refusal(error, sample, display_name(source), line, offset) from None


def _cut(data: bytes, anywhere: bool) -> int:
    r"""Return where to cut an unfinished line: after its last white space, or 0 for not yet.

    A short read is the file's last line and stays whole, so that its end counts as a line's end.
    The last byte is never included, so that ``\r`` and ``\n`` stay together.

    Args:
        data: A part of a line, which may begin and end within a character.
        anywhere: Without white space, cut between any two characters.
    """
    if len(data) < PIECE_BYTES:
        return 0
    if blank := data.rfind(b" ") + 1:
        return blank
    head = data.decode("utf-8", "surrogateescape")[:-1]  # invalid bytes count as characters
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
    """Return the first byte (from 1) of the first word over ``longest`` bytes, or 0 for none."""
    for word in text.split():
        if 4 * len(word) > longest and len(word.encode()) > longest:
            return len(text[: text.index(word)].encode()) + 1
    return 0


def _refusal(
    error: UnicodeDecodeError, sample: bytes, name: str, line: int, offset: int
) -> CorpusError:
    """Return the error for a wrong byte of a piece, or for a text in another encoding.

    Args:
        error: Holds the piece and the position of the byte.
        sample: The text's first piece, this piece and some bytes after it. A text in UTF-16 or
            UTF-32 fails in its first or second line, because each line end has a NUL byte.
        name: The text's name in messages.
        line: The number of the piece's line.
        offset: Number of bytes of the line before the piece.
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
            f"{where}: a NUL byte is not allowed; remove it, for example with tr -d '\\000'"
        )
    return CorpusError(
        f"{where}: not UTF-8; convert the text, for example with iconv -f latin1 -t utf-8"
    )
