"""Words near a word, and a map of words: plain values, a table and a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlm_cli.learned.embedding import Neighbor, Place, WordMap
from rnnlm_cli.report.charts import Chart, Dots, Mark, Sheet, Tag
from rnnlm_cli.report.page import shown
from rnnlm_cli.report.table import grid, visible
from rnnlm_cli.system.width import display_width

SIZE = 9.0, 7.2
"""Inches of the map."""

LETTER = 0.078, 0.14
"""Width and height of a letter of a label in inches."""

MARGIN = 0.1, 0.05
"""Of the axes beside the outermost dots, as shares of the width and height between these."""

DOT = 0.045
"""Radius of a dot in inches."""

Rectangle = tuple[float, float, float, float]
"""Left, right, bottom and top, in inches."""

NAMES = {"pca": "PCA", "tsne": "t-SNE"}


def neighbor_values(word: str, found: Sequence[Neighbor]) -> dict[str, Any]:
    """Return a word and its neighbours as plain values."""
    return {"word": word, "near": [one._asdict() for one in found]}


def neighbor_table(found: Sequence[Neighbor]) -> str:
    """Return a row per neighbour: cosine, how often it occurs, token."""
    rows = [["cosine", "times", "token"]]
    rows += [[f"{one.similarity:.3f}", f"{one.times:,}", visible(one.token)] for one in found]
    tokens = [row[2] for row in rows]
    return "\n".join(
        f"{line}  {token}"
        for line, token in zip(grid([row[:2] for row in rows]), tokens, strict=True)
    )


def map_values(found: WordMap) -> dict[str, Any]:
    """Return a map as plain values."""
    return {**found._asdict(), "places": [place._asdict() for place in found.places]}


def map_sheet(found: WordMap, model: str) -> Sheet:
    """Return a map of words; where there is no room for a label, there is the dot alone."""
    groups = list(dict.fromkeys(place.group for place in found.places))
    marks: list[Mark] = []
    for color, group in enumerate(groups):
        own = [place for place in found.places if place.group == group]
        label = f"near {group}" if group else ""
        marks.append(Dots(label, [p.x for p in own], [p.y for p in own], color))
    marks += tags(found.places)
    name = NAMES[found.method]
    x, y = "", ""
    if found.explained is not None:
        x, y = (f"component {k + 1}: {share:.1%}" for k, share in enumerate(found.explained))
    chart = Chart("", x, y, marks, limits=_limits(found.places))
    caption = (
        "percent: the share of the vectors' variance along an axis"
        if found.explained is not None
        else "neighbours stay neighbours; the axes, and distances between groups, mean nothing"
    )
    return Sheet(
        f"Embedding of {model}, {len(found.places)} tokens, {name}", [[chart]], SIZE, caption
    )


def tags(places: Sequence[Place], size: tuple[float, float] = SIZE) -> list[Tag]:
    """Return the labels that have room at the right or at the left of their dots.

    The first words are served first. A label covers no other label and no dot.
    """
    x_inch = _extent([p.x for p in places]) / (0.76 * size[0])
    y_inch = _extent([p.y for p in places]) / (0.78 * size[1])
    at = [(p.x / x_inch, p.y / y_inch) for p in places]
    taken: list[Rectangle] = [(x - DOT, x + DOT, y - DOT, y + DOT) for x, y in at]
    found = []
    for own, (place, (x, y)) in enumerate(zip(places, at, strict=True)):
        wide = LETTER[0] * (display_width(shown(place.token)) + 0.5)
        for left in (False, True):
            near = x - DOT if left else x + DOT
            low, high = (near - wide, near) if left else (near, near + wide)
            box = low, high, y - LETTER[1] / 2, y + LETTER[1] / 2
            if not any(_overlap(box, other) for k, other in enumerate(taken) if k != own):
                taken.append(box)
                found.append(Tag(place.x, place.y, shown(place.token), left))
                break
    return found


def _limits(places: Sequence[Place]) -> tuple[float, float, float, float]:
    """Return the ends of the axes, with room for labels at both sides."""
    xs, ys = [p.x for p in places], [p.y for p in places]
    x, y = MARGIN[0] * _extent(xs), MARGIN[1] * _extent(ys)
    return min(xs) - x, max(xs) + x, min(ys) - y, max(ys) + y


def _extent(values: Sequence[float]) -> float:
    return (max(values) - min(values)) or 1.0


def _overlap(a: Rectangle, b: Rectangle) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
