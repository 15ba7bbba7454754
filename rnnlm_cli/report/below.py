"""What is below the panels of a picture: a legend and a caption."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from typing import Any

from rnnlm_cli.report.fonts import plain

WIDTH = 8.0
"""Of a picture, in inches. Shown 800 pixels wide, letters are 11 to 14 pixels high."""

SMALL = 8.0
"""Size of small letters, in points."""


def own_legends(figure: Any) -> None:
    """Give each panel with labelled curves a legend of its own."""
    for axes in figure.axes:
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=SMALL)


def legend_below(figure: Any, above: float) -> float:
    """Draw one legend below all panels, ``above`` inches from the bottom; return its height."""
    found: dict[str, Any] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    if not found:
        return 0.0
    widest = max(len(label) for label in found) * SMALL * 0.58 + 40  # points, about
    columns = max(1, min(len(found), 3, int(WIDTH * 72 / widest)))
    height = math.ceil(len(found) / columns) * SMALL * 1.55 / 72 + 0.1
    legend = figure.legend(
        found.values(),
        found.keys(),
        loc="lower left",
        bbox_to_anchor=(0.05, above, 1, 1),
        bbox_transform=figure.dpi_scale_trans,
        ncols=columns,
        fontsize=SMALL,
        frameon=False,
        borderpad=0.2,
        borderaxespad=0,
        handlelength=2.6,
    )
    legend.set_in_layout(False)
    for handle in legend.legend_handles:
        handle.set(alpha=1.0, linewidth=2.0)
    return height


def caption_below(figure: Any, text: str) -> float:
    """Write the caption at the bottom; return its height in inches."""
    if not text:
        return 0.0
    lines = list(_wrapped(text))
    figure.text(
        0.1,
        0.06,
        plain("\n".join(lines)),
        transform=figure.dpi_scale_trans,
        fontsize=SMALL,
        color="0.3",
        linespacing=1.3,
        in_layout=False,
    )
    return len(lines) * SMALL * 1.35 / 72 + 0.14


def _wrapped(text: str) -> Iterator[str]:
    for paragraph in text.split("\n"):
        yield from textwrap.wrap(paragraph, 136)
