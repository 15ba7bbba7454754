"""The number of characters and UTF-8 bytes of a text that its tokens stand for.

Sizes are those of the original text, decoded: before lower-casing and normalisation, and with
unknown words as written. Bytes are those of UTF-8, whatever the encoding of the file. A line of n
words has n - 1 separators, which count as one character each however long the white space is, and
an end of line counts as one more; a separator belongs to the word after it. If an end of line is
not a token, it counts as the separator between the words of two lines.
"""

from __future__ import annotations

import re
from array import array
from functools import cache
from typing import NamedTuple

import numpy as np


class Size(NamedTuple):
    """The size of a text, without its words."""

    characters: int
    bytes: int


def byte_length(text: str) -> int:
    """Return the number of bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


@cache
def size_changing() -> re.Pattern[str]:
    """Return a pattern for the characters whose size changes in lower case.

    Letters with case are below U+20000, and no ASCII letter changes its size.
    """
    letters = (chr(k) for k in range(0x80, 0x20000) if not 0xD800 <= k < 0xE000)
    capitals = (c for c in letters if c != c.lower())
    changing = "".join(c for c in capitals if _size(c) != _size(c.lower()))
    return re.compile(f"[{changing}]")


def _size(text: str) -> Size:
    return Size(len(text), byte_length(text))


class SizeChanges:
    """Where the sizes of a text differ from those of its tokens: lower case, or in one form.

    The Turkish capital I with a dot becomes two characters, the Kelvin sign one byte instead of
    three; a letter and its accent become one character. Only tokens with such a change are stored.
    """

    def __init__(self) -> None:
        self._places = array("q")
        self._characters = array("q")  # of the text minus those of the token
        self._bytes = array("q")

    def note(self, place: int, original: str, token: str) -> None:
        """Record the change in size from the original text to its token."""
        characters = len(original) - len(token)
        size = byte_length(original) - byte_length(token)
        if characters or size:
            self._places.append(place)
            self._characters.append(characters)
            self._bytes.append(size)

    def between(self, start: int, stop: int) -> Size:
        """Return the sum over the tokens ``start`` to ``stop - 1``."""
        places = np.array(self._places, np.int64)
        first, last = np.searchsorted(places, [start, stop])
        return Size(sum(self._characters[first:last]), sum(self._bytes[first:last]))
