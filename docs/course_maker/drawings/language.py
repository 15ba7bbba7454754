"""Drawings of the language model: its layers, and what the temperature does."""

from __future__ import annotations

from course_maker.chart import printed
from course_maker.svg import Drawing

LAYERS = (("Embedding", "green"), ("LSTM", "blue"), ("Affine", "orange"), ("Softmax", "violet"))


def layers() -> str:
    """Draw the layers of a language model over four words."""
    drawing = Drawing(700, 420, "The layers of a language model, over four words")
    words = ("you", "say", "goodbye", "and", "i")
    for k, x in enumerate((130, 290, 450, 610)):
        drawing.text(x, 400, words[k], "ink", 15)
        for level, (name, color) in enumerate(LAYERS):
            y = 330 - 75 * level
            drawing.arrow((x, y + 56), (x, y + 20))
            drawing.box(x, y, 104, 36, name, color)
        drawing.arrow((x, 87), (x, 52))
        drawing.text(x, 36, words[k + 1], "ink", 15)
        drawing.arrow((x - 108, 255), (x - 54, 255), color="blue")
    drawing.text(36, 400, "reads", "soft", 12)
    drawing.text(36, 36, "expects", "soft", 12)
    drawing.text(210, 240, "h, c", "blue", 13)
    return drawing.svg()


def temperatures() -> str:
    """Draw the probabilities of the same tokens at three temperatures."""
    drawing = Drawing(680, 250, "The probabilities of five words at three temperatures")
    for k, row in enumerate(printed("12-temperature")):
        left, (at, *shares) = 40 + 220 * k, row
        drawing.text(left + 80, 24, f"temperature {at:g}", "ink", 13, bold=True)
        drawing.line([(left, 210), (left + 160, 210)], "soft", 1)
        for place, (share, color) in enumerate(
            zip(shares, ("blue", "orange", "green", "violet", "red"), strict=True)
        ):
            x, height = left + 6 + 32 * place, 150 * share
            drawing.rect(x, 210 - height, 22, height, color, "", 0)
            drawing.text(x + 11, 200 - height, f"{share:.2f}", "soft", 10)
            drawing.text(x + 11, 226, "abcde"[place], "ink", 12)
    return drawing.svg()
