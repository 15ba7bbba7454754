"""Bytes to checked text: files, ``.gz`` files or standard input, in pieces of bounded size."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from itertools import chain
from typing import BinaryIO, NamedTuple

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.system.text_encodings import AUTO, UTF8
from rnnlm_cli.text.decoding import Decoding
from rnnlm_cli.text.opened import MOST_EXPANSION, open_bytes
from rnnlm_cli.text.pieces import Piece, Pieces

STANDARD_INPUT = "-"

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
        expansion: Maximum of decompressed over compressed size of a ``.gz`` file.
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

Source = str | InlineText
"""A path, one ending in ``.gz``, ``-`` for standard input, or a text in memory."""


def read_pieces(
    source: Source, limits: Limits = DEFAULT_LIMITS, tell: Tell | None = None
) -> Iterator[Piece]:
    r"""Read a text a line at a time; ``\r\n`` becomes ``\n``, a leading BOM is dropped.

    Args:
        source: A path, possibly ending in ``.gz``, or ``-`` for standard input. A text in memory
            is already decoded.
        limits: The encoding, and limits on the text held in memory.
        tell: Called at the end with the name and the encoding, if it had to be found.

    Raises:
        UsageError: The file does not exist or cannot be opened.
        CorpusError: It is not in the encoding, has a NUL character or a token that is too long, or
            is a ``.gz`` file that is not valid or expands too much; names line and byte.
    """
    try:
        with _open(source, limits) as file:
            encoding = UTF8 if isinstance(source, InlineText) else limits.encoding
            live = source == STANDARD_INPUT and (encoding != AUTO or file.isatty())
            decoding = Decoding(file, display_name(source), encoding, limits.remedy, live)
            pieces = Pieces(decoding, display_name(source), limits.token_bytes).read(PIECE_BYTES)
            yield from _space_first(pieces) if limits.space_first else pieces
            if encoding == AUTO and tell is not None:
                tell(display_name(source), decoding.encoding)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{source}: {error.strerror}; name a text file that can be read") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError(f"{source}: not a valid gzip file ({error}); compress it again") from None
    except ValueError as error:  # a path with a NUL byte
        raise UsageError(f"{source!r}: {error}; name a text file that can be read") from None


def all_pieces(sources: Iterable[Source], limits: Limits) -> Iterator[Piece]:
    """Read texts one after another; open each only when the one before is finished."""
    return chain.from_iterable(read_pieces(source, limits) for source in sources)


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


def _space_first(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Move white space from the end of an unfinished piece to the beginning of the next one."""
    space = ""
    for text, ends_line, begins_line in pieces:
        whole = space + text
        kept = whole if ends_line else whole.rstrip()
        space = whole[len(kept) :]
        if len(space) >= PIECE_BYTES:  # nothing but white space
            kept, space = whole, ""
        if kept:
            yield Piece(kept, ends_line, begins_line)
