"""Linear interpolation of any number of models on the same tokens."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from rnnlm_cli.evaluate.perplexity import perplexity_of
from rnnlm_cli.system.arrays import Array

MOST_ROUNDS, CLOSE_ENOUGH = 200, 1e-6

LEAST = 1e-9
"""A weight is never smaller, so that it can grow again."""


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
    mixed = mixture(np.stack([own, other.log_probs]), [weight, 1 - weight])
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


def mixture(log_probs: Array, weights: Sequence[float] | Array) -> Array:
    """``log(sum of weight_k p_k)`` of natural logs ``(K, N)`` of K models: ``(N,)``."""
    with np.errstate(divide="ignore"):
        logs = np.log(np.array(weights, float))
    return reduce(np.logaddexp, [w + own for w, own in zip(logs, log_probs, strict=True)])


def fit_weights(log_probs: Array) -> list[float]:
    """Return the weights that maximize the likelihood of a text.

    By expectation maximization (Dempster et al., 1977): the new weight of a model is the mean of
    its share in each token's probability. The log-likelihood is concave in the weights, so there is
    one maximum, and every round comes nearer to it. Tokens that have probability zero under all
    models are ignored; if there are no others, all models get the same weight.

    Args:
        log_probs: Natural logs ``(K, N)`` of the text's tokens under each model.
    """
    log_probs = log_probs[:, ~np.isneginf(log_probs).all(axis=0)]
    weights = np.full(len(log_probs), 1 / len(log_probs))
    for _ in range(MOST_ROUNDS if log_probs.size else 0):
        mixed = mixture(log_probs, weights)
        shares = [np.exp(own - mixed).mean() for own in log_probs]
        before, weights = weights, np.maximum(weights * shares, LEAST)
        weights /= weights.sum()
        if np.abs(weights - before).max() < CLOSE_ENOUGH:
            break
    found: list[float] = weights.tolist()
    return found
