"""Figures in the text of a chapter: each must be one that the chapter shows."""

from __future__ import annotations

import re

from course_maker.compare import NUMBER, unit, value
from course_maker.pages import blocks, by_hand

NO_PROSE = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`]*`|<[^>]*>|\]\([^)]*\)", re.DOTALL)
"""Equations, code, comments and addresses."""

FIGURE = re.compile(r"(?<![\w.])\d[\d,]*\.\d+|\d[\d,]*(?= ?%)|(?<![\w.])\d{1,3}(?:,\d{3})+")
"""A number with a fraction, a percentage, a number with a comma in it."""


def figures(text: str) -> list[str]:
    """Return the figures in the text that is by hand, in order."""
    return FIGURE.findall(NO_PROSE.sub(" ", by_hand(text)))


def without_source(text: str) -> list[str]:
    """Return the figures of a chapter's text that are no rounded number of one of its blocks.

    A percentage may be that of a share: 12% of 0.1234.
    """
    shown = {abs(value(number)) for _, _, body in blocks(text) for number in NUMBER.findall(body)}

    def is_shown(figure: str) -> bool:
        half = 0.501 * unit(figure)
        wanted = value(figure)
        return any(min(abs(n - wanted), abs(100 * n - wanted)) <= half for n in shown)

    return [figure for figure in figures(text) if not is_shown(figure)]
