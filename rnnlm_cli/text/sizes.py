"""How many characters and bytes of a text its tokens stand for.

They are those of the text as it was read, in UTF-8: before anything is made lower case, and with
unknown words as they stand there. Among words a line of n words has n - 1 separators, one character
each however many blanks there are, and an end of line is one more; a separator belongs to the word
after it. Where an end of line is no token, it is the separator between two lines' words.
"""

from __future__ import annotations

import re
from array import array
from functools import cache
from typing import NamedTuple

import numpy as np


class Size(NamedTuple):
    """Of a text."""

    characters: int
    bytes: int


def byte_length(text: str) -> int:
    """Return how many bytes a text has in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


@cache
def size_changing() -> re.Pattern[str]:
    """Return what finds the characters that have another size in lower case.

    Letters with case stand below U+20000, and in ASCII none changes its size.
    """
    letters = (chr(k) for k in range(0x80, 0x20000) if not 0xD800 <= k < 0xE000)
    capitals = (c for c in letters if c != c.lower())
    changing = "".join(c for c in capitals if _size(c) != _size(c.lower()))
    return re.compile(f"[{changing}]")


def _size(text: str) -> Size:
    return Size(len(text), byte_length(text))


class SizeChanges:
    """Where a text has other sizes than its tokens, which were made lower case.

    The Turkish capital I with a dot becomes two characters, the Kelvin sign one byte instead of
    three; few others change their size, so only the tokens that do are kept.
    """

    def __init__(self) -> None:
        self._places = array("q")
        self._characters = array("q")  # of the text, less those of the token
        self._bytes = array("q")

    def note(self, place: int, original: str, token: str) -> None:
        """Note what the text has in place of a token."""
        characters = len(original) - len(token)
        size = byte_length(original) - byte_length(token)
        if characters or size:
            self._places.append(place)
            self._characters.append(characters)
            self._bytes.append(size)

    def between(self, start: int, stop: int) -> Size:
        """Sum up over the tokens ``start`` to ``stop - 1``."""
        places = np.array(self._places, np.int64)
        first, last = np.searchsorted(places, [start, stop])
        return Size(sum(self._characters[first:last]), sum(self._bytes[first:last]))
