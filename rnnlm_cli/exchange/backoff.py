"""N-gram models with back-off weights, as stored in ARPA files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text.spellings import UNKNOWN, UNKNOWN_SPELLINGS

ZERO = -99.0
"""Log10 of probability zero, as SRILM reads and writes it; smaller values mean zero too."""

SLACK = 1e-3
"""A sum of rounded log10 numbers may exceed log10 of probability 1 by at most this."""

FEW = 16
"""What follows a context is looked up each time, unless it is more words than that."""

NGram = tuple[str, ...]


class Entry(NamedTuple):
    """The numbers of an n-gram, log10; minus infinity for zero."""

    log10_prob: float
    backoff: float


class Columns(NamedTuple):
    """A list of words as columns of a distribution."""

    words: Sequence[str]
    places: dict[str, list[int]]  # of each word of the model in the list
    single: Array  # (V,) log10 of single words
    after: dict[NGram, tuple[Ids, Array]]  # what follows contexts with more than FEW words


class ArpaModel:
    """A back-off n-gram model (Katz, 1987).

    ``p(w | h)`` is the probability of the longest n-gram ``h w`` in the model, multiplied by the
    back-off weight of each longer history that had to be shortened.

    Attributes:
        order: The length of the longest n-grams.
    """

    def __init__(
        self, path: str, order: int, entries: dict[NGram, Entry], lines: Mapping[NGram, int]
    ) -> None:
        """Make a model.

        Args:
            path: Its name in messages.
            order: The length of the longest n-grams.
            entries: The numbers by n-gram.
            lines: The line numbers of n-grams whose back-off weight is above 1.
        """
        self.order = order
        self._path, self._entries, self._lines = path, entries, lines
        self._last: Columns | None = None

    def __contains__(self, word: str) -> bool:
        return (one_unknown(word),) in self._entries

    def is_unknown(self, word: str) -> bool:
        """Whether a word is the unknown word, or is not in the model."""
        return self._known(word) == UNKNOWN

    def log10_prob(self, history: Sequence[str], word: str) -> float:
        """Return ``log10 p(word | history)``, from the last ``order - 1`` words of the history.

        Minus infinity means probability zero. Words that are not in the model are read as the
        unknown word, which has probability zero if the file does not list it.

        Raises:
            CorpusError: The probability is above 1; the line with the back-off weight is named.
        """
        known = [self._known(w) for w in history[-(self.order - 1) :]] if self.order > 1 else []
        target, backoff = self._known(word), 0.0
        for start in range(len(known) + 1):
            context = tuple(known[start:])
            found = self._entries.get((*context, target))
            if found is not None:
                return self._checked(backoff + found.log10_prob, known, target)
            if context in self._entries:
                backoff += self._entries[context].backoff
        return -math.inf

    def log10_probs(self, history: Sequence[str], words: Sequence[str]) -> Array:
        """Return ``log10 p(word | history)`` of each word, ``(V,)``: the values of ``log10_prob``.

        What is looked up for a list of words is kept for the next call with the same list.

        Raises:
            CorpusError: A probability is above 1; the line with the back-off weight is named.
        """
        columns = self._columns_of(words)
        known = [self._known(w) for w in history[-(self.order - 1) :]] if self.order > 1 else []
        found: Array = columns.single.copy()
        for start in range(len(known) - 1, -1, -1):
            context = tuple(known[start:])
            if context in self._entries:
                found += self._entries[context].backoff
            after, log10_probs = self._after(context, columns)
            found[after] = log10_probs
        for k in np.flatnonzero(found > 0).tolist():
            found[k] = self.log10_prob(history, words[k])
        return found

    def _columns_of(self, words: Sequence[str]) -> Columns:
        """Return what is known of a list of words; that of the last list is kept."""
        columns = self._last
        if columns is None or columns.words is not words:
            places: dict[str, list[int]] = {}
            for k, word in enumerate(words):
                places.setdefault(self._known(word), []).append(k)
            single = np.array([self.log10_prob((), word) for word in words])
            self._last = columns = Columns(words, places, single, {})
        return columns

    def _after(self, context: NGram, columns: Columns) -> tuple[Ids, Array]:
        """Return which words are known to follow a context, and log10 of their probabilities."""
        if context in columns.after:
            return columns.after[context]
        followers = self._followers.get(context, ())
        pairs = []
        for word in followers:
            ngram = (*context, word)
            log10_prob = self._entries[ngram].log10_prob
            pairs += [(k, log10_prob) for k in columns.places.get(word, ())]
        found = np.array([k for k, _ in pairs], np.int64), np.array([p for _, p in pairs])
        if len(followers) > FEW:
            columns.after[context] = found
        return found

    @cached_property
    def _followers(self) -> dict[NGram, list[str]]:
        """The words that are known to follow each context."""
        found: dict[NGram, list[str]] = {}
        for ngram in self._entries:
            if len(ngram) > 1:
                found.setdefault(ngram[:-1], []).append(ngram[-1])
        return found

    def _checked(self, log10_prob: float, history: Sequence[str], word: str) -> float:
        if log10_prob <= 0:
            return log10_prob
        if log10_prob <= SLACK:
            return 0.0
        contexts = [tuple(history[k:]) for k in range(len(history))]
        above = max((c for c in contexts if c in self._lines), key=lambda c: self._entries[c][1])
        raise CorpusError(
            f"{self._path}: line {self._lines[above]}: the back-off weight of {shown(above)} gives "
            f"{word[:40]!r} a probability above 1 (log10 {log10_prob:g}); estimate the model again"
        )

    def _known(self, word: str) -> str:
        word = one_unknown(word)
        return word if (word,) in self._entries else UNKNOWN


def one_unknown(word: str) -> str:
    """Return a word; all spellings of the unknown word become one."""
    return UNKNOWN if word in UNKNOWN_SPELLINGS else word


def shown(words: NGram) -> str:
    """Return the beginning of an n-gram as messages quote it."""
    return repr(" ".join(words)[:40])
