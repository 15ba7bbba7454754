"""How many characters and bytes of a text its tokens stand for.

They are those of the text as it was read, in UTF-8: before anything is made lower case, and with
unknown words as they stand there. Among words a line of n words has n - 1 separators, one character
each however many blanks there are, and an end of line is one more; a separator belongs to the word
after it. Where an end of line is no token, it is the separator between two lines' words.
"""

from __future__ import annotations

import re
from array import array
from typing import NamedTuple

import numpy as np


class Size(NamedTuple):
    """Of a text."""

    characters: int
    bytes: int


def byte_length(text: str) -> int:
    """Return how many bytes a text has in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


class SizeChanges:
    """Where a text has other sizes than its tokens, which were made lower case.

    The Turkish capital I with a dot becomes two characters, the Kelvin sign one byte instead of
    three; few others change their size, so only the tokens that do are kept.
    """

    def __init__(self) -> None:
        self._places = array("q")
        self._characters = array("q")  # of the text, less those of the token
        self._bytes = array("q")

    def note_words(self, first: int, text: str) -> None:
        """Note the changes in a text of words, the first of which is token ``first``."""
        if _same_size(text, text.lower()):
            return
        for place, word in enumerate(text.split(), first):
            self._note(place, word, word.lower())

    def note_characters(self, first: int, text: str) -> None:
        """Note the changes in a text of characters, the first of which is token ``first``.

        Where a character becomes several, it belongs to the first of them.
        """
        if _same_size(text, text.lower()):
            return
        odd = "".join(c for c in set(text) if not _same_size(c, c.lower()))
        for found in re.finditer(f"[{re.escape(odd)}]", text) if odd else ():
            place, lower = first + found.start(), found.group().lower()
            self._note(place, found.group(), lower[0])
            for extra in lower[1:]:
                place, first = place + 1, first + 1
                self._note(place, "", extra)

    def between(self, start: int, stop: int) -> Size:
        """Sum up over the tokens ``start`` to ``stop - 1``."""
        places = np.frombuffer(self._places, np.int64)
        first, last = np.searchsorted(places, [start, stop])
        return Size(sum(self._characters[first:last]), sum(self._bytes[first:last]))

    def _note(self, place: int, original: str, token: str) -> None:
        characters = len(original) - len(token)
        size = byte_length(original) - byte_length(token)
        if characters or size:
            self._places.append(place)
            self._characters.append(characters)
            self._bytes.append(size)


def _same_size(one: str, other: str) -> bool:
    return len(one) == len(other) and byte_length(one) == byte_length(other)
