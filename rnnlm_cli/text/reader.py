"""Bytes to checked text: files, records or standard input, in pieces of bounded size."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from io import BytesIO
from itertools import chain
from typing import BinaryIO, NamedTuple

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.system.text_encodings import AUTO, UTF8
from rnnlm_cli.text.decoding import Decoded, Decoding
from rnnlm_cli.text.opened import MOST_EXPANSION, named_file, open_bytes
from rnnlm_cli.text.pieces import Piece, Pieces
from rnnlm_cli.text.sources.compression import most_bytes
from rnnlm_cli.text.sources.formats import Format, format_of, open_from_end
from rnnlm_cli.text.sources.named import File
from rnnlm_cli.text.sources.records import MOST_RECORD, SPLIT, RecordFile

STANDARD_INPUT = "-"

READABLE = "name a text file that can be read"

PIECE_BYTES = 1 << 20
"""A longer line is split into pieces after white space: a book may be a single line."""

MOST_TOKEN_BYTES = 4_000_000
"""Default maximum bytes of a token between white space."""


class Limits(NamedTuple):
    """How a text is read: its encoding, and limits on it.

    Beyond the limits reading stops with an error, before memory fills.

    Attributes:
        token_bytes: Maximum bytes without white space; ``None`` if a text may be split anywhere,
            because each character is a token.
        expansion: Maximum of decompressed over compressed size.
        encoding: The encoding of the file: one that Python knows, or ``auto``.
        remedy: How a user sets another encoding, before its name.
        space_first: Whether a long line is cut before white space, which belongs to the word after
            it, instead of after it.
    """

    token_bytes: int | None = MOST_TOKEN_BYTES
    expansion: float = MOST_EXPANSION
    encoding: str = UTF8
    remedy: str = "set corpus.encoding:"
    space_first: bool = False


DEFAULT_LIMITS = Limits()


class InlineText(NamedTuple):
    """A text that is in memory already; it is read as a file would be."""

    name: str
    content: str


Tell = Callable[[str, str], None]
"""Takes a text's name, and the encoding that was found in it."""

Source = str | InlineText | File
"""A path, ``-`` for standard input, a text in memory, or a file that ``expand`` has found."""


def read_pieces(
    source: Source, limits: Limits = DEFAULT_LIMITS, tell: Tell | None = None
) -> Iterator[Piece]:
    r"""Read a text a line at a time; ``\r\n`` becomes ``\n``, a leading BOM is dropped.

    A compressed file is decompressed. Each record of a ``File`` of records is a text of one or more
    lines; only that of a path is read as it is.

    Args:
        source: The text. One in memory, and what is in a Parquet file, is already decoded.
        limits: The encoding, and limits on the text held in memory.
        tell: Called at the end, or where the caller stops reading, with the name and the encoding,
            if it had to be found.

    Raises:
        UsageError: The file does not exist or cannot be opened.
        CorpusError: It is not in the encoding, has a NUL character or a token that is too long, is
            damaged or expands too much, or a record has no text; names line and byte.
    """
    with closing(read_blocks(source, limits, tell)) as blocks:
        for block in blocks:
            yield from block.lines()


def read_blocks(
    source: Source, limits: Limits = DEFAULT_LIMITS, tell: Tell | None = None
) -> Generator[Piece]:
    """Read a text as ``read_pieces`` does, but many lines at a time, which is faster.

    Raises:
        UsageError, CorpusError: As ``read_pieces``.
    """
    form, name = format_of(source) if isinstance(source, File) else None, display_name(source)
    with named_file(name, READABLE), _open(source, limits) as file:
        encoding = UTF8 if isinstance(source, InlineText) else limits.encoding
        live = source == STANDARD_INPUT and (encoding != AUTO or file.isatty())
        decoding = Decoding(file, name, encoding, limits.remedy, live)
        try:
            if isinstance(source, File) and form is not None:
                yield from _read_records(decoding, file, source, form, limits)
            else:
                yield from _blocks(decoding, name, limits)
        finally:
            is_text = form is None or not form.binary
            if encoding == AUTO and is_text and tell is not None:
                tell(name, decoding.encoding)


def check_there(sources: Iterable[Source]) -> None:
    """Refuse a missing file of a text at once, before what takes long.

    Raises:
        UsageError: It does not exist.
    """
    for source in sources:
        if not isinstance(source, InlineText) and source != STANDARD_INPUT:
            with named_file(display_name(source), READABLE):
                os.stat(source.path if isinstance(source, File) else source)


def _blocks(decoding: Decoding | Decoded, name: str, limits: Limits) -> Iterator[Piece]:
    blocks = Pieces(decoding, name, limits.token_bytes).read(PIECE_BYTES)
    return _space_first(blocks) if limits.space_first else blocks


def _read_records(
    decoding: Decoding, file: BinaryIO, source: File, form: Format, limits: Limits
) -> Iterator[Piece]:
    """Read the texts of a file of records; each ends a line."""
    name, size = source.name, os.path.getsize(source.path)
    blocks = Pieces(decoding, name, longest=None).read(PIECE_BYTES)
    pieces = chain.from_iterable(map(Piece.lines, blocks))
    lines = (line.text for line in whole_lines(pieces, MOST_RECORD, name, f"; {SPLIT}"))
    most = most_bytes(size, limits.expansion)
    given = RecordFile(name, str(source.field), file, lines, most)
    for place, text in form.texts(given):
        ended = text if text.endswith("\n") else f"{text}\n"
        yield from _blocks(Decoded(ended), f"{name}: {place}", limits)


def all_pieces(sources: Iterable[Source], limits: Limits) -> Iterator[Piece]:
    """Read texts one after another; open each only when the one before is finished."""
    return chain.from_iterable(read_pieces(source, limits) for source in sources)


def all_blocks(sources: Iterable[Source], limits: Limits) -> Iterator[Piece]:
    """Read texts as ``all_pieces`` does, many lines at a time."""
    return chain.from_iterable(read_blocks(source, limits) for source in sources)


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


def _space_first(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Move white space from the end of an unfinished piece to the beginning of the next one."""
    space = ""
    for text, ends_line, begins_line in pieces:  # blocks, or parts of a line
        whole = space + text
        kept = whole if ends_line else whole.rstrip()
        space = whole[len(kept) :]
        if len(space) >= PIECE_BYTES:  # nothing but white space
            kept, space = whole, ""
        if kept:
            yield Piece(kept, ends_line, begins_line)
