"""Ticks of a logarithmic axis that a reader can use."""

from __future__ import annotations

from typing import Any

SUBS = ((1.6, ()), (12.0, (1, 1.5, 2, 3, 4, 5, 7)), (200.0, (1, 2, 5)))
"""Up to which ratio of the axis' ends which ticks per decade are labelled; none: equal steps."""


def log_ticks(axes: Any, ticker: Any) -> None:
    """Label a logarithmic y axis with plain numbers, unless it spans many decades.

    Args:
        axes: matplotlib's axes, with their limits set.
        ticker: The module ``matplotlib.ticker``.
    """
    low, high = axes.get_ylim()
    subs = next((subs for ratio, subs in SUBS if low > 0 and high / low <= ratio), None)
    if subs is None:
        return
    axis = axes.yaxis
    axis.set_major_locator(ticker.LogLocator(subs=subs) if subs else ticker.MaxNLocator(5))
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_formatter(ticker.NullFormatter())
