"""Curves, bars and heat maps, drawn from what runs printed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from course_maker.compare import NUMBER, value
from course_maker.places import OUTPUTS
from course_maker.svg import Drawing

LINES = ("blue", "orange", "green", "violet", "red")

LEFT, RIGHT, TOP, BOTTOM = 78, 16, 34, 46
"""The margins of a chart."""


def printed(run: str) -> list[list[float]]:
    """Return the rows of numbers of what a run printed; lines without a number are left out."""
    lines = (OUTPUTS / f"{run}.txt").read_text(encoding="utf-8").splitlines()
    rows = ([value(number) for number in NUMBER.findall(line)] for line in lines)
    return [row for row in rows if row]


def ticks(low: float, high: float, log: bool) -> list[float]:
    """Return round numbers from ``low`` to ``high``, about five."""
    if log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        step = max(1, (last - first) // 5)
        return [float(f"1e{power}") for power in range(first, last + 1, step)]
    rough = (high - low) / 5 or 1.0
    power = 10 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


class Axes:
    """A pair of axes on a drawing, in a box of its own."""

    def __init__(
        self,
        drawing: Drawing,
        box: tuple[float, float, float, float],
        xs: tuple[float, float],
        ys: tuple[float, float],
        log: bool = False,
    ) -> None:
        """Draw a frame.

        Args:
            drawing: Where.
            box: Left, top, width and height, with the margins for labels.
            xs: The ends of the x axis.
            ys: The ends of the y axis.
            log: Whether the y axis is logarithmic.
        """
        left, top, width, height = box
        self.drawing, self.xs, self.ys, self.log = drawing, xs, ys, log
        self.left, self.right = left + LEFT, left + width - RIGHT
        self.top, self.bottom = top + TOP, top + height - BOTTOM

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point is on the drawing; outside the y axis, at its end."""
        of = math.log10 if self.log else float
        low, high = of(self.ys[0]), of(self.ys[1])
        up = (of(max(y, self.ys[0]) if self.log else y) - low) / (high - low)
        along = (x - self.xs[0]) / (self.xs[1] - self.xs[0])
        return (
            self.left + along * (self.right - self.left),
            self.bottom - min(max(up, 0), 1) * (self.bottom - self.top),
        )

    def frame(self, title: str, x_label: str, y_label: str) -> None:
        """Draw grid, ticks and labels."""
        for y in ticks(*self.ys, self.log):
            _, place = self.at(self.xs[0], y)
            self.drawing.line([(self.left, place), (self.right, place)], "grid", 1)
            self.drawing.text(self.left - 6, place, f"{y:g}", "soft", 11, "end")
        for x in ticks(*self.xs, False):
            place, _ = self.at(x, self.ys[0])
            self.drawing.line([(place, self.bottom), (place, self.bottom + 4)], "soft", 1)
            self.drawing.text(place, self.bottom + 14, f"{x:g}", "soft", 11)
        self.drawing.line([(self.left, self.bottom), (self.right, self.bottom)], "soft", 1)
        middle = (self.left + self.right) / 2
        self.drawing.text(middle, self.top - 16, title, "ink", 13, bold=True)
        self.drawing.text(middle, self.bottom + 34, x_label, "ink", 12)
        height = (self.top + self.bottom) / 2
        self.drawing.text(self.left - 62, height, y_label, "ink", 12, turned=True)

    def curve(self, xs: Sequence[float], ys: Sequence[float], color: str, dots: bool) -> None:
        """Draw a curve, with dots where there are few points."""
        points = [self.at(x, y) for x, y in zip(xs, ys, strict=True)]
        self.drawing.line(points, color, 2)
        for x, y in points if dots else []:
            self.drawing.circle(x, y, 3, color, "")


def chart(
    title: str,
    x_label: str,
    y_label: str,
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    log: bool = False,
    ys: tuple[float, float] | None = None,
    level: tuple[str, float] | None = None,
) -> str:
    """Draw curves with a legend below them.

    Args:
        title: Above.
        x_label: Below.
        y_label: At the left.
        curves: x and y of each, by its label.
        log: Whether the y axis is logarithmic.
        ys: The ends of the y axis; by default those of the curves.
        level: A dashed line across, its label and its height.
    """
    drawing = Drawing(640, 360, title)
    every_x = [x for xs, _ in curves.values() for x in xs]
    every_y = [y for _, own in curves.values() for y in own]
    low, high = ys or (min(every_y) if log else min(0, *every_y), max(every_y))
    axes = Axes(drawing, (0, 0, 640, 336), (min(every_x), max(every_x)), (low, high), log)
    axes.frame(title, x_label, y_label)
    if level is not None:
        (left, y), (right, _) = axes.at(axes.xs[0], level[1]), axes.at(axes.xs[1], level[1])
        drawing.line([(left, y), (right, y)], "soft", 1.5, dashed=True)
        drawing.text(right, y - 9, level[0], "soft", 11, "end")
    for (xs, own), color in zip(curves.values(), LINES, strict=False):
        axes.curve(xs, own, color, len(xs) <= 15)
    wide = 560 / len(curves)
    for k, (label, color) in enumerate(zip(curves, LINES, strict=False)):
        x = 50 + k * wide
        drawing.line([(x, 346), (x + 22, 346)], color, 3)
        drawing.text(x + 28, 346, label, "ink", 12, "start")
    return drawing.svg()
