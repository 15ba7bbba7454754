"""Colors of values, as plain text that a picture and a web page share.

Each scale differs in lightness, for the color-blind and for print.
"""

from __future__ import annotations

from collections.abc import Sequence

Anchors = Sequence[tuple[int, int, int]]

SEQUENTIAL: Anchors = ((255, 255, 255), (253, 208, 162), (241, 105, 19), (127, 39, 4))
"""From nothing, white, to much, dark orange."""

DIVERGING: Anchors = (
    *((33, 102, 172), (146, 197, 222), (247, 247, 247)),
    *((244, 165, 130), (178, 24, 43)),
)
"""From -1, blue, over 0, white, to 1, red."""


def shade(value: float, anchors: Anchors) -> str:
    """Return the color of a value from 0 to 1 on a scale, ``#rrggbb``; others are clipped.

    >>> shade(0, SEQUENTIAL), shade(0.5, DIVERGING), shade(7, DIVERGING)
    ('#ffffff', '#f7f7f7', '#b2182b')
    """
    place = min(max(value, 0.0), 1.0) * (len(anchors) - 1)
    low = min(int(place), len(anchors) - 2)
    share = place - low
    mixed = (
        round(a + (b - a) * share) for a, b in zip(anchors[low], anchors[low + 1], strict=True)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


def ink(background: str) -> str:
    """Return black or white, whichever can be read on a color.

    >>> ink("#ffffff"), ink("#7f2704")
    ('#000000', '#ffffff')
    """
    red, green, blue = (int(background[k : k + 2], 16) for k in (1, 3, 5))
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else "#ffffff"
