"""What changes the odds before a token is drawn: pure functions from logits to logits.

A filter takes unnormalized log-probabilities ``(B, V)`` and what each text holds so far, and
returns new ones; ``-inf`` is never drawn. They are applied in the order of ``Filters.in_order``:

1. ``forbid``: tokens that are never drawn;
2. ``no_repeat_ngram`` and ``repetition_penalty``: what the text holds already;
3. ``temperature``;
4. ``top_k``, ``top_p``, ``min_p``: each cuts the tail that those before have left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.generate.past import Past
from rnnlm_cli.system.arrays import Array

History = Sequence[Past]
"""What each text holds so far, its start included."""

Filter = Callable[[Array, History], Array]

RANGES = {
    "no_repeat_ngram": Range(0, whole=True),
    "repetition_penalty": Range(1e-6, 1e6),
    "temperature": Range(0, 1e6),
    "top_k": Range(0, whole=True),
    "top_p": Range(0, 1, low_open=True),
    "min_p": Range(0, 1),
}
"""What the fields of ``Filters`` may be."""

SMALLEST = 1e-37
"""A temperature that is still above zero as a float32."""


@dataclass(frozen=True)
class Filters:
    """Which filters are applied, and how strongly; the defaults apply none.

    Attributes:
        skip: Ids never drawn.
        no_repeat_ngram: No n-gram of this length is drawn twice; 0 for any.
        repetition_penalty: Tokens of the text so far are less likely by this factor; 1 for no.
        temperature: See ``temperature``.
        top_k: Only so many of the likeliest; 0 for all.
        top_p: Only the likeliest that together have this probability; 1 for all.
        min_p: Only those with at least this share of the likeliest one's probability; 0 for all.
    """

    skip: Sequence[int] = ()
    no_repeat_ngram: int = 0
    repetition_penalty: float = 1.0
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a value out of range.

        Raises:
            UsageError: There is one.
        """
        for name, limits in RANGES.items():
            limits.check(name, getattr(self, name))

    def in_order(self) -> list[Filter]:
        """Return the filters that do something, in the order in which they are applied."""
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
    """Never draw a token that would end an n-gram which the text holds already.

    Where nothing else is left to draw, repetition is allowed.
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
    """Make tokens that the text holds already less likely (Keskar et al., 2019).

    Log-probabilities are negative, so they are multiplied by the factor; a positive logit is
    divided by it. Below 1 repetition is favoured.
    """

    def apply(logits: Array, history: History) -> Array:
        kept: Array = logits.copy()
        for row, past in zip(kept, history, strict=True):
            seen = past.types()
            row[seen] = np.where(row[seen] > 0, row[seen] / factor, row[seen] * factor)
        return kept

    return apply


def temperature(value: float) -> Filter:
    """Divide by the temperature: below 1 the likely become likelier; 0 leaves only the likeliest.

    Among equally likely ones 0 takes the first.
    """

    def greedy(logits: Array, history: History) -> Array:
        kept = np.full_like(logits, -np.inf)
        every, likeliest = np.arange(len(logits)), logits.argmax(axis=1)
        kept[every, likeliest] = 0
        return kept

    def soften(logits: Array, history: History) -> Array:
        # the peak goes first and becomes 0, so that no temperature overflows it
        below_peak = logits - logits.max(axis=1, keepdims=True)
        with np.errstate(over="ignore"):  # -inf is what is meant
            scaled: Array = below_peak / logits.dtype.type(max(value, SMALLEST))
        return scaled

    return greedy if value == 0 else soften


def top_k(most: int) -> Filter:
    """Draw from the likeliest so many only (Fan et al., 2018); of equals at the edge all stay."""

    def apply(logits: Array, history: History) -> Array:
        if most >= logits.shape[1]:
            return logits
        edge = np.partition(logits, -most, axis=1)[:, -most, np.newaxis]
        return np.where(logits >= edge, logits, -np.inf)

    return apply


def top_p(mass: float) -> Filter:
    """Draw from the likeliest only, as few as have this probability together.

    (Nucleus sampling: Holtzman et al., 2020.) The likeliest one stays in any case.
    """

    def apply(logits: Array, history: History) -> Array:
        order = np.argsort(-logits, axis=1, kind="stable")
        odds = np.exp(np.take_along_axis(logits, order, axis=1) - logits.max(axis=1)[:, np.newaxis])
        shares = odds.cumsum(axis=1, dtype=np.float64)
        before = shares - odds  # of those that are likelier
        kept = np.empty(logits.shape, bool)
        np.put_along_axis(kept, order, before < mass * shares[:, -1:], axis=1)
        return np.where(kept, logits, -np.inf)

    return apply


def min_p(share: float) -> Filter:
    """Draw from tokens that have at least this share of the likeliest one's probability only.

    (Nguyen et al., 2024.)
    """

    def apply(logits: Array, history: History) -> Array:
        edge = logits.max(axis=1, keepdims=True) + np.log(share)
        return np.where(logits >= edge, logits, -np.inf)

    return apply
