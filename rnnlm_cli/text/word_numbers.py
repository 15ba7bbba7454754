"""Numbers of words, looked up many at a time.

A look-up in a dictionary of many types waits for memory several times, one word after another. The
table here is NumPy's, which waits for many words at once. It holds short words alone, each until
another one needs its slot. The dictionary is asked for all others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

LONGEST = 15
"""Maximum bytes of a word in the table: two integers of 64 bits, less one byte for its size."""

SLOT_BITS = 20
"""Bits of a slot's number in the table, which has 20 bytes per slot."""

LEAST_TEXT = 2_000
"""Minimum characters of a text for the table; NumPy's calls take as long as a few hundred words."""

MOST_BYTES = 1.25
"""Maximum bytes per character of a text: words of other scripts are too long for the table."""

BLANKS = " \t\v\f\r\x1c\x1d\x1e\x1f"
"""The white space of ASCII, without the newline."""

MIXERS = np.array([0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93], np.uint64)
"""Odd numbers that spread bits to the top of a product (Knuth, 1973, section 6.4)."""

SIZES = range(LONGEST + 2)
FIRST = np.array([(1 << 8 * min(size, 8)) - 1 for size in SIZES], np.uint64)
REST = np.array([(1 << 8 * min(max(size - 8, 0), 7)) - 1 for size in SIZES], np.uint64)
"""The bits of a word of each size among its first eight bytes, and among the seven after them."""

SIZE = np.arange(LONGEST + 2, dtype=np.uint64) << np.uint64(56)
"""The byte for the size, so that words of different sizes differ whatever they hold."""

Places = npt.NDArray[np.intp]
Keys = npt.NDArray[np.uint64]


class WordNumbers:
    """The numbers of the words of a text, which are what is between white space."""

    def __init__(self, number_of: Callable[[str], int], newline: bool) -> None:
        """Begin with an empty table.

        Args:
            number_of: Returns the number of a word, always the same one; asked in the order of the
                text, and at least where a word occurs first.
            newline: Whether a newline is a word, too.
        """
        self._number_of, self._newline = number_of, newline
        self._first, self._rest = np.zeros((2, 1 << SLOT_BITS), np.uint64)  # every word has a size
        self._numbers = np.zeros(1 << SLOT_BITS, np.uintc)
        self._blank = np.zeros(256, np.bool_)
        self._blank[[*map(ord, BLANKS if newline else f"{BLANKS}\n")]] = True

    def of(self, text: str) -> npt.NDArray[np.uintc] | None:
        """Return the numbers of a text's words ``(n,)``; ``None`` if the text does not suit.

        That is so if it is short, if its letters have several bytes, or if it has white space
        beyond ASCII.
        """
        if len(text) < LEAST_TEXT:
            return None
        text = text.replace("\n", " \n ") if self._newline else text
        data = text.encode()
        if len(data) > MOST_BYTES * len(text):
            return None
        starts, stops = self._edges(data)
        first, rest = _keys(data, starts, stops - starts)
        slots = ((first ^ rest * MIXERS[0]) * MIXERS[1]) >> np.uint64(64 - SLOT_BITS)
        slots = slots.astype(np.intp)
        numbers: npt.NDArray[np.uintc] = self._numbers.take(slots)
        other = (self._first.take(slots) != first) | (self._rest.take(slots) != rest)
        missed = np.flatnonzero(other)
        if not len(missed):
            return numbers
        edges = zip(starts[missed].tolist(), stops[missed].tolist(), strict=True)
        words = [data[start:stop].decode() for start, stop in edges]
        if " ".join(words).split() != [word for word in words if word != "\n"]:
            return None
        numbers[missed] = [*map(self._number_of, words)]
        kept = missed[stops[missed] - starts[missed] <= LONGEST]
        places = slots[kept]  # of one that comes twice, each array keeps the last value
        self._first[places], self._rest[places] = first[kept], rest[kept]
        self._numbers[places] = numbers[kept]
        return numbers

    def _edges(self, data: bytes) -> tuple[Places, Places]:
        """Return where words begin, and where they end."""
        blank = self._blank[np.frombuffer(b" %b " % data, np.uint8)]
        edges = np.flatnonzero(blank[1:] != blank[:-1])
        return edges[::2], edges[1::2]


def _keys(data: bytes, starts: Places, sizes: Places) -> tuple[Keys, Keys]:
    """Return two integers per word, which differ from those of any other of ``LONGEST`` bytes."""
    every: npt.NDArray[Any] = np.ndarray(len(data) + 8, "<u8", data + bytes(15), strides=(1,))
    short = np.minimum(sizes, LONGEST + 1)
    return every[starts] & FIRST[short], every[starts + 8] & REST[short] | SIZE[short]
