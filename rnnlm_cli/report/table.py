"""Formatting of numbers and tokens in tables and progress bars; JSON has the full values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from rnnlm_cli.errors import printable
from rnnlm_cli.system.width import display_width
from rnnlm_cli.text.codec.jamo import FINALS, LETTERS

MOST_DIGITS = 6
"""Digits before the decimal point; a number with more is shown in scientific notation."""

NOTHING = "-"
"""A cell without a value."""

Cell = TypeVar("Cell")

MOST_HOURS = 100
"""A longer time is shown in days."""


def figure(value: float, form: str = ",.2f") -> str:
    """Format a number; a large one in scientific notation: ``6.1e9``.

    Args:
        value: The number.
        form: Python's format specification for numbers that are not large.
    """
    shown = format(value, form)
    digits = sum(map(str.isdigit, shown.partition(".")[0]))
    if digits <= MOST_DIGITS:
        return shown
    mantissa, _, exponent = format(value, f"{'+' * ('+' in form)}.1e").partition("e")
    return f"{mantissa}e{int(exponent)}"


def cell(value: float | None, form: str = ",.2f") -> str:
    """Format a number of a table as ``figure`` does; ``NOTHING`` if there is none."""
    return NOTHING if value is None else figure(value, form)


def duration(seconds: float) -> str:
    """Format a time as minutes and seconds, or hours, minutes and seconds, or days if it is long.

    >>> duration(7), duration(3409), duration(3723), duration(1e6)
    ('0:07', '56:49', '1:02:03', '11.6 days')
    """
    if not seconds < MOST_HOURS * 3600:
        return f"{figure(seconds / 86400, ',.1f')} days"
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def byte_count(count: float) -> str:
    """Format a number of bytes, in units of powers of 1,000.

    >>> byte_count(640), byte_count(20_000), byte_count(1_115_394), byte_count(2.3e9)
    ('640 bytes', '20 kB', '1.1 MB', '2.3 GB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:,.{1 if count < 10 * size else 0}f} {unit}"
    return f"{count:,.0f} bytes"


def visible(token: str) -> str:
    """Return a token for a table, with quotes and escapes if it is blank or not printable.

    A letter of a Hangul syllable has no width, so it is shown as it is written by itself, a final
    one after a hyphen.
    """
    token = f"-{FINALS[token]}" if token in FINALS else LETTERS.get(token, token)
    return token if printable(token) == token and not token.isspace() else repr(token)


def padded(text: str, columns: int, right: bool = False) -> str:
    """Return a text with spaces after it, or before it, padded to a number of columns."""
    spaces = " " * (columns - display_width(text))
    return spaces + text if right else text + spaces


def aligned(row: str, widths: Sequence[int]) -> str:
    """Return a row whose tabs are replaced by spaces, for a terminal.

    Args:
        row: Its cells, with a tab between two.
        widths: The columns of each cell but the last; below zero for one that is set to the right.
    """
    cells = row.split("\t", len(widths))
    short = [padded(cell, abs(w), right=w < 0) for cell, w in zip(cells, widths, strict=False)]
    return "  ".join([*short, *cells[len(widths) :]])


def columns(rows: Mapping[str, str], width: int) -> list[str]:
    """Return one line per name and value; names are padded to ``width`` columns."""
    return [f"{padded(name, width)}{value}" for name, value in rows.items()]


def abridged(lines: list[str], most: int = 20) -> list[str]:
    """Omit the middle of a long list."""
    if len(lines) <= most:
        return lines
    return [*lines[: most // 2], f"({len(lines) - most} more)", *lines[-(most // 2) :]]


def with_values(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Return rows of cells without the columns that have only their header and dashes.

    >>> with_values([["epoch", "valid", "time"], ["1", "-", "0:02"], ["2", "-", "-"]])
    [['epoch', 'time'], ['1', '0:02'], ['2', '-']]
    """
    columns = zip(*rows, strict=True)
    kept = [column for column in columns if any(one not in (NOTHING, "") for one in column[1:])]
    return [list(row) for row in zip(*kept, strict=True)]


def grid(rows: Sequence[Sequence[str]], left: int = 0) -> list[str]:
    """Return rows of cells as lines in which columns are aligned.

    Args:
        rows: The cells; all rows have as many.
        left: How many columns, from the first, are set to the left.

    >>> grid([["model", "size"], ["a.pkl", "9"]], left=1)
    ['model  size', 'a.pkl     9']
    """
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            padded(cell, width, right=k >= left)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
