"""Columns of a terminal: wide letters take two, marks on a letter none."""

from __future__ import annotations

import unicodedata

CUT = "..."

JAMO = frozenset([*range(0x1160, 0x1200), *range(0xD7B0, 0xD800)])
"""Vowels and final consonants of Hangul, which join the consonant before them."""


def display_width(text: str) -> int:
    """Return how many columns a text takes (Unicode Standard Annex 11).

    >>> display_width("abc"), display_width("한국어"), display_width("e\u0301")
    (3, 6, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


def around(text: str, place: int, most: int) -> str:
    """Return the part of a text around a place that fits into ``most`` columns.

    >>> around("a short line", 8, 20), around("the beginning of a long line", 20, 14)
    ('a short line', '...f a lon...')
    """
    if display_width(text) <= most:
        return text
    start = stop = min(max(place, 0), len(text) - 1)
    room = most - 2 * len(CUT)
    grown = True
    while grown:  # by a character on each side, while there is room
        grown = False
        if stop < len(text) and (width := _columns(text[stop])) <= room:
            stop, room, grown = stop + 1, room - width, True
        if start > 0 and (width := _columns(text[start - 1])) <= room:
            start, room, grown = start - 1, room - width, True
    return CUT * (start > 0) + text[start:stop] + CUT * (stop < len(text))


def _columns(character: str) -> int:
    joins = unicodedata.category(character) in ("Mn", "Me", "Cf") or ord(character) in JAMO
    if joins:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "FW" else 1
