"""A back-off n-gram model as arrays, one table per order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnlm_cli.ngrams.counts import NgramText
from rnnlm_cli.system.arrays import Array, Ids

NOTHING = -1
"""The id of a word that no n-gram has, and of what is before the first word of a history."""

PLACES = 1 << 16
"""Tokens of a text that are scored at a time."""


@dataclass(frozen=True)
class BackoffTable:
    """The n-grams of one order, ``M`` rows, sorted by key.

    Attributes:
        keys: ``(M,)`` int64, ``row of the first n-1 words in the table below * types + last word``;
            of single words their ids, which are all numbers from 0.
        log_probs: ``(M,)`` float64, log10 of its probability after the first n-1 words; NaN if the
            model does not have the n-gram, but has one that begins with it.
        backoffs: ``(M,)`` float64, log10 of its weight as a context; 0 if it is none.
    """

    keys: Ids
    log_probs: Array
    backoffs: Array

    def __len__(self) -> int:
        return len(self.keys)

    def rows_of(self, keys: Ids) -> Ids:
        """Return the row of each key, -1 if there is none; the same shape, int64."""
        if not len(self):
            return np.full(keys.shape, -1, np.int64)
        at = np.minimum(self.keys.searchsorted(keys), len(self) - 1)
        return np.where(self.keys[at] == keys, at, -1)


class Columns(NamedTuple):
    """A list of words as columns of distributions, ``V`` of them.

    Attributes:
        single: ``(V + 1,)`` log10 of the probability of each without a history; the last column
            is that of all words that are not listed.
        of: ``(types + 1,)`` a column of each word; the last is that of ``NOTHING``.
        same: ``(V,)`` the column of ``of`` with the same word; ``None`` if no word is listed twice.
    """

    single: Array
    of: Ids
    same: Ids | None


class BackoffTables:
    """An n-gram model with back-off weights (Katz, 1987).

    ``p(w | h)`` is the probability of the longest n-gram ``h w`` in the model, multiplied by the
    back-off weight of each longer history that had to be shortened.

    Attributes:
        tables: One per order, single words first.
        types: The number of words; the largest id is the mark before a line.
    """

    def __init__(self, tables: Sequence[BackoffTable], types: int) -> None:
        self.tables, self.types = tables, types
        self._gaps = [bool(np.isnan(table.log_probs).any()) for table in tables]

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return len(self.tables)

    def ngrams(self, order: int, rows: Ids | slice) -> Ids:
        """Return the words of n-grams of one order, ``(M, order)``."""
        columns = []
        keys = self.tables[order - 1].keys[rows]
        for table in reversed(self.tables[: order - 1]):
            prefix, last = np.divmod(keys, self.types)
            columns.append(last)
            keys = table.keys[prefix]
        return np.stack([keys, *reversed(columns)], axis=1)

    def log_probs(self, ids: Ids, line_end: int | None) -> Array:
        """Return log10 of the probability of each token of a text, ``(N,)``.

        Args:
            ids: ``(N,)`` the text; it begins a line.
            line_end: The id that ends a line; ``None`` if no token does.
        """
        text = NgramText.of(ids, line_end, self.types - 1)
        places = np.flatnonzero(text.depth)
        found = [np.zeros(0)]
        for start in range(0, len(places), PLACES):
            at = places[start : start + PLACES]
            before = at[:, np.newaxis] - np.arange(self.order - 1, 0, -1)  # (n, order - 1)
            in_line = before >= (at - text.depth[at])[:, np.newaxis]
            histories = np.where(in_line, text.words[np.maximum(before, 0)], NOTHING)
            found.append(self.log_probs_after(histories, text.words[at]))
        return np.concatenate(found)

    def log_probs_after(self, histories: Ids, words: Ids) -> Array:
        """Return log10 of the probabilities of words after their histories, ``(N,)``.

        Args:
            histories: ``(N, order - 1)`` the words before each, ``NOTHING`` where there is none.
            words: ``(N,)``; ``NOTHING`` has probability zero.
        """
        contexts = self._contexts(histories)
        found, backoff = np.full(len(words), -np.inf), np.zeros(len(words))
        left = np.flatnonzero(words != NOTHING)
        for length in range(self.order - 1, 0, -1):  # of the context, the longest first
            table, below = self.tables[length], self.tables[length - 1]
            context = contexts[-length, left]
            rows = table.rows_of(context * self.types + words[left])
            known = (context >= 0) & (rows >= 0)
            if self._gaps[length]:
                known &= ~np.isnan(table.log_probs[rows])
            hits = left[known]
            found[hits] = backoff[hits] + table.log_probs[rows[known]]
            left, context = left[~known], context[~known]
            shortened = context >= 0
            backoff[left[shortened]] += below.backoffs[context[shortened]]
        found[left] = backoff[left] + self.tables[0].log_probs[words[left]]
        return found

    def columns(self, words: Ids) -> Columns:
        """Prepare a list of words for ``distributions``.

        Args:
            words: ``(V,)``; ``NOTHING`` has probability zero.
        """
        single = np.where(words == NOTHING, -np.inf, self.tables[0].log_probs[words])
        every, of = np.arange(len(words)), np.full(self.types + 1, len(words))
        of[words] = every
        same = of[words]
        return Columns(np.append(single, 0), of, None if (same == every).all() else same)

    def distributions(self, histories: Ids, columns: Columns) -> Array:
        """Return log10 of the probabilities of all words of a list after histories, ``(N, V)``.

        Args:
            histories: ``(N, order - 1)`` words, ``NOTHING`` where there is none.
            columns: The list.
        """
        found = np.repeat(columns.single[np.newaxis], len(histories), axis=0)
        for length, rows in enumerate(reversed(self._contexts(histories)), 1):
            table, below = self.tables[length], self.tables[length - 1]
            here = np.flatnonzero(rows >= 0)
            firsts = rows[here] * self.types
            begins, ends = table.keys.searchsorted([firsts, firsts + self.types])
            for n, first, begin, end in zip(here, firsts, begins, ends, strict=True):
                found[n] += below.backoffs[rows[n]]
                if begin == end:
                    continue
                at = columns.of[table.keys[begin:end] - first]
                log_probs = table.log_probs[begin:end]
                if self._gaps[length]:
                    there = ~np.isnan(log_probs)
                    at, log_probs = at[there], log_probs[there]
                found[n, at] = log_probs
        return found[:, slice(-1) if columns.same is None else columns.same]

    def _contexts(self, histories: Ids) -> Ids:
        """Return the rows of all contexts at the ends of histories, ``(order - 1, N)``.

        Those that are not in their table are -1. The longest come first.
        """
        words = histories.T.astype(np.int64)
        rows: Ids = words.copy()  # that of the n-gram that begins at each place
        for length in range(2, self.order):
            begun, word = rows[: 1 - length], words[length - 1 :]
            found = self.tables[length - 1].rows_of(begun * self.types + word)
            rows[: 1 - length] = np.where((begun >= 0) & (word >= 0), found, -1)
        return rows
