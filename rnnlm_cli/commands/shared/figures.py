"""How figures are shown in tables and progress; JSON has them whole."""

from __future__ import annotations

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
