"""Modified Kneser-Ney smoothing, interpolated, as KenLM's ``lmplz`` estimates it.

Chen and Goodman (1998); the form and the treatment of edges are those of Heafield, Pouzyrevsky,
Clark and Koehn (2013)::

    p(w | h) = (a(hw) - D(a(hw))) / a(h) + gamma(h) p(w | h')      h' is h without its first word
    gamma(h) = (D1 N1(h) + D2 N2(h) + D3 N3(h)) / a(h)             Nk(h): words with a(hw) = k
    p(w)     = (a(w) - D(a(w))) / a + gamma / V                    V: all words but the mark

The adjusted count ``a`` of an n-gram of the highest order, or that begins with the mark before a
line, is how often it occurs. That of any other is the number of distinct words before it. A word
that does not occur, such as the unknown word of a text without one, has only the last term.

Of one n-gram per order, the last one that it reads, lmplz takes the count instead of the adjusted
count when it estimates discounts. Here it is adjusted like all others: a difference of one in
``n(k)``, if that n-gram has fewer words before it than occurrences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.errors import UsageError
from rnnlm_cli.ngrams.counts import NgramTable, NgramText, count_ngrams
from rnnlm_cli.ngrams.tables import BackoffTable, BackoffTables
from rnnlm_cli.system.arrays import Array, Bools, Ids

ORDER, COUNT = Range(1, 20, whole=True), Range(0, 2**31 - 1, whole=True)

FALLBACK = (0.5, 1.0, 1.5)
"""``lmplz --discount_fallback``: used where a text has too few n-grams to estimate discounts."""


@dataclass(frozen=True)
class Discounts:
    """What is subtracted from the adjusted counts of one order.

    Attributes:
        amounts: For the counts 1, 2, and 3 or more.
        estimated: Whether they come from the text; else they are ``FALLBACK``.
    """

    amounts: tuple[float, float, float]
    estimated: bool = True

    @classmethod
    def of(cls, adjusted: Ids) -> Discounts:
        """Estimate the discounts of one order from its adjusted counts (M,).

        ``D(k) = k - (k + 1) n1 / (n1 + 2 n2) n(k+1) / n(k)``, where ``n(k)`` n-grams have the count
        k: equation 26 of Chen and Goodman (1998).
        """
        n = np.bincount(np.minimum(adjusted, 5), minlength=6).astype(float)
        if not n[1:4].all():
            return cls(FALLBACK, estimated=False)
        y = n[1] / (n[1] + 2 * n[2])
        found = [float(k - (k + 1) * y * n[k + 1] / n[k]) for k in (1, 2, 3)]
        if not all(0 <= amount <= k for k, amount in enumerate(found, 1)):
            return cls(FALLBACK, estimated=False)
        return cls((found[0], found[1], found[2]))

    def from_counts(self, adjusted: Ids) -> Array:
        """Return what is subtracted from each count; nothing from 0."""
        return np.array([0.0, *self.amounts])[np.minimum(adjusted, 3)]


@dataclass(frozen=True)
class Estimate:
    """An n-gram model, and what it was estimated with.

    Attributes:
        model: The model.
        discounts: Per order.
        counted: The number of distinct n-grams of the text, per order, pruned ones among them.
    """

    model: BackoffTables
    discounts: list[Discounts]
    counted: list[int]


def estimate(
    ids: Ids, line_end: int | None, types: int, order: int, prune: Sequence[int] = ()
) -> Estimate:
    """Estimate a model of a text.

    Args:
        ids: ``(N,)`` the text.
        line_end: The id that ends a line; ``None`` if no token does, and the text is one line.
        types: The number of words; the mark before a line becomes the word ``types``.
        order: The length of the longest n-grams.
        prune: For each order, drop n-grams that occur at most so often; the last number is for all
            longer ones. The first is 0, since no word is dropped.

    Raises:
        UsageError: ``order`` is below 1, or the thresholds are not allowed.
    """
    thresholds = checked_thresholds(order, prune)
    text = NgramText.of(ids, line_end, types)
    counts = list(count_ngrams(text, order))
    adjusted = [left_contexts(low, high) for low, high in pairwise(counts)] + [counts[-1].times]
    adjusted[0][text.mark] = 0  # never predicted
    discounts = [Discounts.of(a) for a in adjusted]
    tables: list[BackoffTable] = []
    below, kept_below = np.full(1, 1 / types), np.ones(1, bool)  # the uniform distribution
    for counted, a, discount, threshold in zip(
        counts, adjusted, discounts, thresholds, strict=True
    ):
        kept = counted.times > threshold if threshold else np.ones(len(counted), bool)
        probs, gamma = smoothed(counted, a, discount, below, kept)
        if tables:
            tables[-1] = replace(tables[-1], backoffs=log10(gamma[kept_below]))
        else:
            probs[text.mark] = 1  # as KenLM writes it
        row = kept_below.cumsum() - 1  # of the n-grams below that are kept
        keys = row[counted.prefix[kept]] * np.int64(text.types) + counted.word[kept]
        log_probs = np.minimum(log10(probs[kept]), 0)  # rounding may exceed probability 1
        tables.append(BackoffTable(keys, log_probs, np.zeros(len(keys))))
        below, kept_below = probs, kept
    return Estimate(BackoffTables(tables, text.types), discounts, [len(c) for c in counts])


def checked_thresholds(order: int, prune: Sequence[int]) -> list[int]:
    """Return a threshold per order; the last one given is that of all longer n-grams.

    Raises:
        UsageError: An order is below 1, or the thresholds are not allowed.
    """
    ORDER.check("order", order)
    thresholds = list(prune) or [0]
    shown = " ".join(map(str, thresholds))
    for threshold in thresholds:
        COUNT.check("prune", threshold)
    if len(thresholds) > order:
        problem = f"{len(thresholds)} numbers for n-grams of at most {order} words"
        remedy = f"give at most {order}"
    elif thresholds[0]:
        problem, remedy = "the first number drops words of the vocabulary", "make it 0"
    elif sorted(thresholds) != thresholds:
        problem, remedy = "a smaller number follows a larger one", "sort them"
    else:
        return thresholds + thresholds[-1:] * (order - len(thresholds))
    raise UsageError(problem, field="prune", place=shown, remedy=remedy)


def left_contexts(low: NgramTable, high: NgramTable) -> Ids:
    """Return the adjusted counts ``(M,)`` of n-grams below the highest order.

    Args:
        low: The n-grams.
        high: Those that are longer by one word.
    """
    before = np.bincount(high.suffix, minlength=len(low)).astype(low.times.dtype)
    return np.where(low.begins_line, low.times, before)


def smoothed(
    counted: NgramTable, adjusted: Ids, discounts: Discounts, below: Array, kept: Bools
) -> tuple[Array, Array]:
    """Return the probabilities ``(M,)`` of the n-grams of an order, and gamma of each context.

    What is subtracted from a context's n-grams, and all of those that are dropped, is gamma.

    Args:
        counted: The n-grams.
        adjusted: Their adjusted counts.
        discounts: Of this order.
        below: The probabilities of the n-grams that are shorter by the first word.
        kept: Which n-grams are not dropped.
    """
    contexts = len(below)
    total = np.bincount(counted.prefix, adjusted, contexts)
    taken = np.where(kept, discounts.from_counts(adjusted), adjusted)
    gamma = np.ones(contexts)  # where no word follows
    freed = np.bincount(counted.prefix, taken, contexts)
    np.divide(freed, total, out=gamma, where=total > 0)
    share = (adjusted - taken) / np.maximum(total, 1)[counted.prefix]
    return share + gamma[counted.prefix] * below[counted.suffix], gamma


def log10(probabilities: Array) -> Array:
    """Return the logarithms, minus infinity of 0."""
    with np.errstate(divide="ignore"):
        logs: Array = np.log10(probabilities)
    return logs
