"""Drawings of the cells with gates, and of what they remember."""

from __future__ import annotations

from course_maker.chart import chart, printed
from course_maker.svg import Drawing


def lstm() -> str:
    """Draw an LSTM's cell: memory along the top, gates below it."""
    drawing = Drawing(700, 320, "The LSTM: a memory cell along the top, four gates below")
    drawing.rect(90, 30, 500, 240, "grey-tint", "soft", 10)
    drawing.text(52, 95, "c′", "ink")
    drawing.arrow((70, 95), (186, 95), color="blue")
    _joint(drawing, 200, 95, "×")
    drawing.arrow((214, 95), (316, 95), color="blue")
    _joint(drawing, 330, 95, "+")
    drawing.arrow((344, 95), (616, 95), color="blue")
    drawing.text(640, 95, "c", "ink")
    _joint(drawing, 330, 150, "×")
    drawing.arrow((330, 136), (330, 109))
    drawing.arrow((470, 95), (470, 118))
    drawing.box(470, 134, 54, 30, "tanh", "blue")
    drawing.arrow((470, 149), (470, 160))
    _joint(drawing, 470, 174, "×")
    drawing.arrow((484, 174), (616, 174), color="green")
    drawing.text(640, 174, "h", "ink")
    for x, gate, color in (
        (200, "f", "orange"),
        (280, "i", "orange"),
        (380, "g", "violet"),
        (470, "o", "orange"),
    ):
        drawing.box(x, 225, 54, 34, gate, color)
        drawing.arrow((x, 258), (x, 244))
    drawing.arrow((200, 207), (200, 110), color="orange")
    drawing.arrow((280, 207), (280, 150), (315, 150), color="orange")
    drawing.arrow((380, 207), (380, 150), (345, 150), color="violet")
    drawing.arrow((470, 207), (470, 189), color="orange")
    drawing.line([(60, 258), (470, 258)])
    drawing.text(40, 258, "h′, x", "ink")
    drawing.text(
        345, 298, "orange: a gate, from 0 (shut) to 1 (open); violet: new content", "soft", 12
    )
    return drawing.svg()


def gru() -> str:
    """Draw a GRU: one gate mixes old and new."""
    drawing = Drawing(700, 290, "The GRU: the gate z mixes the old state and new content")
    drawing.rect(90, 30, 500, 210, "grey-tint", "soft", 10)
    drawing.text(45, 85, "h′", "ink")
    drawing.arrow((72, 85), (386, 85), color="blue")
    _joint(drawing, 400, 85, "×")
    drawing.text(425, 68, "z", "orange", 13)
    drawing.arrow((414, 85), (486, 85), color="blue")
    _joint(drawing, 500, 85, "+")
    drawing.arrow((514, 85), (616, 85), color="green")
    drawing.text(640, 85, "h", "ink")
    _joint(drawing, 500, 145, "×")
    drawing.text(534, 128, "1 − z", "orange", 13)
    drawing.arrow((500, 131), (500, 99))
    for x, gate, color in ((200, "r", "orange"), (290, "n", "violet"), (400, "z", "orange")):
        drawing.box(x, 195, 54, 34, gate, color)
    drawing.line([(60, 228), (400, 228)])
    for x in (200, 290, 400):
        drawing.arrow((x, 228), (x, 214))
    drawing.arrow((400, 177), (400, 100), color="orange")
    drawing.arrow((427, 195), (500, 195), (500, 160), color="orange")
    drawing.arrow((317, 190), (350, 190), (350, 145), (485, 145), color="violet")
    drawing.arrow((227, 195), (261, 195), color="orange")
    drawing.text(40, 228, "h′, x", "ink")
    drawing.text(345, 268, "orange: a gate, from 0 to 1; violet: new content", "soft", 12)
    return drawing.svg()


def _joint(drawing: Drawing, x: float, y: float, sign: str) -> None:
    drawing.circle(x, y, 13, "paper", "ink")
    drawing.text(x, y, sign, "ink", 16)


def recall() -> str:
    """Draw how well cells recall a letter, against how long ago it was."""
    rows = printed("05-recall")
    dots, *cells = zip(*rows, strict=True)
    names = ("RNN", "LSTM", "LSTM, open at first")
    return chart(
        "Probability of the right letter",
        "dots between the letter and its repetition",
        "probability",
        {name: (dots, own) for name, own in zip(names, cells, strict=True)},
        ys=(0, 1),
        level=("guessing", 0.25),
    )
