"""Drawings of gradients that explode, and of clipping."""

from __future__ import annotations

from course_maker.chart import chart, printed


def clipping() -> str:
    """Draw the loss of a training without and with clipping."""
    rows = [row for row in printed("04-clipping") if len(row) == 4]
    steps, off, on = zip(*((end, off, on) for _, end, off, on in rows), strict=True)
    return chart(
        "Loss without and with clipping",
        "steps of training",
        "loss, nats per letter",
        {"without clipping": (steps, off), "with clipping": (steps, on)},
    )
