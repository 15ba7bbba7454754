"""Charts as plain values: what is drawn on a pair of axes, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rnnlm_cli.report.fonts import plain
from rnnlm_cli.report.panels import COLORS
from rnnlm_cli.system.arrays import Array


class Curve(NamedTuple):
    """Points with a line through them, and an error of each."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    color: int = 0
    errors: Sequence[float] = ()
    style: str = "o-"


class Bars(NamedTuple):
    """Bars from 0."""

    label: str
    xs: Sequence[float]
    heights: Sequence[float]
    width: float
    color: int = 0


SHAPES = ("o", "s", "^", "D", "v", "P", "X")
"""The shape of dots by their color, so that color alone tells nothing."""


class Dots(NamedTuple):
    """Points without a line."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    color: int = 0
    size: float = 14.0


class Heat(NamedTuple):
    """A matrix ``(rows, columns)`` as an image, from 0 (dark) to 1 (light)."""

    values: Array


class Tag(NamedTuple):
    """A text at the right of a point, or at its left."""

    x: float
    y: float
    text: str
    left: bool = False


Mark = Curve | Bars | Dots | Heat | Tag


class Chart(NamedTuple):
    """A pair of axes.

    Attributes:
        title: Above.
        x_label: Below.
        y_label: At the left.
        marks: What is drawn.
        x_log: Whether the x axis is logarithmic.
        y_log: Whether the y axis is.
        x_ticks: Places and labels on the x axis, if they are not the usual ones.
        limits: The ends of both axes: x from, x to, y from, y to.
        upright: Whether the labels of ``x_ticks`` are written from bottom to top.
        y_ticks: Places and labels on the y axis, if they are not the usual ones.
    """

    title: str
    x_label: str
    y_label: str
    marks: Sequence[Mark]
    x_log: bool = False
    y_log: bool = False
    x_ticks: tuple[Sequence[float], Sequence[str]] | None = None
    limits: tuple[float, float, float, float] | None = None
    upright: bool = False
    y_ticks: tuple[Sequence[float], Sequence[str]] | None = None


class Sheet(NamedTuple):
    """Rows of charts, below a title and above a caption."""

    title: str
    rows: Sequence[Sequence[Chart]]
    size: tuple[float, float]  # width and height in inches
    caption: str = ""


def texts_of(sheet: Sheet) -> str:
    """Return all letters of a sheet that may need another font."""
    charts = [chart for row in sheet.rows for chart in row]
    marks = [mark for chart in charts for mark in chart.marks]
    labels = [mark.label for mark in marks if isinstance(mark, Curve | Bars | Dots)]
    tags = [mark.text for mark in marks if isinstance(mark, Tag)]
    ticks = [
        label
        for chart in charts
        for axis in (chart.x_ticks, chart.y_ticks)
        if axis
        for label in axis[1]
    ]
    return "".join([sheet.title, sheet.caption, *labels, *tags, *ticks])


def paint_sheet(figure: Any, sheet: Sheet) -> None:
    """Draw a sheet on a figure of matplotlib whose layout is ``constrained``."""
    figure.set_size_inches(*sheet.size)
    figure.suptitle(plain(sheet.title), fontsize=11)
    figure.supxlabel(plain(sheet.caption), fontsize=8.5, color="#333333")
    columns = max(map(len, sheet.rows))
    grid = figure.subplots(len(sheet.rows), columns, squeeze=False)
    for row, charts in zip(grid, sheet.rows, strict=True):
        for axes, chart in zip(row, charts, strict=False):
            _paint_chart(figure, axes, chart)
        for axes in row[len(charts) :]:
            axes.set_axis_off()


def _paint_chart(figure: Any, axes: Any, chart: Chart) -> None:
    axes.set_title(plain(chart.title), fontsize=9.5)
    axes.set_xlabel(plain(chart.x_label), fontsize=9)
    axes.set_ylabel(plain(chart.y_label), fontsize=9)
    axes.tick_params(labelsize=8)
    if chart.x_log:
        axes.set_xscale("log")
    if chart.y_log:
        axes.set_yscale("log")
    for mark in chart.marks:
        _paint_mark(figure, axes, mark)
    if chart.x_ticks is not None:
        places, labels = chart.x_ticks
        turned = {"rotation": 90, "fontsize": 6.5} if chart.upright else {}
        axes.set_xticks(places, list(map(plain, labels)), **turned)
        axes.minorticks_off()
    if chart.y_ticks is not None:
        places, labels = chart.y_ticks
        axes.set_yticks(places, list(map(plain, labels)))
    if chart.limits is not None:
        axes.set_xlim(*chart.limits[:2])
        axes.set_ylim(*chart.limits[2:])
    if not any(isinstance(mark, Heat) for mark in chart.marks):
        axes.grid(alpha=0.3)
    if any(isinstance(mark, Curve | Bars | Dots) and mark.label for mark in chart.marks):
        axes.legend(fontsize=8)


def _paint_mark(figure: Any, axes: Any, mark: Mark) -> None:
    match mark:
        case Curve(label, xs, ys, color, errors, style):
            look = {"label": plain(label) if label else "_", "color": COLORS[color % len(COLORS)]}
            if len(errors):
                axes.errorbar(xs, ys, errors, fmt=style, markersize=4, capsize=2, **look)
            else:
                axes.plot(xs, ys, style, markersize=4, **look)
        case Bars(label, xs, heights, width, color):
            look = {"label": plain(label) if label else "_", "color": COLORS[color % len(COLORS)]}
            axes.bar(xs, heights, width, alpha=0.5, edgecolor="white", **look)
        case Dots(label, xs, ys, color, size):
            look = {"label": plain(label) if label else "_", "color": COLORS[color % len(COLORS)]}
            shape = SHAPES[color % len(SHAPES)]
            axes.scatter(xs, ys, size, marker=shape, alpha=0.7, linewidths=0, **look)
        case Heat(values):
            image = axes.imshow(
                values, aspect="auto", vmin=0, vmax=1, cmap="viridis", interpolation="none"
            )
            figure.colorbar(image, ax=axes, fraction=0.05, pad=0.02).ax.tick_params(labelsize=7)
        case Tag(x, y, text, left):
            axes.annotate(
                plain(text),
                (x, y),
                (-4 if left else 4, 0),
                textcoords="offset points",
                va="center",
                ha="right" if left else "left",
                fontsize=8,
            )
