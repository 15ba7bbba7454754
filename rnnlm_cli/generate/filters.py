"""What changes the odds before a token is drawn: pure functions from logits to logits.

A filter takes unnormalized log-probabilities ``(B, V)`` and returns new ones; ``-inf`` is never
drawn. They are applied in the order given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rnnlm_cli.nn.layer import Array

Filter = Callable[[Array], Array]

SMALLEST = 1e-37
"""A temperature that is still above zero as a float32."""


def forbid(ids: Sequence[int]) -> Filter:
    """Never draw these tokens."""
    columns = list(ids)

    def apply(logits: Array) -> Array:
        kept: Array = logits.copy()
        kept[:, columns] = -np.inf
        return kept

    return apply


def temperature(value: float) -> Filter:
    """Divide by the temperature: below 1 the likely become likelier; 0 leaves only the likeliest.

    Among equally likely ones 0 takes the first.
    """

    def greedy(logits: Array) -> Array:
        kept = np.full_like(logits, -np.inf)
        every, likeliest = np.arange(len(logits)), logits.argmax(axis=1)
        kept[every, likeliest] = 0
        return kept

    def soften(logits: Array) -> Array:
        # the peak goes first and becomes 0, so that no temperature overflows it
        below_peak = logits - logits.max(axis=1, keepdims=True)
        with np.errstate(over="ignore"):  # -inf is what is meant
            scaled: Array = below_peak / logits.dtype.type(max(value, SMALLEST))
        return scaled

    return greedy if value == 0 else soften
