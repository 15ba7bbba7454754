"""How numbers and tokens are shown in tables and on progress bars; JSON has them whole."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlm_cli.errors import printable

MOST_DIGITS = 6
"""A figure with more digits before the point is shown short."""


def figure(value: float, form: str = ",.2f") -> str:
    """Show a number, or its power of ten where it is a large one: ``9.05e+149``.

    Args:
        value: The number.
        form: How Python formats it where it is not.
    """
    shown = format(value, form)
    digits = sum(map(str.isdigit, shown.partition(".")[0]))
    return shown if digits <= MOST_DIGITS else format(value, f"{'+' * ('+' in form)}.2e")


def visible(token: str) -> str:
    """Return a token as a table shows it: one that would not show, in quotation marks."""
    return token if printable(token) == token and not token.isspace() else repr(token)


def columns(rows: Mapping[str, str], width: int) -> list[str]:
    """Return lines of a name and a value each; names take ``width`` characters."""
    return [f"{name:<{width}}{value}" for name, value in rows.items()]
