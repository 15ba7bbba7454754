"""Panels of curves, and how they are arranged with a legend and a caption.

Only ``figure.py`` imports matplotlib; here are its objects, as arguments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from rnnlm_cli.report.below import SMALL, WIDTH, caption_below, legend_below, own_legends
from rnnlm_cli.report.fonts import plain
from rnnlm_cli.report.ticks import log_ticks

OUTSIDE_AXES = 0.85
"""Inches of a panel's height that title and labels take, about."""
TAG_AT = 12
"""Points from the end of a curve to its tag."""

LONE_POINTS = {"-": "o", ":": "x", "--": "s"}
"""The marker of a curve with a single point, by line style."""

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colors that color-blind people can tell apart (Okabe and Ito, 2008), without the yellow."""

ON_DARK = ("#4aa8e0", "#ff8f4d", "#2cc49a", "#e6a3c9", "#f2b134", "#9ad4f7", "#e6e6e6")
"""``COLORS`` as they can be read on a dark page."""


class Line(NamedTuple):
    """A curve.

    Attributes:
        label: Its name in the legend; without one it has no entry there.
        style: A line style of matplotlib.
        color: The number of its color.
        width: In points.
        opacity: From 0 to 1.
        dots: Whether each point has a dot.
        star: Index of a point that is marked.
        tag: A text beside its last point.
    """

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    style: Any = "-"
    color: int = 0
    width: float = 1.5
    opacity: float = 1.0
    dots: bool = False
    star: int | None = None
    tag: str = ""


class Panel(NamedTuple):
    """A pair of axes with curves.

    Attributes:
        logarithmic: Whether the y axis is.
        reference: A y at which a line is drawn.
        limits: The smallest and the largest y that are shown; by default all are.
        wide: Whether it takes a whole row.
        height: In inches, with title and labels.
        counts: Whether the x axis has whole numbers, with k and M for large ones.
    """

    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    logarithmic: bool = False
    reference: float | None = None
    limits: tuple[float, float] | None = None
    wide: bool = False
    height: float = 2.9
    counts: bool = True


def arrange(
    figure: Any, ticker: Any, panels: Sequence[Panel], columns: int, legend: bool, caption: str
) -> None:
    """Draw panels in rows, with a legend and a caption below them, and set the figure's size.

    Args:
        figure: matplotlib's figure.
        ticker: The module ``matplotlib.ticker``.
        panels: The panels.
        columns: Panels per row.
        legend: Whether all panels share one legend; else each has its own.
        caption: The caption; empty for none.
    """
    height = _place(figure, ticker, panels, columns)
    below = caption_below(figure, caption)
    if legend:
        below += legend_below(figure, below)
    else:
        own_legends(figure)
    figure.set_size_inches(WIDTH, height + below)
    share = below / (height + below)
    figure.get_layout_engine().set(rect=(0, share, 1, 1 - share))


def _place(figure: Any, ticker: Any, panels: Sequence[Panel], columns: int) -> float:
    """Draw each panel in its cell of a grid; return the grid's height in inches."""
    cells, heights, column = [], [0.0], 0
    for panel in panels:
        width = columns if panel.wide else 1
        if column + width > columns:
            heights, column = [*heights, 0.0], 0
        cells.append((len(heights) - 1, slice(column, column + width)))
        heights[-1], column = max(heights[-1], panel.height), column + width
    across = max((cell.stop for _, cell in cells), default=1)
    grid = figure.add_gridspec(len(heights), across, height_ratios=heights)
    shared: dict[str, Any] = {}
    for panel, (row, cell) in zip(panels, cells, strict=True):
        first = shared.get(panel.y_label)
        axes = figure.add_subplot(
            grid[row, cell], sharey=first, sharex=shared.get(f"x {panel.x_label}")
        )
        shared.setdefault(panel.y_label, axes)
        shared.setdefault(f"x {panel.x_label}", axes)
        _draw_panel(axes, ticker, panel)
        if first is not None and cell.start > 0:  # the row's first one has the label
            axes.set_ylabel("")
            axes.tick_params(labelleft=False)
    for axes, panel in zip(figure.axes, panels, strict=True):
        _draw_tags(axes, panel, WIDTH * 72 * 0.85 / (1 if panel.wide else across))
    return sum(heights)


def _draw_panel(axes: Any, ticker: Any, panel: Panel) -> None:
    axes.set_title(panel.title, fontsize=10.5)
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    if panel.logarithmic:
        axes.set_yscale("log")
    for line in panel.lines:
        _draw_line(axes, line)
    if panel.reference is not None:
        axes.axhline(panel.reference, color="0.3", linewidth=0.9, zorder=1)
    if panel.limits is not None:
        axes.set_ylim(*panel.limits)
    if panel.logarithmic:
        log_ticks(axes, ticker)
    if panel.counts:
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1, nbins=6)
        axes.xaxis.set_major_formatter(ticker.EngFormatter(sep=""))
    axes.grid(alpha=0.3)


def _draw_line(axes: Any, line: Line) -> None:
    lone = LONE_POINTS.get(line.style, "o") if isinstance(line.style, str) else "o"
    axes.plot(
        line.xs,
        line.ys,
        linestyle=line.style,
        marker=lone if len(line.xs) == 1 else "o" if line.dots else "",
        markersize=3.5 if line.dots and len(line.xs) > 1 else 6,
        linewidth=line.width,
        alpha=line.opacity,
        label=plain(line.label) if line.label else "_",
        color=color(line),
    )
    if line.star is not None:
        point = [line.xs[line.star]], [line.ys[line.star]]
        axes.plot(*point, "*", color=color(line), markersize=11, markeredgecolor="white")


def _draw_tags(axes: Any, panel: Panel, width: float) -> None:
    """Write a curve's tag beside its last point, and move those apart that would overlap.

    Args:
        axes: matplotlib's axes.
        panel: The curves.
        width: Of the axes, in points, about.
    """
    tagged = [line for line in panel.lines if line.tag and line.ys and math.isfinite(line.ys[-1])]
    if not tagged:
        return
    left, end = axes.get_xlim()[0], max(max(line.xs) for line in panel.lines)
    room = TAG_AT + max(len(line.tag) for line in tagged) * SMALL * 0.65
    axes.set_xlim(left, end + (end - left) * room / (width - room))
    low, high = axes.get_ylim()
    scale = math.log if panel.logarithmic else float
    points = (panel.height - OUTSIDE_AXES) * 72
    unit = (scale(high) - scale(low)) / points
    tagged = [line for line in tagged if low <= line.ys[-1] <= high]
    tagged.sort(key=lambda line: line.ys[-1])
    ends = [(scale(line.ys[-1]) - scale(low)) / unit for line in tagged]
    least = min(SMALL, points / max(len(tagged), 1))
    for line, end, place in zip(tagged, ends, _apart(ends, least, points), strict=True):
        axes.annotate(
            line.tag,
            (line.xs[-1], line.ys[-1]),
            xytext=(TAG_AT, place - end),
            textcoords="offset points",
            va="center",
            fontsize=least,
            color=color(line),
            arrowprops={"arrowstyle": "-", "color": color(line), "linewidth": 0.5, "shrinkB": 2},
        )


def _apart(places: Sequence[float], least: float, most: float) -> list[float]:
    """Return rising places from 0 to ``most`` with a distance between them, near the given ones.

    >>> _apart([2.0, 20.0, 21.0, 98.0, 99.0], 10.0, 100.0)
    [5.0, 15.5, 25.5, 85.0, 95.0]
    """
    groups: list[list[float]] = []  # each is drawn as one block around the mean of its places
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _end(groups[-2], least) + least > _start(groups[-1], least):
            groups[-2:] = [groups[-2] + groups[-1]]
    found = [_start(group, least) + least * i for group in groups for i in range(len(group))]
    count = len(found)
    found = [min(at, most - least * (count - 0.5 - i)) for i, at in enumerate(found)]
    return [max(at, least * (i + 0.5)) for i, at in enumerate(found)]


def _start(group: Sequence[float], least: float) -> float:
    return sum(group) / len(group) - least * (len(group) - 1) / 2


def _end(group: Sequence[float], least: float) -> float:
    return _start(group, least) + least * (len(group) - 1)


def color(line: Line) -> str:
    """Return matplotlib's name of a curve's color."""
    return COLORS[line.color % len(COLORS)]
