"""The n-grams of a text, counted with sorted integer keys.

An n-gram is a row of a table per order. Its key is ``row of its first n-1 words * words + last
word``, so that keys fit into 64 bits whatever the order, and a table that is sorted by key is
sorted by context. Memory grows with the number of distinct n-grams, not with powers of the
vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.system.arrays import Bools, Ids


class NgramText(NamedTuple):
    """A text with a mark before each line.

    Attributes:
        words: ``(T,)`` int32: the ids of the text, and the mark.
        depth: ``(T,)`` int32: how many words of its line are before each, the mark among them.
        mark: The id of the mark, the largest one.
    """

    words: Ids
    depth: Ids
    mark: int

    @classmethod
    def of(cls, ids: Ids, line_end: int | None, mark: int) -> NgramText:
        """Put a mark before each line of a text.

        Args:
            ids: ``(N,)`` the text.
            line_end: The id that ends a line; with ``None`` the text is one line.
            mark: An id above all others.
        """
        ends = np.flatnonzero(ids[:-1] == line_end) + 1 if line_end is not None else ids[:0]
        starts = np.concatenate([[0], ends]).astype(np.int64)
        words = np.insert(ids.astype(np.int32), starts, mark)
        begins = np.zeros(len(words), np.int32)
        marks = starts + np.arange(len(starts))
        begins[marks] = marks
        depth = np.arange(len(words), dtype=np.int32) - np.maximum.accumulate(begins)
        return cls(words, depth, mark)

    @property
    def types(self) -> int:
        """The number of words, the mark among them."""
        return self.mark + 1


class NgramTable(NamedTuple):
    """The distinct n-grams of one order, ``M`` rows, sorted by key.

    Attributes:
        prefix: ``(M,)`` int32 row of the first n-1 words in the table below; 0 for single words.
        word: ``(M,)`` int32, the last word.
        suffix: ``(M,)`` int32 row of the last n-1 words in the table below; 0 for single words.
        times: ``(M,)`` int32, how often it occurs in the text.
        begins_line: ``(M,)`` whether its first word is the mark.
    """

    prefix: Ids
    word: Ids
    suffix: Ids
    times: Ids
    begins_line: Bools

    def __len__(self) -> int:
        return len(self.word)


def count_ngrams(text: NgramText, order: int) -> Iterator[NgramTable]:
    """Yield a table for each length from 1 to ``order``; that of single words has a row per id.

    No n-gram goes beyond the beginning of a line.
    """
    words, types = text.words, text.types
    every = np.arange(types, dtype=np.int32)
    none = np.zeros(types, np.int32)
    table = NgramTable(
        none, every, none, np.bincount(words, minlength=types).astype(np.int32), every == text.mark
    )
    yield table
    row = words  # of the n-gram that ends at each place
    for length in range(2, order + 1):
        last = np.flatnonzero(text.depth >= length - 1)
        keys = row[last - 1] * np.int64(types) + words[last]
        by_key = keys.argsort()
        keys = keys[by_key]
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        rows = np.repeat(np.arange(len(first), dtype=np.int32), np.diff(first, append=len(keys)))
        suffix = row[last[by_key[first]]]
        row = np.full(len(words), -1, np.int32)
        row[last[by_key]] = rows
        prefix, word = (part.astype(np.int32) for part in np.divmod(keys[first], types))
        times = np.diff(first, append=len(keys)).astype(np.int32)
        table = NgramTable(prefix, word, suffix, times, table.begins_line[prefix])
        yield table
