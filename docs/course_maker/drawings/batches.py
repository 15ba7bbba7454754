"""Drawings of truncation and of minibatches."""

from __future__ import annotations

from course_maker.svg import Drawing

TINTS = ("blue", "orange", "green")


def rows() -> str:
    """Draw which tokens of a text of 1,000 are in which row of which block."""
    drawing = Drawing(700, 250, "A text of 1,000 tokens in two rows, cut into blocks of ten")
    drawing.text(60, 30, "the text", "ink", 13, "start")
    for row, (first, color) in enumerate(((0, "violet"), (500, "green"))):
        left = 150 + row * 265
        drawing.rect(left, 16, 265, 28, f"{color}-tint", color, 0)
        drawing.text(left + 132, 30, f"{first} … {first + 499}", "ink", 13)
        y = 98 + row * 62
        drawing.text(60, y, f"row {row}", "ink", 13, "start")
        for block, begin in enumerate((first, first + 10, first + 20)):
            x = 205 + block * 160
            drawing.box(x, y, 120, 36, f"{begin} … {begin + 9}", color)
            if block < 2:
                drawing.arrow((x + 62, y), (x + 98, y), color="blue")
        drawing.text(632, y, "…", "ink", 18)
    for block in range(3):
        x = 205 + block * 160
        drawing.line([(x - 68, 68), (x - 68, 190), (x + 68, 190), (x + 68, 68), (x - 68, 68)])
        drawing.text(x, 206, f"block {block}", "soft", 12)
    drawing.text(370, 234, "blue: the state of each row goes on to the next block", "soft", 12)
    return drawing.svg()


def truncated() -> str:
    """Draw how the state goes on and the gradient stops."""
    drawing = Drawing(700, 200, "The state goes on from block to block; the gradient stops")
    for step in range(9):
        x, color = 55 + step * 74, TINTS[step // 3]
        drawing.box(x, 80, 46, 36, f"h_{step + 1}", color)
        if step < 8:
            drawing.arrow((x + 25, 80), (x + 49, 80), color="blue")
        if step % 3:
            drawing.arrow(
                (x, 101), (x, 128), (x - 74, 128), (x - 74, 101), color="red", dashed=True
            )
        elif step:
            drawing.line([(x - 37, 112), (x - 37, 144)], "red", 2.5)
            drawing.text(x - 37, 156, "cut", "red", 12)
        if step % 3 == 1:
            drawing.text(x, 40, f"block {step // 3}", "ink", 13)
    drawing.text(350, 184, "solid: the state, forward; dashed: the gradient, backward", "soft", 12)
    return drawing.svg()
