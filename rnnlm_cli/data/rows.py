"""Lines of two columns with a tab between them: ``label<TAB>text``, ``source<TAB>target``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rnnlm_cli.config import Config
from rnnlm_cli.data.named import files_of, limits_of
from rnnlm_cli.errors import CorpusError, UsageError, quoted
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.reader import (
    Limits,
    Source,
    display_name,
    left_out_of,
    names_of,
    read_pieces,
    whole_lines,
)

MOST_CHARACTERS = 10_000_000
"""Maximum characters of a line."""


class Rows(NamedTuple):
    """The lines of a text with two columns.

    Attributes:
        name: The text's name in messages.
        left: The first column.
        right: The second column.
        files: Each file's name, and the index of its first row.
        skipped: The number of rows of the same file before the first one; of a held-out end.
        found: Files whose encoding had to be found, and the encodings.
        left_out: A note for each directory, pattern or archive from which something is left out.
    """

    name: str
    left: list[str]
    right: list[str]
    files: list[tuple[int, str]]
    skipped: int = 0
    found: Sequence[tuple[str, str]] = ()
    left_out: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.left)

    def place(self, row: int) -> str:
        """Return file and line of a row, for messages."""
        row += self.skipped
        start, name = self.files[bisect_right(self.files, row, key=lambda file: file[0]) - 1]
        return f"{name}: line {row - start + 1}"

    def divided(self, fraction: float) -> tuple[Rows, Rows]:
        """Return the rows without those at the end that are held out, and these.

        Raises:
            CorpusError: One of the two has no row.
        """
        cut = len(self.left) - round(len(self.left) * fraction)
        if not 0 < cut < len(self.left):
            raise CorpusError(
                f"{self.name}: corpus.valid {fraction:g} leaves {cut} of {len(self.left)} lines to "
                "train on; set another fraction, or name a text to validate on"
            )
        name, left, right = f"{self.name} without its end", self.left[:cut], self.right[:cut]
        first = self._replace(name=name, left=left, right=right)
        rest = Rows(f"the end of {self.name}", self.left[cut:], self.right[cut:], self.files, cut)
        return first, rest


def read_rows(
    config: Config,
    names: Source | Sequence[Source],
    codec: Codec,
    columns: tuple[str, str],
    limits: Limits | None = None,
) -> Rows:
    """Read the lines of some files.

    Args:
        config: Says how files are read.
        names: The files.
        codec: Reads the columns.
        columns: What the two are called.
        limits: The encoding, and limits on the text; by default those of the configuration.

    Raises:
        UsageError: A file is missing or cannot be opened.
        CorpusError: A line does not have two columns with something in both, or a file is not in
            its encoding; names file and line.
    """
    sources, own = files_of(config, names), codec.reading_limits(limits or limits_of(config))
    found: list[tuple[str, str]] = []
    rows = Rows(names_of(sources), [], [], [], found=found, left_out=left_out_of(sources))
    for source in sources:
        rows.files.append((len(rows.left), display_name(source)))
        for number, line in enumerate(_lines(source, own, found), 1):
            left, right = split(line, columns, f"{display_name(source)}: line {number}")
            rows.left.append(left)
            rows.right.append(right)
    if not rows:
        raise CorpusError(f"{rows.name}: is empty; use a text with lines of {_form(columns)}")
    return rows


def read_training_rows(
    config: Config, read: Callable[[Source | Sequence[Source]], Rows]
) -> tuple[Rows, Rows | None]:
    """Read the training text and, if the configuration has one, the validation text.

    A fraction as ``corpus.valid`` holds out rows at the end.

    Args:
        config: Names the texts.
        read: Reads the rows of one text.

    Raises:
        UsageError, CorpusError: As ``read_rows``; or a fraction leaves no row on one side.
    """
    rows, valid = read(config.corpus.train), config.corpus.valid
    if valid is None:
        return rows, None
    return rows.divided(valid) if isinstance(valid, float) else (rows, read(valid))


def split(line: str, columns: tuple[str, str], place: str) -> tuple[str, str]:
    r"""Return the columns of a line.

    Raises:
        CorpusError: It does not have two columns with something in both.

    >>> split("greeting\tgood morning", ("label", "text"), "a.tsv: line 1")
    ('greeting', 'good morning')
    """
    cells = line.split("\t")
    problem = ""
    if not line.strip():
        problem = "is empty"
    elif len(cells) != 2:
        problem = "has no tab" if len(cells) == 1 else f"has {len(cells) - 1} tabs"
    elif empty := [name for name, cell in zip(columns, cells, strict=True) if not cell.strip()]:
        problem = f"has no {empty[0]}"
    if problem:
        raise CorpusError(f"{place}: {problem}; each line is {_form(columns)}, with one tab")
    return cells[0], cells[1]


def check_line(text: str) -> None:
    """Check a line that a user gives to be labelled or translated, as a text has it in a column.

    Raises:
        UsageError: It has nothing but white space, is several lines, or has a tab.
    """
    if not text.strip():
        raise UsageError("must not be empty; give a line with a token", place=quoted(text))
    if "\n" in text:
        raise UsageError("has a newline; give one line", place=quoted(text))
    if "\t" in text:
        raise UsageError("has a tab, which divides columns; give one of them", place=quoted(text))


def _form(columns: tuple[str, str]) -> str:
    return "<TAB>".join(columns)


def _lines(source: Source, limits: Limits, found: list[tuple[str, str]]) -> Iterator[str]:
    """Yield the lines of a file without their newlines; add its encoding if it had to be found."""
    pieces = read_pieces(source, limits, lambda *one: found.append(one))
    name = display_name(source)
    for piece in whole_lines(pieces, MOST_CHARACTERS, name, "; divide it"):
        yield piece.text.removesuffix("\n")
