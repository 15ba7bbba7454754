"""Drawings of the loop: unrolled, forgetting, and back through time."""

from __future__ import annotations

from course_maker.chart import chart, printed
from course_maker.svg import Drawing


def unrolled() -> str:
    """Draw a network with a loop, and the same one step by step."""
    drawing = Drawing(680, 250, "A network with a loop, and the same network unrolled in time")
    _column(drawing, 80, "", "blue")
    drawing.arrow((108, 118), (140, 118), (140, 62), (60, 62), (60, 103), color="blue")
    drawing.text(158, 92, "W_h", "blue", 13)
    drawing.text(200, 125, "=", "ink", 26)
    columns = (290, 400, 510, 620)
    drawing.text(225, 110, "h_0", "ink", 13)
    drawing.arrow((225, 125), (262, 125), color="blue")
    for k, x in enumerate(columns, 1):
        _column(drawing, x, f"{k}", "blue")
        if k < len(columns):
            drawing.arrow((x + 28, 125), (x + 82, 125), color="blue")
            drawing.text(x + 55, 110, "W_h", "blue", 13)
    drawing.text(455, 236, "the same W_x, W_h and b at every step", "soft", 12)
    return drawing.svg()


def _column(drawing: Drawing, x: float, step: str, color: str) -> None:
    step = step or "t"
    drawing.arrow((x, 190), (x, 148), color="soft")
    drawing.arrow((x, 103), (x, 62), color="soft")
    drawing.box(x, 125, 52, 40, f"h_{step}", color)
    drawing.text(x, 203, f"x_{step}", "ink")
    drawing.text(x, 50, f"y_{step}", "ink")
    drawing.text(x + 8, 170, "W_x", "soft", 12, "start")
    drawing.text(x + 8, 84, "V", "soft", 12, "start")


def forgets() -> str:
    """Draw the difference of two states against the steps since their texts differed."""
    steps, *scales = zip(*printed("01-forgets")[1:], strict=True)
    names = ("scale 0.5", "scale 0.9", "scale 1.5")
    curves = {name: (steps, own) for name, own in zip(names, scales, strict=True)}
    return chart(
        "What is left of a different first word",
        "steps since then",
        "difference of the two states",
        curves,
        log=True,
    )


def back() -> str:
    """Draw three steps forward, and the gradient back through them."""
    drawing = Drawing(680, 230, "Three steps forward, and the gradient back through them")
    columns = (150, 330, 510)
    drawing.text(45, 95, "h_0", "ink")
    for k, x in enumerate(columns, 1):
        before = columns[k - 2] + 26 if k > 1 else 62
        drawing.arrow((before, 95), (x - 28, 95), color="blue")
        drawing.text((before + x - 28) / 2, 80, "w_h", "blue", 13)
        drawing.box(x, 95, 52, 40, f"h_{k}", "blue")
        drawing.arrow((x, 175), (x, 118))
        drawing.text(x + 8, 148, "w_x", "soft", 12, "start")
        drawing.text(x, 188, f"x_{k}", "ink")
    drawing.arrow((536, 95), (592, 95))
    drawing.text(628, 95, "L = h_3", "ink")
    for begin, end in ((510, 330), (330, 150)):
        drawing.arrow((begin, 74), (begin, 42), (end, 42), (end, 72), color="red", dashed=True)
        drawing.text((begin + end) / 2, 28, "× w_h (1 − h²)", "red", 12)
    drawing.text(330, 216, "solid: forward; dashed: the gradient, backward", "soft", 12)
    return drawing.svg()
