"""Mixing two models of the same tokens."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.layer import Array

MOST_ROUNDS, CLOSE_ENOUGH = 200, 1e-6


def mixture(first: Array, second: Array, weight: float) -> Array:
    """``log(weight p_first + (1 - weight) p_second)`` of natural logs ``(N,)``."""
    with np.errstate(divide="ignore"):
        mixed: Array = np.logaddexp(np.log(weight) + first, np.log1p(-weight) + second)
    return mixed


def fit_weight(first: Array, second: Array) -> float:
    """Return the weight of the first model that makes a text the likeliest.

    By expectation maximization (Dempster et al., 1977): the new weight is the mean share that the
    first model has in each token's probability. The likelihood is concave in it, so there is one
    maximum, and every round is nearer to it.

    Args:
        first: Natural logs ``(N,)``.
        second: Those of the same tokens.
    """
    weight = 0.5
    for _ in range(MOST_ROUNDS):
        share = np.exp(np.log(weight) + first - mixture(first, second, weight))
        before, weight = weight, float(np.clip(share.mean(), 1e-9, 1 - 1e-9))
        if abs(weight - before) < CLOSE_ENOUGH:
            break
    return weight
