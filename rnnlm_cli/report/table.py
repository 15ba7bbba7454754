"""Formatting of numbers and tokens in tables and progress bars; JSON has the full values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from rnnlm_cli.errors import printable

JOINING = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")
"""The vowels and final consonants of decomposed Hangul."""

MOST_DIGITS = 6
"""Digits before the decimal point; a number with more is shown in scientific notation."""


def figure(value: float, form: str = ",.2f") -> str:
    """Format a number; a large one in scientific notation: ``9.05e+149``.

    Args:
        value: The number.
        form: Python's format specification for numbers that are not large.
    """
    shown = format(value, form)
    digits = sum(map(str.isdigit, shown.partition(".")[0]))
    return shown if digits <= MOST_DIGITS else format(value, f"{'+' * ('+' in form)}.2e")


def visible(token: str) -> str:
    """Return a token for a table, with quotes and escapes if it is blank or not printable."""
    return token if printable(token) == token and not token.isspace() else repr(token)


def width(text: str) -> int:
    """Return the columns that a text takes on a terminal.

    Hangul, kana and Chinese characters take two; marks that join the character before them take
    none (Unicode Standard Annex 11). The second and third letters of a decomposed Hangul syllable
    join the first.

    >>> width("me"), width("나는"), width("e\u0301")
    (2, 4, 1)
    """
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or JOINING.match(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "FW" else 1


def padded(text: str, columns: int, right: bool = False) -> str:
    """Return a text with spaces after it, or before it, padded to a number of columns."""
    spaces = " " * (columns - width(text))
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
