"""How many columns of a terminal a text takes."""

from __future__ import annotations

import unicodedata

JAMO = frozenset([*range(0x1160, 0x1200), *range(0xD7B0, 0xD800)])
"""Vowels and final consonants of Hangul, which join the consonant before them."""


def display_width(text: str) -> int:
    """Return the columns that a text takes in a terminal (Unicode Standard Annex 11).

    Wide letters, as those of Hangul, take two columns; accents that join a letter take none.

    >>> display_width("hello"), display_width("한국어"), display_width("e\u0301")
    (5, 6, 1)
    """
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    joins = unicodedata.category(character) in ("Mn", "Me", "Cf") or ord(character) in JAMO
    if joins:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "FW" else 1
