"""Formatting of numbers and tokens in tables and progress bars; JSON has the full values."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlm_cli.errors import printable
from rnnlm_cli.text.codec.jamo import FINALS, LETTERS

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
    """Return a token for a table, with quotes and escapes if it is blank or not printable.

    A letter of a Hangul syllable has no width, so it is shown as it is written by itself, a final
    one after a hyphen.
    """
    token = f"-{FINALS[token]}" if token in FINALS else LETTERS.get(token, token)
    return token if printable(token) == token and not token.isspace() else repr(token)


def columns(rows: Mapping[str, str], width: int) -> list[str]:
    """Return one line per name and value; names are padded to ``width`` characters."""
    return [f"{name:<{width}}{value}" for name, value in rows.items()]
