"""The continuous neural cache: recent tokens become more likely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.evaluate.stream import Scored
from rnnlm_cli.system.arrays import Array, Ids


class CacheSettings(NamedTuple):
    """Settings of the cache.

    Attributes:
        size: How many of the last tokens it holds.
        theta: How strongly it prefers tokens whose hidden state was similar; 0 for no preference.
        weight: Its weight in the mixture, lambda.
    """

    size: int
    theta: float
    weight: float


class NeuralCache:
    """Mixes a model's distribution with one over the last tokens (Grave et al., 2017).

    ::

        p(w)       = (1 - weight) p_model(w) + weight p_cache(w)
        p_cache(w) ~ sum of exp(theta h_t . h_i) over the i < t whose next token was w

    ``h_i`` is the output layer's input before the token that followed. A target joins the cache
    only after it is scored.
    """

    def __init__(self, size: int, theta: float) -> None:
        self.size, self.theta = size, theta
        self._h: Array | None = None  # (S, H)
        self._tokens: Ids = np.empty(0, np.int64)  # (S,), the token that followed each h

    def read(self, scored: Scored) -> Array:
        """Read a block of a text in one stream; return the result of ``log_probs``."""
        return self.log_probs(scored.host_h[:, 0], scored.counted.targets)

    def log_probs(self, h: Array, targets: Ids) -> Array:
        """Read a part of a text; return natural logs ``(T,)`` of ``p_cache`` of its targets.

        ``-inf`` if a target is not in the cache, ``nan`` if the cache is still empty.

        Args:
            h: ``(T, H)``.
            targets: ``(T,)``.
        """
        known = len(self._tokens)
        all_h = h if self._h is None else np.concatenate([self._h, h])  # (S + T, H)
        tokens = np.concatenate([self._tokens, targets])
        place = known + np.arange(len(h))[:, np.newaxis]  # index of each target in tokens
        column = np.arange(len(tokens))
        within = (column < place) & (column >= place - self.size)
        similarity = np.where(within, self.theta * (h @ all_h.T).astype(np.float64), -np.inf)
        with np.errstate(invalid="ignore", divide="ignore"):
            mass = np.exp(similarity - similarity.max(axis=1, keepdims=True))  # nan: empty cache
            target_mass = np.where(tokens == targets[:, np.newaxis], mass, 0).sum(axis=1)
            found: Array = np.log(target_mass) - np.log(mass.sum(axis=1))
        found[~within.any(axis=1)] = np.nan
        self._h, self._tokens = all_h[-self.size :], tokens[-self.size :]
        return found


def with_cache(scored: Iterable[Scored], settings: CacheSettings) -> Iterator[Scored]:
    """Mix the scores of a text, read as one stream, with a cache of its last tokens."""
    cache = NeuralCache(settings.size, settings.theta)
    for one in scored:
        mixed = mix(one.counted.log_probs, cache.read(one), settings.weight)
        yield one._replace(log_probs=mixed[:, np.newaxis])


def mix(log_probs: Array, of_cache: Array, weight: float) -> Array:
    """``log((1 - weight) p + weight p_cache)``; ``log p`` where the cache is empty (nan)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mixed = np.logaddexp(np.log1p(-weight) + log_probs, np.log(weight) + of_cache)
    return np.where(np.isnan(of_cache), log_probs, mixed)
