"""The n-grams of an ARPA file, one order after another, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.exchange.arpa_lines import LineFault, columns_of
from rnnlm_cli.exchange.backoff import AboveOne, ArpaModel, shown
from rnnlm_cli.ngrams.adding import add_table
from rnnlm_cli.ngrams.tables import BackoffTable, BackoffTables
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text.spellings import BEGIN, END, UNKNOWN, UNKNOWN_SPELLINGS


class Part(NamedTuple):
    """N-grams of one order."""

    numbers: Ids  # (n,) of their lines
    ngrams: Ids  # (n, order)
    log_probs: Array  # (n,) log10
    backoffs: Array  # (n,) log10


class Sections:
    """The n-grams that were read so far."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}  # of the words of the 1-grams, by each spelling
        self._names: list[str] = []  # by id
        self._tables: list[BackoffTable] = []
        self._above_one: dict[tuple[int, ...], AboveOne] = {}

    def parse(self, order: int, numbers: Sequence[int], lines: Sequence[str]) -> Part:
        """Parse lines of n-grams; a fault leaves no trace.

        Args:
            order: That of the n-grams.
            numbers: Those of the lines.
            lines: One n-gram each.

        Raises:
            LineFault: One of the lines is wrong; if there is but one, this says what is wrong.
        """
        words, log_probs, backoffs = columns_of(lines, order)
        if order == 1:
            ngrams = self._listed(words[0])
        else:
            try:
                found = [np.fromiter(map(self._ids.__getitem__, one), np.int32) for one in words]
            except KeyError as error:
                raise LineFault(f"{error.args[0][:40]!r} is not among the 1-grams") from None
            ngrams = np.stack(found, axis=1)
        return Part(np.array(numbers, np.int64), ngrams, log_probs, backoffs)

    def _listed(self, words: Sequence[str]) -> Ids:
        """Give ids to the words of 1-grams; return them, ``(n, 1)``."""
        first, ids = len(self._names), dict[str, int]()
        for k, word in enumerate(words, first):
            if word in ids or word in self._ids:
                raise given_twice(word)
            for spelling in UNKNOWN_SPELLINGS if word in UNKNOWN_SPELLINGS else (word,):
                ids[spelling] = k
        self._ids.update(ids)
        self._names += words
        return np.arange(first, len(self._names))[:, np.newaxis]

    def add(self, parts: Sequence[Part]) -> None:
        """Add all n-grams of the next order.

        Args:
            parts: At least one.

        Raises:
            LineFault: An n-gram is given twice, or a marker is missing.
        """
        numbers, ngrams, log_probs, backoffs = map(np.concatenate, zip(*parts, strict=True))
        if not self._tables:
            self._put_begin_last(ngrams)
        came = add_table(self._tables, len(self._names), ngrams, log_probs, backoffs)
        keys = self._tables[-1].keys
        again = came[1:][keys[1:] == keys[:-1]]
        if len(again):
            first = again.min()
            raise given_twice(*self._words(ngrams[first]), number=int(numbers[first]))
        for k in np.flatnonzero(backoffs > 0):
            words, number = self._words(ngrams[k]), int(numbers[k])
            self._above_one[tuple(ngrams[k].tolist())] = AboveOne(backoffs[k], words, number)

    def model(self, path: str) -> ArpaModel:
        """Return the model.

        Args:
            path: Its name in messages.
        """
        tables = BackoffTables(self._tables, len(self._names))
        return ArpaModel(path, self._ids, tables, self._above_one)

    def _put_begin_last(self, ngrams: Ids) -> None:
        """Exchange the ids of ``<s>`` and the last word."""
        for marker in (BEGIN, END):
            if marker not in self._ids:
                raise LineFault(
                    f"{marker} is not among the 1-grams",
                    f"estimate the model from lines between {BEGIN} and {END}",
                )
        begin, last = self._ids[BEGIN], len(self._names) - 1
        changed = {begin: last, last: begin}
        self._ids = {word: changed.get(k, k) for word, k in self._ids.items()}
        self._names[begin], self._names[last] = self._names[last], BEGIN
        ngrams[[begin, last]] = ngrams[[last, begin]]

    def _words(self, ngram: Ids) -> tuple[str, ...]:
        return tuple(self._names[k] for k in ngram)


def given_twice(*ngram: str, number: int | None = None) -> LineFault:
    """Return what is wrong with the line of an n-gram that has one already."""
    unknown = [word in UNKNOWN_SPELLINGS for word in ngram]
    words = [UNKNOWN if one else word for one, word in zip(unknown, ngram, strict=True)]
    same = " (<UNK> is the same word)" if any(unknown) else ""
    return LineFault(f"{shown(words)} is given twice{same}", "delete one of the two", number)
