"""Charts and panels as inline SVG, from the same plain values that matplotlib draws.

Colors are classes of the page's style, so that they are right on a light and on a dark page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rnnlm_cli.report.charts import Chart
from rnnlm_cli.report.html.axes import label
from rnnlm_cli.report.html.frames import Frame, Stroke, frame_of, thinned
from rnnlm_cli.report.html.markup import Markup, joined, tag
from rnnlm_cli.report.panels import COLORS, Panel

WIDTH, HEIGHT = 400, 250
"""Units of a picture; a letter of its axes is 11 of them high."""

LEFT, RIGHT, TOP, BOTTOM = 58, 10, 8, 40
"""What is outside the axes."""


def figures(pictures: Iterable[Panel | Chart], one_legend: bool = False) -> Markup:
    """Return pictures beside each other where there is room.

    Args:
        pictures: The pictures.
        one_legend: Whether all share one legend, below them; else each has its own.
    """
    frames = [frame_of(picture) for picture in pictures]
    shown = tag("div", (_figure(frame, not one_legend) for frame in frames), class_="figures")
    return joined(shown, _legend(frames)) if one_legend else shown


def _figure(frame: Frame, legend: bool) -> Markup:
    """Return a picture with its title, and with its legend if it has its own."""
    return tag(
        "figure",
        tag("figcaption", frame.title) if frame.title else "",
        _svg(frame),
        _legend([frame]) if legend else "",
    )


def _legend(frames: Sequence[Frame]) -> Markup:
    keys = [(one.label, one.color, _dash_of(one)) for frame in frames for one in frame.strokes]
    keys += [(one.label, one.color, "bar") for frame in frames for one in frame.bars]
    found = [
        tag("li", _swatch(color, dash), said) for said, color, dash in dict.fromkeys(keys) if said
    ]
    return tag("ul", found, class_="legend") if found else Markup("")


def _svg(frame: Frame) -> Markup:
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    return tag(
        "svg",
        _grid(frame),
        tag(
            "svg",  # what is outside of it is not drawn
            _bars(frame),
            (line for stroke in frame.strokes for line in _lines(frame, stroke)),
            x=LEFT,
            y=TOP,
            width=width,
            height=height,
            viewBox=f"{LEFT} {TOP} {width} {height}",
        ),
        (dot for stroke in frame.strokes for dot in _dots(frame, stroke)),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=frame.title or frame.y_label,
    )


def _x(frame: Frame, value: float) -> float:
    return LEFT + frame.x.share(value) * (WIDTH - LEFT - RIGHT)


def _y(frame: Frame, value: float) -> float:
    return HEIGHT - BOTTOM - frame.y.share(value) * (HEIGHT - TOP - BOTTOM)


def _grid(frame: Frame) -> Iterator[Markup]:
    low, high = HEIGHT - BOTTOM, TOP
    ticks = frame.x_ticks or [(value, label(value)) for value in frame.x.ticks()]
    for value, said in ticks:
        at = f"{_x(frame, value):.1f}"
        yield tag("path", d=f"M{at} {low}V{high}", class_="grid")
        yield tag("text", said, x=at, y=low + 14, text_anchor="middle")
    for value in frame.y.ticks():
        at = f"{_y(frame, value):.1f}"
        yield tag("path", d=f"M{LEFT} {at}H{WIDTH - RIGHT}", class_="grid")
        yield tag("text", label(value), x=LEFT - 5, y=at, dy="0.35em", text_anchor="end")
    if frame.reference is not None:
        at = f"{_y(frame, frame.reference):.1f}"
        yield tag("path", d=f"M{LEFT} {at}H{WIDTH - RIGHT}", class_="reference")
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield tag("text", frame.x_label, x=middle, y=HEIGHT - 6, text_anchor="middle")
    turned = f"translate(11 {(low + high) / 2:.0f}) rotate(-90)"
    yield tag("text", frame.y_label, transform=turned, text_anchor="middle")


def _bars(frame: Frame) -> Iterator[Markup]:
    for bars in frame.bars:
        for x, height in zip(bars.xs, bars.heights, strict=True):
            left, right = (_x(frame, x + side * bars.width / 2) for side in (-1, 1))
            bottom = _y(frame, frame.y.low if frame.y.logarithmic else 0.0)
            top = _y(frame, height) if frame.y.shows(height) else bottom
            yield tag(
                "rect",
                x=f"{left + 0.5:.1f}",
                y=f"{min(top, bottom):.1f}",
                width=f"{max(right - left - 1, 0.5):.1f}",
                height=f"{abs(bottom - top):.1f}",
                class_=f"bar c{bars.color % len(COLORS)}",
            )


def _lines(frame: Frame, stroke: Stroke) -> Iterator[Markup]:
    """Yield a curve and its errors."""
    color = _color(stroke)
    places = [_place(frame, *point) for point in thinned(_drawable(frame, stroke))]
    if stroke.line and len(places) > 1:
        yield tag(
            "path",
            d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places),
            class_=f"line {color}",
            stroke_width=f"{stroke.width:g}",
            stroke_dasharray=stroke.dash,
            opacity=None if stroke.opacity == 1 else f"{stroke.opacity:g}",
        )
    for (x, y), error in zip(stroke.points, stroke.errors, strict=False):
        if frame.y.shows(y - error):
            (at, low), (_, high) = (_place(frame, x, y + side * error) for side in (-1, 1))
            yield tag("path", d=f"M{at:.1f} {low:.1f}V{high:.1f}", class_=f"line {color}")


def _dots(frame: Frame, stroke: Stroke) -> Iterator[Markup]:
    """Yield the dots of a curve, and its star, that are within the axes."""
    color = _color(stroke)
    points = thinned(_drawable(frame, stroke)) if stroke.dots else []
    for point in points:
        if frame.y.low <= point[1] <= frame.y.high:
            yield _dot(*_place(frame, *point), 2.4, color)
    if stroke.star is not None and frame.y.low <= stroke.star[1] <= frame.y.high:
        yield _star(*_place(frame, *stroke.star), color)


def _color(stroke: Stroke) -> str:
    return f"c{stroke.color % len(COLORS)}"


def _drawable(frame: Frame, stroke: Stroke) -> list[tuple[float, float]]:
    return [(x, y) for x, y in stroke.points if frame.x.shows(x) and frame.y.shows(y)]


def _place(frame: Frame, x: float, y: float) -> tuple[float, float]:
    """Return a place in the picture, at most two heights outside of it."""
    return _x(frame, x), min(max(_y(frame, y), -2.0 * HEIGHT), 3.0 * HEIGHT)


def _dot(x: float, y: float, radius: float, color: str) -> Markup:
    return tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=radius, class_=f"dot {color}")


def _star(x: float, y: float, color: str) -> Markup:
    shape = "M0-7 1.8-2.2 6.7-2.2 2.7.9 4.1 5.7 0 2.8-4.1 5.7-2.7.9-6.7-2.2-1.8-2.2Z"
    return tag("path", d=shape, transform=f"translate({x:.1f} {y:.1f})", class_=f"dot {color}")


def _dash_of(one: Stroke) -> str | None:
    return "dot" if one.dots and not one.line else one.dash


def _swatch(color: int, dash: str | None) -> Markup:
    """Return the sample of a curve in a legend."""
    name = f"c{color % len(COLORS)}"
    if dash == "bar":
        shape = tag("rect", x=4, y=1, width=16, height=8, class_=f"bar {name}")
    elif dash == "dot":
        shape = _dot(12, 5, 3, name)
    else:
        shape = tag("path", d="M0 5H24", class_=f"line {name}", stroke_dasharray=dash)
    return tag("svg", shape, viewBox="0 0 24 10", width=24, height=10, aria_hidden="true")
