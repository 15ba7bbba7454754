"""Filters change the probabilities before a token is drawn: pure functions of logits.

A filter takes unnormalized log-probabilities ``(B, V)`` and the history of each text, and returns
new ones; ``-inf`` is never drawn. They are applied in the order of ``Filters.in_order``:

1. ``forbid``: tokens that are never drawn;
2. ``no_repeat_ngram`` and ``repetition_penalty``: depend on the text so far;
3. ``temperature``;
4. ``top_k``, ``top_p``, ``min_p``: each cuts the tail left by those before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.generate.past import Past
from rnnlm_cli.system.arrays import Array

History = Sequence[Past]
"""The ids of each text so far, including its start."""

Filter = Callable[[Array, History], Array]

RANGES = {
    "no_repeat_ngram": Range(0, whole=True),
    "repetition_penalty": Range(1e-6, 1e6),
    "temperature": Range(0, 1e6),
    "top_k": Range(0, whole=True),
    "top_p": Range(0, 1, low_open=True),
    "min_p": Range(0, 1),
}
"""The allowed values of the fields of ``Filters``."""

FORBIDDING = ("skip", "no_repeat_ngram")
"""The fields that forbid tokens, which a beam search keeps to; the others change what is drawn."""

SMALLEST = 1e-37
"""The smallest temperature used; a smaller one could be zero in float32."""


@dataclass(frozen=True)
class Filters:
    """Settings of the filters; the defaults apply none.

    Attributes:
        skip: Ids that are never drawn.
        no_repeat_ngram: No n-gram of this length is drawn twice; 0 for no limit.
        repetition_penalty: Makes tokens of the text so far less likely by this factor; 1 for none.
        temperature: See ``temperature``.
        top_k: Only the k most likely tokens; 0 for all.
        top_p: Only the most likely tokens that together have this probability; 1 for all.
        min_p: Only tokens with at least this share of the highest probability; 0 for all.
    """

    skip: Sequence[int] = ()
    no_repeat_ngram: int = 0
    repetition_penalty: float = 1.0
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            UsageError: A value is out of range.
        """
        for name, limits in RANGES.items():
            limits.check(name, getattr(self, name))

    def in_order(self) -> list[Filter]:
        """Return the active filters in the order in which they are applied."""
        chosen: list[tuple[bool, Callable[[], Filter]]] = [
            (bool(self.skip), lambda: forbid(self.skip)),
            (self.no_repeat_ngram > 0, lambda: no_repeat_ngram(self.no_repeat_ngram)),
            (self.repetition_penalty != 1, lambda: repetition_penalty(self.repetition_penalty)),
            (self.temperature != 1, lambda: temperature(self.temperature)),
            (self.top_k > 0, lambda: top_k(self.top_k)),
            (self.top_p < 1, lambda: top_p(self.top_p)),
            (self.min_p > 0, lambda: min_p(self.min_p)),
        ]
        return [make() for wanted, make in chosen if wanted]


def forbid(ids: Sequence[int]) -> Filter:
    """Never draw these tokens."""
    columns = list(ids)

    def apply(logits: Array, history: History) -> Array:
        kept: Array = logits.copy()
        kept[:, columns] = -np.inf
        return kept

    return apply


def no_repeat_ngram(length: int) -> Filter:
    """Never draw a token that would complete an n-gram already in the text.

    If no other token is left, repetition is allowed.
    """

    def apply(logits: Array, history: History) -> Array:
        kept: Array = logits.copy()
        for row, past in zip(kept, history, strict=True):
            repeated = list(past.followers(length - 1))
            before = row[repeated]
            row[repeated] = -np.inf
            if not np.isfinite(row).any():
                row[repeated] = before
        return kept

    return apply


def repetition_penalty(factor: float) -> Filter:
    """Make tokens that are already in the text less likely (Keskar et al., 2019).

    Log-probabilities are negative, so they are multiplied by the factor; a positive logit is
    divided by it. A factor below 1 favours repetition.
    """

    def apply(logits: Array, history: History) -> Array:
        kept: Array = logits.copy()
        for row, past in zip(kept, history, strict=True):
            seen = past.types()
            row[seen] = np.where(row[seen] > 0, row[seen] / factor, row[seen] * factor)
        return kept

    return apply


def temperature(value: float) -> Filter:
    """Divide logits by the temperature: below 1 likely tokens become more likely.

    0 leaves only the most likely token, on ties the first.
    """

    def greedy(logits: Array, history: History) -> Array:
        kept = np.full_like(logits, -np.inf)
        every, likeliest = np.arange(len(logits)), logits.argmax(axis=1)
        kept[every, likeliest] = 0
        return kept

    def soften(logits: Array, history: History) -> Array:
        # the maximum is subtracted first and becomes 0, so no temperature overflows it
        below_peak = logits - logits.max(axis=1, keepdims=True)
        with np.errstate(over="ignore"):  # -inf is intended
            scaled: Array = below_peak / logits.dtype.type(max(value, SMALLEST))
        return scaled

    return greedy if value == 0 else soften


def top_k(most: int) -> Filter:
    """Keep only the ``most`` most likely tokens (Fan et al., 2018), and all ties with the last."""

    def apply(logits: Array, history: History) -> Array:
        if most >= logits.shape[1]:
            return logits
        edge = np.partition(logits, -most, axis=1)[:, -most, np.newaxis]
        return np.where(logits >= edge, logits, -np.inf)

    return apply


def top_p(mass: float) -> Filter:
    """Keep only the smallest set of most likely tokens with total probability ``mass``.

    (Nucleus sampling: Holtzman et al., 2020.) The most likely token is always kept.
    """

    def apply(logits: Array, history: History) -> Array:
        order = np.argsort(-logits, axis=1, kind="stable")
        peak = logits.max(axis=1, keepdims=True)
        weights = np.exp(np.take_along_axis(logits, order, axis=1) - peak)
        sums = weights.cumsum(axis=1, dtype=np.float64)
        before = sums - weights  # of all more likely tokens
        kept = np.empty(logits.shape, bool)
        np.put_along_axis(kept, order, before < mass * sums[:, -1:], axis=1)
        return np.where(kept, logits, -np.inf)

    return apply


def min_p(share: float) -> Filter:
    """Keep only tokens with at least this share of the highest probability.

    (Nguyen et al., 2024.)
    """

    def apply(logits: Array, history: History) -> Array:
        edge = logits.max(axis=1, keepdims=True) + np.log(share)
        return np.where(logits >= edge, logits, -np.inf)

    return apply
