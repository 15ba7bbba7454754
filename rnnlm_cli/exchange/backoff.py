"""N-gram models with back-off weights, as stored in ARPA files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.ngrams.tables import NOTHING, BackoffTables
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text.spellings import UNKNOWN, UNKNOWN_SPELLINGS

ZERO = -99.0
"""Log10 of probability zero, as SRILM reads and writes it; smaller values mean zero too."""

SLACK = 1e-3
"""A sum of rounded log10 numbers may exceed log10 of probability 1 by at most this."""


class AboveOne(NamedTuple):
    """A back-off weight above 1."""

    log10: float
    words: tuple[str, ...]  # the context
    line: int


class ArpaModel:
    """The n-gram model of an ARPA file.

    Attributes:
        order: The length of the longest n-grams.
        words: The id of each word that it lists, by all spellings.
        tables: The n-grams; the largest id is that of ``<s>``.
    """

    def __init__(
        self,
        path: str,
        words: Mapping[str, int],
        tables: BackoffTables,
        above_one: Mapping[tuple[int, ...], AboveOne],
    ) -> None:
        """Make a model.

        Args:
            path: Its name in messages.
            words: The id of each word.
            tables: The n-grams.
            above_one: The back-off weights above 1, by context.
        """
        self.order, self.words, self.tables = tables.order, words, tables
        self._path, self._above_one = path, above_one

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def is_unknown(self, word: str) -> bool:
        """Whether a word is the unknown word, or is not in the model."""
        return word in UNKNOWN_SPELLINGS or word not in self.words

    def ids_of(self, words: Sequence[str]) -> Ids:
        """Return the id of each word; words that are not in the model are the unknown word.

        If the model does not list that either, the id is ``NOTHING``: probability zero.
        """
        unknown = self.words.get(UNKNOWN, NOTHING)
        return np.array([self.words.get(word, unknown) for word in words], np.int64)

    def log10_probs(self, histories: Ids, words: Ids) -> Array:
        """Return log10 of the probabilities of words after histories, ``(N,)`` float64.

        Minus infinity means probability zero.

        Args:
            histories: ``(N, order - 1)`` ids, ``NOTHING`` where there is no word.
            words: ``(N,)`` ids.

        Raises:
            CorpusError: A probability is above 1; the line with the back-off weight is named.
        """
        found = self.tables.log_probs_after(histories, words)
        for n in np.flatnonzero(found > 0).tolist():
            if found[n] > SLACK:
                raise self._error(histories[n].tolist(), int(words[n]), found[n])
            found[n] = 0
        return found

    def distributions_of(self, words: Ids) -> Callable[[Ids], Array]:
        """Return what computes log10 of the probabilities of all words, ``(N, V)`` float64.

        It takes histories ``(N, order - 1)``. The values are those of ``log10_probs``, but for
        rounding, and it raises the same error.

        Args:
            words: ``(V,)`` ids.
        """
        columns = self.tables.columns(words)

        def log10_probs(histories: Ids) -> Array:
            found = self.tables.distributions(histories, columns)
            above = np.nonzero(found > 0) if found.max(initial=0) > 0 else ()
            for n, k in zip(*above, strict=True):
                found[n, k] = self.log10_probs(histories[n : n + 1], words[k : k + 1])[0]
            return found

        return log10_probs

    def _error(self, history: Sequence[int], word: int, log10_prob: float) -> CorpusError:
        """Name the largest back-off weight that a probability has as a factor."""
        contexts = [tuple(history[k:]) for k in range(len(history))]
        largest = max(self._above_one[c] for c in contexts if c in self._above_one)
        name = next(name for name, k in self.words.items() if k == word)
        return CorpusError(
            f"{self._path}: line {largest.line}: the back-off weight of {shown(largest.words)} "
            f"gives {name[:40]!r} a probability above 1 (log10 {log10_prob:g}); estimate the model "
            "again"
        )


def shown(words: Sequence[str]) -> str:
    """Return the beginning of an n-gram as messages quote it."""
    return repr(" ".join(words)[:40])
