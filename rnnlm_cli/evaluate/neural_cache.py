"""The continuous neural cache: what was said lately is likelier to be said again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.evaluate.stream import Scored
from rnnlm_cli.system.arrays import Array, Ids


class CacheSettings(NamedTuple):
    """A cache of the last tokens.

    Attributes:
        size: How many of them it holds.
        theta: How sharply it prefers the moments that were like the present one; 0 for all alike.
        weight: Its share of the mixture, lambda.
    """

    size: int
    theta: float
    weight: float


class NeuralCache:
    """Mixes a model's distribution with one over the last tokens (Grave et al., 2017).

    ::

        p(w)       = (1 - weight) p_model(w) + weight p_cache(w)
        p_cache(w) ~ sum of exp(theta h_t . h_i) over the i < t whose next token was w

    ``h_i`` is what the output layer saw before the token that followed. The token to be
    predicted joins the cache only after it is scored.
    """

    def __init__(self, size: int, theta: float) -> None:
        self.size, self.theta = size, theta
        self._h: Array | None = None  # (S, H), the moments
        self._tokens: Ids = np.empty(0, np.int64)  # (S,), what followed each

    def read(self, scored: Scored) -> Array:
        """Read a block of a text in one stream; return what ``log_probs`` does."""
        return self.log_probs(scored.h[:, 0], scored.counted.targets)

    def log_probs(self, h: Array, targets: Ids) -> Array:
        """Read a part of a text; return natural logs ``(T,)`` of ``p_cache`` of its targets.

        ``-inf`` where a target is not in the cache, ``nan`` where the cache is still empty.

        Args:
            h: ``(T, H)``.
            targets: ``(T,)``.
        """
        known = len(self._tokens)
        moments = h if self._h is None else np.concatenate([self._h, h])
        tokens = np.concatenate([self._tokens, targets])
        place = known + np.arange(len(h))[:, np.newaxis]  # of each target among the tokens
        column = np.arange(len(tokens))
        within = (column < place) & (column >= place - self.size)
        likeness = np.where(within, self.theta * (h @ moments.T).astype(np.float64), -np.inf)
        with np.errstate(invalid="ignore", divide="ignore"):
            odds = np.exp(likeness - likeness.max(axis=1, keepdims=True))  # nan: nothing there
            odds_of_target = np.where(tokens == targets[:, np.newaxis], odds, 0).sum(axis=1)
            found: Array = np.log(odds_of_target) - np.log(odds.sum(axis=1))
        found[~within.any(axis=1)] = np.nan
        self._h, self._tokens = moments[-self.size :], tokens[-self.size :]
        return found


def with_cache(scored: Iterable[Scored], settings: CacheSettings) -> Iterator[Scored]:
    """Mix the scores of a text, read as one stream, with a cache of what was read of it."""
    cache = NeuralCache(settings.size, settings.theta)
    for one in scored:
        mixed = mix(one.counted.log_probs, cache.read(one), settings.weight)
        yield one._replace(log_probs=mixed[:, np.newaxis])


def mix(log_probs: Array, of_cache: Array, weight: float) -> Array:
    """``log((1 - weight) p + weight p_cache)``; ``p`` alone where there is no cache (nan)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mixed = np.logaddexp(np.log1p(-weight) + log_probs, np.log(weight) + of_cache)
    return np.where(np.isnan(of_cache), log_probs, mixed)
