"""Linear interpolation of a network with an n-gram model on the same tokens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.evaluate.perplexity import perplexity_of
from rnnlm_cli.system.arrays import Array

MOST_ROUNDS, CLOSE_ENOUGH = 200, 1e-6


class NgramScores(NamedTuple):
    """Scores of the targets of a text under an n-gram model."""

    log_probs: Array  # (N,) natural logs, minus infinity for probability zero
    unknown: Array  # (N,) bool: the model does not know the word

    @property
    def zero(self) -> Array:
        """``(N,)`` bool: the model knows the word, but gives it probability zero."""
        zero: Array = np.isneginf(self.log_probs) & ~self.unknown
        return zero


class Interpolation(NamedTuple):
    """Perplexities of an n-gram model and of its mixture with the network.

    "Without unknown" omits tokens that the n-gram model does not know or gives probability zero, as
    SRILM does; both models are then measured on the same tokens.
    """

    ngram: float
    ngram_without_unknown: float | None  # None if no token is left
    mix: float
    mix_without_unknown: float | None
    weight: float  # of the network
    fitted: bool
    unknown: int  # tokens that the n-gram model does not know
    zero_probabilities: int  # tokens that it knows, but gives probability zero
    ngram_nats: float  # of the whole text
    mix_nats: float


def interpolate(own: Array, other: NgramScores, weight: float, fitted: bool) -> Interpolation:
    """Mix a network with an n-gram model.

    Args:
        own: Natural logs ``(N,)`` of the targets of a text under the network.
        other: The same targets under the n-gram model.
        weight: The network's weight.
        fitted: Whether the weight was fitted.
    """
    mixed = mixture(own, other.log_probs, weight)
    counted = ~(other.unknown | other.zero)
    return Interpolation(
        perplexity_of(other.log_probs),
        perplexity_of(other.log_probs[counted]) if counted.any() else None,
        perplexity_of(mixed),
        perplexity_of(mixed[counted]) if counted.any() else None,
        weight,
        fitted,
        int(other.unknown.sum()),
        int(other.zero.sum()),
        -float(other.log_probs.sum()),
        -float(mixed.sum()),
    )


def mixture(first: Array, second: Array, weight: float) -> Array:
    """``log(weight p_first + (1 - weight) p_second)`` of natural logs ``(N,)``."""
    with np.errstate(divide="ignore"):
        mixed: Array = np.logaddexp(np.log(weight) + first, np.log1p(-weight) + second)
    return mixed


def fit_weight(first: Array, second: Array) -> float:
    """Return the weight of the first model that maximizes the likelihood of a text.

    By expectation maximization (Dempster et al., 1977): the new weight is the mean share of the
    first model in each token's probability. The log-likelihood is concave in the weight, so there
    is one maximum, and every round comes nearer to it. Tokens that have probability zero under both
    models are ignored; if there are no others, both models get the same weight.

    Args:
        first: Natural logs ``(N,)`` under the first model.
        second: Natural logs ``(N,)`` of the same tokens under the second model.
    """
    possible = ~(np.isneginf(first) & np.isneginf(second))
    first, second = first[possible], second[possible]
    weight = 0.5
    for _ in range(MOST_ROUNDS if len(first) else 0):
        share = np.exp(np.log(weight) + first - mixture(first, second, weight))
        before, weight = weight, float(np.clip(share.mean(), 1e-9, 1 - 1e-9))
        if abs(weight - before) < CLOSE_ENOUGH:
            break
    return weight
