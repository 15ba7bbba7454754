"""A back-off n-gram model as arrays, one table per order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.ngrams.counts import NgramText
from rnnlm_cli.system.arrays import Array, Ids


class BackoffTable(NamedTuple):
    """The n-grams of one order, ``M`` rows, sorted by ``prefix * types + word``.

    Attributes:
        prefix: ``(M,)`` row of the first n-1 words in the table below; 0 for single words.
        word: ``(M,)`` the last word.
        log_probs: ``(M,)`` float64, log10 of its probability after the first n-1 words.
        backoffs: ``(M,)`` float64, log10 of its weight as a context; 0 if it is none.
    """

    prefix: Ids
    word: Ids
    log_probs: Array
    backoffs: Array


class BackoffTables:
    """An n-gram model with back-off weights (Katz, 1987).

    Attributes:
        tables: One per order, single words first.
        types: The number of words; the largest id is the mark before a line.
    """

    def __init__(self, tables: Sequence[BackoffTable], types: int) -> None:
        self.tables, self.types = tables, types

    def log_probs(self, ids: Ids, line_end: int | None) -> Array:
        """Return log10 of the probability of each token of a text, ``(N,)``.

        Args:
            ids: ``(N,)`` the text; it begins a line.
            line_end: The id that ends a line; ``None`` if no token does.
        """
        text = NgramText.of(ids, line_end, self.types - 1)
        words, depth = text.words, text.depth
        row = words.astype(np.int64)  # of the n-gram that ends at each place; -1 if it is not known
        found = self.tables[0].log_probs[row]
        for length, table in enumerate(self.tables[1:], 2):
            below = self.tables[length - 2]
            place = np.flatnonzero(depth >= length - 1)
            context = row[place - 1]
            place, context = place[context >= 0], context[context >= 0]
            wanted = context * self.types + words[place]
            keys = table.prefix * np.int64(self.types) + table.word
            at = keys.searchsorted(wanted)
            known = keys[np.minimum(at, len(keys) - 1)] == wanted if len(keys) else at < 0
            found[place] += below.backoffs[context]
            found[place[known]] = table.log_probs[at[known]]
            row = np.full(len(words), -1, np.int64)
            row[place[known]] = at[known]
        return found[depth > 0]
