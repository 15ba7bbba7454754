"""What is drawn on a pair of axes: charts and panels in one form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rnnlm_cli.report.charts import Bars, Chart, Curve, Dots, Mark
from rnnlm_cli.report.html.axes import Axis, axis_over
from rnnlm_cli.report.panels import Line, Panel

MOST_POINTS = 400
"""Maximum points of a curve."""

DASHES = {"--": "5 3", ":": "1 3"}
"""Line styles of matplotlib that are not solid."""


class Stroke(NamedTuple):
    """A curve, as both kinds of picture have it."""

    label: str
    points: Sequence[tuple[float, float]]
    color: int
    dash: str | None = None
    width: float = 1.5
    opacity: float = 1.0
    line: bool = True
    dots: bool = False
    star: tuple[float, float] | None = None
    errors: Sequence[float] = ()


class Frame(NamedTuple):
    """A pair of axes and what is drawn on them."""

    title: str
    x_label: str
    y_label: str
    x: Axis
    y: Axis
    strokes: Sequence[Stroke]
    bars: Sequence[Bars] = ()
    reference: float | None = None
    x_ticks: Sequence[tuple[float, str]] | None = None


def frame_of(picture: Panel | Chart) -> Frame:
    """Return what is drawn for a panel or a chart."""
    return _of_panel(picture) if isinstance(picture, Panel) else _of_chart(picture)


def thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return at most ``MOST_POINTS`` points: of many in a row, the lowest and the highest."""
    if len(points) <= MOST_POINTS:
        return list(points)
    groups = MOST_POINTS // 2
    found: list[tuple[float, float]] = []
    for k in range(groups):
        part = points[k * len(points) // groups : (k + 1) * len(points) // groups]
        ends = {min(part, key=lambda p: p[1]), max(part, key=lambda p: p[1])}
        found += sorted(ends)
    return found


def _of_panel(panel: Panel) -> Frame:
    lines = panel.lines
    x = axis_over((v for line in lines for v in line.xs), margin=0.02)
    values = [v for line in lines for v in line.ys]
    if panel.reference is not None:
        values.append(panel.reference)
    y = axis_over(values, panel.logarithmic, panel.limits)
    strokes = [_stroke_of(line) for line in lines]
    return Frame(panel.title, panel.x_label, panel.y_label, x, y, strokes, (), panel.reference)


def _stroke_of(line: Line) -> Stroke:
    points = list(zip(line.xs, line.ys, strict=True))
    style: Any = line.style
    dash = DASHES.get(style) if isinstance(style, str) else " ".join(f"{3 * n:g}" for n in style[1])
    return Stroke(
        line.label,
        points,
        line.color,
        dash,
        line.width,
        line.opacity,
        dots=line.dots or len(points) == 1,
        star=None if line.star is None else points[line.star],
    )


def _of_chart(chart: Chart) -> Frame:
    strokes = [_stroke_of_mark(mark) for mark in chart.marks if isinstance(mark, Curve | Dots)]
    bars = [mark for mark in chart.marks if isinstance(mark, Bars)]
    xs = [x for one in strokes for x, _ in one.points]
    xs += [x + side * one.width / 2 for one in bars for x in one.xs for side in (-1, 1)]
    ys = [y for one in strokes for _, y in one.points]
    ys += [
        y + side * error
        for one in strokes
        for (_, y), error in zip(one.points, one.errors, strict=False)
        for side in (-1, 1)
    ]
    ys += [h for one in bars for h in one.heights] + [0.0] * (bool(bars) and not chart.y_log)
    limits = chart.limits or (None,) * 4
    x = axis_over(xs, chart.x_log, _pair(limits[0], limits[1]))
    y = axis_over(ys, chart.y_log, _pair(limits[2], limits[3]))
    ticks = None if chart.x_ticks is None else list(zip(*chart.x_ticks, strict=True))
    return Frame(chart.title, chart.x_label, chart.y_label, x, y, strokes, bars, None, ticks)


def _pair(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None else (low, high)


def _stroke_of_mark(mark: Mark) -> Stroke:
    match mark:
        case Curve(said, xs, ys, color, errors, style):
            dash = next((DASHES[end] for end in DASHES if style.endswith(end)), None)
            points = list(zip(xs, ys, strict=True))
            line = any(sign in style for sign in "-:")
            return Stroke(
                said, points, color, dash, 1.5, 1.0, line, style[:1].isalpha(), None, errors
            )
        case Dots(said, xs, ys, color, _):
            return Stroke(said, list(zip(xs, ys, strict=True)), color, line=False, dots=True)
    raise TypeError(f"{type(mark).__name__} is not a curve")
