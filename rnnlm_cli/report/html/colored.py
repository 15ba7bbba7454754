"""Text colored by what a model made of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rnnlm_cli.errors import shortened
from rnnlm_cli.learned.surprise import Surprise
from rnnlm_cli.report.html.markup import Markup, tag
from rnnlm_cli.report.html.style import level
from rnnlm_cli.report.page import LINE_END, as_text, shown
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.codec.base import Codec


def surprise_text(found: Sequence[Surprise], codec: Codec, size: int) -> Markup:
    """Return tokens with their nats as shades, and under each what was expected.

    Args:
        found: The tokens.
        codec: Knows how they are written.
        size: ``V``; ``log V`` nats have the strongest shade.
    """
    darkest = math.log(max(size, 2))

    def cell(one: Surprise) -> Markup:
        expected = [shortened(shown(codec.surface(c.token), codec.line_end)) for c in one.expected]
        nats = "\u00a0" if one.nats is None else f"{one.nats:.1f}{'' if one.known else '?'}"
        below = [tag("small", tag("bdi", line)) for line in (nats, *expected)]
        shade = None if not one.nats else _shade("s", one.nats / darkest)
        return tag(
            "span", tag("bdi", tag("b", shortened(as_text(one.token, codec)), class_=shade)), below
        )

    return tag("div", _by_lines(map(cell, found), found, codec), class_="text words")


def unit_text(tokens: Sequence[str], written: Sequence[str], values: Array, end: str) -> Markup:
    """Return a text with the values of one unit as shades: blue below 0, red above.

    Args:
        tokens: ``(n,)``.
        written: ``(n,)``, what each adds to the text.
        values: ``(n,)`` from -1 to 1, NaN for none.
        end: The token that ends a line; empty for none.
    """

    def cell(token: str, text: str, value: float) -> Markup:
        shade = None if math.isnan(value) else _shade("n" if value < 0 else "p", abs(value))
        return tag(
            "span",
            f"{LINE_END}\n" if token == end or text == "\n" else shortened(text),
            class_=shade,
        )

    cells = map(cell, tokens, written, values.tolist())
    return tag("div", cells, class_="text")


def _by_lines(cells: Iterator[Markup], found: Sequence[Surprise], codec: Codec) -> Iterator[Markup]:
    """Yield cells, with a new line after each end of a line."""
    for cell, one in zip(cells, found, strict=True):
        yield cell
        if one.token == codec.line_end:
            yield tag("br")


def _shade(name: str, value: float) -> str | None:
    return f"{name}{level(value)}" if level(value) else None
