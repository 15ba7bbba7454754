"""Drawings of whole models: depth, both directions, the four forms, generation."""

from __future__ import annotations

from course_maker.svg import Drawing


def both() -> str:
    """Draw two networks that read from both sides."""
    drawing = Drawing(700, 300, "Two networks read from both sides; the output joins them")
    for k, word in enumerate(("the", "cat", "drinks", "milk")):
        x = 130 + 150 * k
        drawing.box(x, 130, 96, 34, "forward", "blue")
        drawing.box(x, 200, 96, 34, "backward", "orange")
        drawing.text(x, 282, word, "ink", 15)
        drawing.circle(x, 62, 14, "paper", "ink")
        drawing.text(x, 62, "+", "ink", 16)
        drawing.text(x, 26, f"{word} ?", "ink", 14)
        drawing.arrow((x, 48), (x, 36))
        if k > 0:
            drawing.arrow((x - 100, 130), (x - 50, 130), color="blue")
            drawing.arrow((x - 90, 130), (x - 90, 94), (x - 18, 66), color="blue")
        if k < 3:
            drawing.arrow((x + 100, 200), (x + 50, 200), color="orange")
            drawing.line([(x + 85, 200), (x + 85, 94), (x + 18, 66)], "orange", arrow=True)
    drawing.text(350, 246, "each says what it expects at a word, then reads the word", "soft", 12)
    return drawing.svg()


def depth() -> str:
    """Draw two layers in time, and where dropout and skip connections are."""
    drawing = Drawing(700, 340, "Two layers over four steps: dropout on the way up, none in time")
    for k in range(4):
        x = 130 + 140 * k
        drawing.text(x, 318, f"x_{k + 1}", "ink")
        drawing.arrow((x, 304), (x, 262), color="red", dashed=True)
        drawing.box(x, 240, 70, 36, "layer 1", "blue")
        drawing.arrow((x, 221), (x, 152), color="red", dashed=True)
        drawing.box(x, 130, 70, 36, "layer 2", "blue")
        drawing.arrow((x, 111), (x, 48), color="red", dashed=True)
        drawing.text(x, 34, f"y_{k + 1}", "ink")
        drawing.line([(x, 205), (x + 48, 190), (x + 48, 98), (x + 4, 84)], "green", arrow=True)
        if k < 3:
            for y in (240, 130):
                drawing.arrow((x + 37, y), (x + 102, y), color="blue")
    drawing.text(628, 240, "time →", "soft", 12)
    drawing.text(
        350,
        12,
        "dashed: dropout; blue: time; green: skip connection",
        "soft",
        12,
    )
    return drawing.svg()


def generation() -> str:
    """Draw how a word is drawn and fed again."""
    drawing = Drawing(700, 190, "Feed a word, draw the next one, feed it")
    drawing.text(50, 80, "you", "ink", 15)
    for x, text, color in (
        (190, "model", "blue"),
        (370, "probabilities", "orange"),
        (560, "draw a word", "green"),
    ):
        drawing.box(x, 80, 120, 42, text, color)
    drawing.arrow((74, 80), (128, 80))
    drawing.arrow((252, 80), (308, 80))
    drawing.arrow((432, 80), (498, 80))
    drawing.arrow((560, 103), (560, 150), (50, 150), (50, 96), color="green")
    drawing.text(305, 166, "the word goes in again", "soft", 12)
    drawing.arrow((170, 57), (170, 30), (210, 30), (210, 57), color="blue")
    drawing.text(190, 18, "state", "blue", 12)
    drawing.arrow((622, 80), (660, 80))
    drawing.text(680, 80, "say", "ink", 15)
    return drawing.svg()


FORMS = (
    ("one out for each in", (0, 1, 2), (0, 1, 2), 3),
    ("many to one", (0, 1, 2), (2,), 3),
    ("one to many", (0,), (0, 1, 2), 3),
    ("all in, then all out", (0, 1, 2), (2, 3, 4), 5),
)
"""Name, steps with an input, steps with an output, steps."""


def forms() -> str:
    """Draw the four forms of input and output."""
    drawing = Drawing(700, 400, "The four forms: at which steps words go in and come out")
    for k, (name, ins, outs, steps) in enumerate(FORMS):
        left, top = 50 + (k % 2) * 330, 20 + (k // 2) * 185
        drawing.text(left, top + 4, name, "ink", 14, "start", bold=True)
        for step in range(steps):
            x = left + 25 + 58 * step
            drawing.box(x, top + 85, 36, 32, "", "blue")
            if step + 1 < steps:
                drawing.arrow((x + 19, top + 85), (x + 39, top + 85), color="blue")
            if step in ins:
                drawing.box(x, top + 140, 30, 24, "", "green")
                drawing.arrow((x, top + 127), (x, top + 103))
            if step in outs:
                drawing.box(x, top + 32, 30, 24, "", "orange")
                drawing.arrow((x, top + 68), (x, top + 46))
    drawing.text(350, 386, "green: input; blue: state; orange: output", "soft", 12)
    return drawing.svg()
