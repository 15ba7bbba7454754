"""Word errors of a recognized text: substitutions, deletions, insertions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class WordErrors(NamedTuple):
    """What changes a reference into a hypothesis, in words.

    Attributes:
        substitutions: Words that became others.
        deletions: Words of the reference that are missing.
        insertions: Words that the reference does not have.
        words: Words of the reference.
    """

    substitutions: int
    deletions: int
    insertions: int
    words: int

    @property
    def errors(self) -> int:
        """All of them."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """The word error rate: errors per word of the reference, which may exceed 1.

        Without a word in the reference it is infinite, or 0 without an error.
        """
        if not self.words:
            return float("inf") if self.errors else 0.0
        return self.errors / self.words


def word_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> WordErrors:
    """Return the fewest errors (Levenshtein, 1966); each has the same cost, as in Kaldi.

    Of alignments with as many errors, one with the most substitutions is counted.

    >>> word_errors("we know it well".split(), "we now it".split())
    WordErrors(substitutions=1, deletions=1, insertions=0, words=4)
    """
    left = right = 0
    shorter = min(len(reference), len(hypothesis))
    while left < shorter and reference[left] == hypothesis[left]:
        left += 1
    while right < shorter - left and reference[-1 - right] == hypothesis[-1 - right]:
        right += 1
    wanted = reference[left : len(reference) - right]
    found = hypothesis[left : len(hypothesis) - right]
    row = [(k, 0, k) for k in range(len(found) + 1)]  # errors, deletions, insertions
    for count, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], (count, count, 0)
        for k, other in enumerate(found, 1):
            errors, deletions, insertions = diagonal
            diagonal = row[k]
            row[k] = min(
                (errors + (word != other), deletions, insertions),
                (row[k][0] + 1, row[k][1] + 1, row[k][2]),
                (row[k - 1][0] + 1, row[k - 1][1], row[k - 1][2] + 1),
            )
    errors, deletions, insertions = row[-1]
    return WordErrors(errors - deletions - insertions, deletions, insertions, len(reference))


def summed(several: Iterable[WordErrors]) -> WordErrors:
    """Return the errors of several texts together."""
    columns = list(zip(*several, strict=True)) or [()] * 4
    return WordErrors(*map(sum, columns))
