"""Which sides of a token join its neighbours without a space, by the class of its characters."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple


class Sides(NamedTuple):
    """Whether a token joins the token before it, and the token after it."""

    left: bool
    right: bool


NEITHER, CLOSING, OPENING, BOTH = (
    Sides(False, False),
    Sides(True, False),
    Sides(False, True),
    Sides(True, True),
)

EVERY = (NEITHER, CLOSING, OPENING, BOTH)

APOSTROPHES = "'’"

OF_CATEGORY = {
    "Ps": OPENING,
    "Pi": OPENING,
    "Sc": OPENING,
    "Pe": CLOSING,
    "Pf": CLOSING,
    "Po": CLOSING,
    "Pc": BOTH,
}
"""By Unicode's general category: brackets, quotes and currency signs; all else joins nothing."""

OF_MARK = {
    **dict.fromkeys([*"<#@¡¿„‚", "``"], OPENING),
    **dict.fromkeys([*">°′″™`", "''"], CLOSING),
    **dict.fromkeys([*"/\\^~·・‧∼〜—", "--"], BOTH),
    **dict.fromkeys("-–&*†‡※", NEITHER),
}
"""Marks that are used in another way than the rest of their category."""

QUOTES = frozenset("\"'`＂＇")
"""Marks that close as they open; alone they are read as closing."""

CONTRACTION = re.compile(r"n['’]t|['’](?:s|m|d|ll|re|ve)", re.IGNORECASE)
"""The second part of a contraction, as the Penn Treebank splits it."""

TAG = re.compile(r"</?\w{1,40}>")
"""A word in angle brackets, such as ``<unk>``."""

UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u3096\u309d-\u309f"  # Hiragana
    "\u30a1-\u30fa\u30fc-\u312f\u31a0-\u31bf\u31f0-\u31ff\uff66-\uff9f"  # Katakana, Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
    "]"
)
"""A letter of a script without spaces between words, or an ideograph."""

WIDE = re.compile("[\u3001-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
"""A punctuation mark of these scripts: the space beside it is a part of its glyph."""


def sides_of(token: str) -> Sides:
    """Return which neighbours a token joins by the rule.

    >>> sides_of("word"), sides_of(","), sides_of("(").right
    (Sides(left=False, right=False), Sides(left=True, right=False), True)
    """
    first = token[0]
    if TAG.fullmatch(token):
        return NEITHER
    if (found := OF_MARK.get(token) or OF_MARK.get(first)) is not None:
        return found
    if UNSPACED.match(token) or WIDE.match(token):
        return BOTH
    if is_word(token):
        return CLOSING if CONTRACTION.fullmatch(token) else NEITHER
    return OF_CATEGORY.get(unicodedata.category(first), NEITHER)


def is_word(token: str) -> bool:
    """Whether a token is a word, the part of a contraction or a tag, and no punctuation mark."""
    if token[0].isalnum() or token[0] == "_":
        return True
    return (len(token) > 1 and token[0] in APOSTROPHES) or TAG.fullmatch(token) is not None
