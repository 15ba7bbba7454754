"""Mixing a network with an n-gram model of the same tokens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.evaluate.perplexity import perplexity_of
from rnnlm_cli.system.arrays import Array

MOST_ROUNDS, CLOSE_ENOUGH = 200, 1e-6


class NgramScores(NamedTuple):
    """What an n-gram model makes of the targets of a text."""

    log_probs: Array  # (N,) natural logs, minus infinity for zero
    unknown: Array  # (N,) bool: the model does not know the word

    @property
    def zero(self) -> Array:
        """``(N,)`` bool: the model knows the word, and gives it a probability of zero."""
        zero: Array = np.isneginf(self.log_probs) & ~self.unknown
        return zero


class Interpolation(NamedTuple):
    """Perplexities of an n-gram model and of its mixture with the network.

    Those "without unknown" leave out the tokens that the n-gram model does not know, or to which it
    gives a probability of zero, as SRILM does; both models then are measured on the same tokens.
    """

    ngram: float
    ngram_without_unknown: float | None  # None where no token is left
    mix: float
    mix_without_unknown: float | None
    weight: float  # of the network
    fitted: bool
    unknown: int  # tokens that the n-gram model does not know
    zero_probabilities: int  # tokens that it knows, and takes for impossible


def interpolate(own: Array, other: NgramScores, weight: float, fitted: bool) -> Interpolation:
    """Mix a network with an n-gram model.

    Args:
        own: Natural logs ``(N,)`` of the targets of a text under the network.
        other: The same targets under the n-gram model.
        weight: Of the network.
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
    )


def mixture(first: Array, second: Array, weight: float) -> Array:
    """``log(weight p_first + (1 - weight) p_second)`` of natural logs ``(N,)``."""
    with np.errstate(divide="ignore"):
        mixed: Array = np.logaddexp(np.log(weight) + first, np.log1p(-weight) + second)
    return mixed


def fit_weight(first: Array, second: Array) -> float:
    """Return the weight of the first model that makes a text the likeliest.

    By expectation maximization (Dempster et al., 1977): the new weight is the mean share that the
    first model has in each token's probability. The likelihood is concave in it, so there is one
    maximum, and every round is nearer to it. Tokens that both models take for impossible tell
    nothing; a text of such tokens alone gives both the same weight.

    Args:
        first: Natural logs ``(N,)``.
        second: Those of the same tokens.
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
