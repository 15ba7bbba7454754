"""Progress bars on standard error, if it is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from rnnlm_cli.commands.shared.messages import on_terminal
from rnnlm_cli.report.table import duration, figure
from rnnlm_cli.system.width import display_width

LEAST_INTERVAL = 0.1
"""Seconds between two drawings."""

SHORTEST_BAR = 10
"""Columns; figures are dropped until there is room for it."""

EIGHTHS = " ▏▎▍▌▋▊▉█"
PLAIN = " #"
"""Characters of a bar by how much of them is filled, for terminals with and without Unicode."""

if TYPE_CHECKING:
    Drawing = tqdm[Any]
else:
    Drawing = tqdm


class Bar(Drawing):
    """A progress bar whose figures are dropped one by one where the terminal is narrow.

    It follows the terminal's width and disappears when it is closed. If standard error is not a
    terminal, it does nothing.

    Attributes:
        label: What is going on; it is printed before the bar.
    """

    def __init__(self, total: int, amount: Callable[[float], str], label: str = "") -> None:
        """Begin.

        Args:
            total: How much there is to do; 0 if it is not known.
            amount: Formats a part of it.
            label: What is going on.
        """
        self.label = label
        self._amount = amount
        self._drawn = -LEAST_INTERVAL
        super().__init__(
            total=total,
            leave=False,
            dynamic_ncols=True,
            mininterval=LEAST_INTERVAL,
            miniters=1,  # the interval is in seconds only, because steps differ
            disable=not on_terminal(),
        )

    def tick(self) -> None:
        """Draw it again, at most ten times per second."""
        now = time.monotonic()
        if not 0 <= now - self._drawn < LEAST_INTERVAL:
            self._drawn = now
            self.refresh()

    def figures(self) -> list[str]:
        """Return the figures behind the bar, the most important first."""
        rate = self.n / max(self.format_dict["elapsed"], 1e-9)
        speed = f"{self._amount(rate)}/s"
        if not self.total:
            return [self._amount(self.n), speed]
        return [f"{duration((self.total - self.n) / rate)} left", speed] if rate > 0 else []

    def __str__(self) -> str:
        """Return its line for the terminal's width."""
        columns = self.format_dict["ncols"] or 80
        share = self.n / self.total if self.total else None
        # the last column stays free: some terminals begin a new line after it
        return bar_line(self.label, share, self.figures(), columns - 1, characters())


def bar_line(
    label: str,
    share: float | None,
    figures: Sequence[str],
    columns: int,
    characters: str = EIGHTHS,
) -> str:
    """Return the line of a bar: ``epoch 2/3 ████▌      45% | 12:39 left in all | loss 4.816``.

    Figures that leave less than ``SHORTEST_BAR`` columns for the bar are dropped, the last first,
    then the bar, then the label. Nothing is cut in the middle.

    Args:
        label: Printed before the bar.
        share: How much is done, 0 to 1; ``None`` for a line without a bar.
        figures: Printed behind it, the most important first.
        columns: The width of the terminal.
        characters: Characters of a bar, from empty to full.
    """
    done = [] if share is None else [f"{int(100 * min(share, 1)):d}%"]
    for kept in range(len(figures), -1, -1):
        tail = " | ".join([*done, *figures[:kept]])
        room = columns - display_width(tail) - 1 - (display_width(label) + 1 if label else 0)
        if share is None and room >= 0:
            return " ".join(filter(None, [label, tail]))
        if share is not None and room >= SHORTEST_BAR:
            return " ".join(filter(None, [label, drawn(share, room, characters), tail]))
    shortest = [" ".join(filter(None, [label, *done])), *done, ""]
    return next(line for line in shortest if display_width(line) <= columns)


def drawn(share: float, width: int, characters: str = EIGHTHS) -> str:
    """Draw a bar of ``width`` columns.

    >>> drawn(0.5, 5), drawn(1.0, 5, PLAIN)
    ('██▌  ', '#####')
    """
    parts = len(characters) - 1
    whole, part = divmod(int(min(share, 1) * width * parts), parts)
    filled = characters[-1] * whole + (characters[part] if part else "")
    return f"{filled:<{width}}"


def tokens(number: float) -> str:
    """Format a number of tokens."""
    return f"{figure(number, ',.0f')} tokens"


def megabytes(number: float) -> str:
    """Format a number of bytes in units of 10^6."""
    return f"{figure(number / 1e6, ',.1f')} MB"


def characters() -> str:
    """Return the characters of bars that standard error can show."""
    try:
        EIGHTHS.encode(getattr(sys.stderr, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return PLAIN
    return EIGHTHS
