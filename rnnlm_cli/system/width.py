"""Columns of a terminal: wide letters take two, marks on a letter none."""

from __future__ import annotations

import unicodedata

CUT = "..."


def columns_of(text: str) -> int:
    """Return how many columns a text takes (Unicode Standard Annex 11).

    >>> columns_of("abc"), columns_of("한국어"), columns_of("e\u0301")
    (3, 6, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


def around(text: str, place: int, most: int) -> str:
    """Return the part of a text around a place that fits into ``most`` columns.

    >>> around("a short line", 8, 20), around("the beginning of a long line", 20, 14)
    ('a short line', '...f a lon...')
    """
    if columns_of(text) <= most:
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
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
