"""Weight and word penalty of a rescoring, found on lists whose right texts are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from rnnlm_cli.evaluate.word_errors import WordErrors, summed
from rnnlm_cli.system.arrays import Array


class Candidate(NamedTuple):
    """A hypothesis of a list, with the parts of its score, log10, and its errors."""

    fixed: float  # what is kept: the acoustic score
    old: float  # by the earlier language model
    log10_prob: float  # by this one
    words: int
    errors: WordErrors


class TriedRescoring(NamedTuple):
    """Settings, and the errors of the hypotheses that are the best with them."""

    weight: float
    word_penalty: float
    errors: WordErrors


class Lists:
    """Several lists of hypotheses, as a table that is scored at once."""

    def __init__(self, lists: Sequence[Sequence[Candidate]]) -> None:
        """Take the lists; none is empty."""
        longest = max(map(len, lists), default=0)
        self._lists = lists
        self._parts = np.zeros((4, len(lists), longest))  # fixed, old, log10 p, words
        self._parts[0] = -np.inf  # where a list is shorter
        for k, candidates in enumerate(lists):
            self._parts[:, k, : len(candidates)] = np.array([one[:4] for one in candidates]).T

    def errors(self, weight: float, word_penalty: float) -> WordErrors:
        """Return the errors with settings; of equal scores the first hypothesis counts."""
        fixed, old, new, words = self._parts
        scores: Array = fixed + (1 - weight) * old + weight * new + word_penalty * words
        best = scores.argmax(axis=1).tolist()
        pairs = zip(self._lists, best, strict=True)
        return summed(candidates[k].errors for candidates, k in pairs)

    def fewest(self) -> WordErrors:
        """Return the errors if the best hypothesis of each list were chosen."""
        return summed(
            min((one.errors for one in candidates), key=lambda errors: errors.errors)
            for candidates in self._lists
        )


def tune_rescoring(
    lists: Lists, weights: Iterable[float], penalties: Iterable[float]
) -> Iterator[TriedRescoring]:
    """Try every weight with every word penalty."""
    for weight, penalty in product(weights, penalties):
        yield TriedRescoring(weight, penalty, lists.errors(weight, penalty))


def best_last(tried: Iterable[TriedRescoring]) -> list[TriedRescoring]:
    """Return settings by their errors, the fewest last; of equal ones the mildest penalty last."""
    return sorted(tried, key=lambda one: (-one.errors.errors, -abs(one.word_penalty), -one.weight))
