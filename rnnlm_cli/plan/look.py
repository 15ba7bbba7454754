"""Looks at a text that a user names: its files, its encoding, its size, and what it is like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rnnlm_cli.errors import UsageError
from rnnlm_cli.plan.survey import Survey, survey
from rnnlm_cli.report.table import byte_count
from rnnlm_cli.system.text_encodings import AUTO
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import STANDARD_INPUT, Limits, Source, file_of, left_out_of, read_pieces
from rnnlm_cli.text.sources.expand import expand

MOST_COUNTED = 200_000_000
"""Bytes up to which a compressed file is decompressed to know its size."""


LEAST_CHARACTERS = 1000
"""Of a text to train on; a useful model needs many times as many."""

NOTABLE = 0.01
"""A larger share of words with punctuation attached is told."""

NOTABLE_REPEATS = 0.2
"""So is a larger share of lines that occurred before."""


class Text(NamedTuple):
    """What is known about a text.

    Attributes:
        survey: What it, or its beginning, is like.
        bytes: Its size; an estimate if not all of it was read.
        encodings: The encodings of the files that were read.
        files: Number of its files.
        notes: Lines for the user: what is left out.
    """

    survey: Survey
    bytes: int
    encodings: tuple[str, ...]
    files: int
    notes: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """What it is like, for the user."""
        found, encoding = self.survey, ", ".join(self.encodings)
        script = found.script.capitalize() or "no"
        files = f"{self.files:,} files, " if self.files > 1 else ""
        lines = [
            f"{files}{byte_count(self.bytes)} of {encoding}, mostly {script} letters, "
            f"{found.alphabet:,} different characters",
            f"{found.words:,} words between spaces, {found.types:,} different, "
            f"{found.once / found.types:.0%} of those once",
            f"{found.lines:,} lines of {found.characters / max(found.lines, 1):,.0f} characters on "
            f"average, the longest has {found.longest_line:,}",
        ]
        if found.glued > NOTABLE * found.words:
            lines.append(f"punctuation is attached to {found.glued / found.words:.0%} of the words")
        if found.repeated_lines > NOTABLE_REPEATS * found.lines:
            share = found.repeated_lines / found.lines
            lines.append(f"{share:.0%} of the lines occurred before; some are in what is held out")
        if not found.is_whole:
            lines.append(f"of it the first {byte_count(found.bytes)} were read")
        return lines

    @property
    def encoding(self) -> str:
        """The encoding of all its files; ``auto`` if they have several."""
        return self.encodings[0] if len(self.encodings) == 1 else AUTO


def look_at(names: Sequence[str], field: str | None, encoding: str) -> Text:
    """Read a text, or the beginning of a long one.

    Args:
        names: Files, directories, patterns or archives.
        field: The field of records that is the text; ``None`` reads them line by line.
        encoding: Its encoding; ``auto`` to find it.

    Raises:
        UsageError: A file does not exist, or it is standard input, which cannot be read again.
        CorpusError: It is empty, damaged or not in its encoding.
    """
    if STANDARD_INPUT in names:
        raise UsageError(
            "is standard input, which cannot be read again in training; write it to a file",
            field="text",
            place=STANDARD_INPUT,
        )
    sources = expand(names, field)
    found: dict[str, None] = {}

    def pieces() -> Iterator[Piece]:
        limits = Limits(token_bytes=None, encoding=encoding, remedy="use {encoding}")
        for source in sources:
            yield from read_pieces(source, limits, lambda _, used: found.setdefault(used))

    looked = survey(pieces())
    if looked.characters < LEAST_CHARACTERS or not looked.words:
        raise UsageError(
            f"holds {looked.words:,} words in {looked.characters:,} characters; at least "
            f"{LEAST_CHARACTERS:,} characters are needed, to learn from most and hold out the rest",
            field="text",
            place=", ".join(names),
        )
    size = looked.bytes if looked.is_whole else max(looked.bytes, sum(map(_size, sources)))
    return Text(looked, size, tuple(found) or (encoding,), len(sources), left_out_of(sources))


def _size(source: Source) -> int:
    file = file_of(source)
    return 0 if file is None else file.size(MOST_COUNTED)
