"""Dropout in depth: some of the values that go up are zeroed, the rest scaled up."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.layers.base import Plain, Reader
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


def dropout_mask(
    rng: np.random.Generator, rate: float, shape: tuple[int, ...], like: Array
) -> Array:
    """Return zeros with probability ``rate`` and ``1 / (1 - rate)`` elsewhere, in ``like``'s type.

    The scaling at training time leaves nothing to do at evaluation (inverted dropout).
    """
    keep = rng.random(shape, dtype=np.float32) >= rate
    mask: Array = keep.astype(like.dtype)
    mask *= 1.0 / (1.0 - rate)
    return mask


def children(rng: np.random.Generator | None, layers: int) -> list[np.random.Generator | None]:
    """Return a generator a layer, so that it does not matter which of them draws first."""
    if rng is None:
        return [None] * layers
    return [np.random.default_rng(seed) for seed in rng.integers(2**63, size=layers)]


class Dropout(Plain):
    """Dropout of what goes from one layer to the next (Srivastava et al., 2014).

    It stands between layers in depth, never in the recurrence, where noise of every step would
    wash the memory out (Zaremba et al., 2014). ``variational`` draws one mask a stream for all
    steps of a block (Gal and Ghahramani, 2016).
    """

    def __init__(self, rate: float, variational: bool = False) -> None:
        self.rate = rate
        self.variational = variational

    def forward(
        self, x: Array, state: State = (), rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Array | None]:
        """``x (T, B, D)`` to ``y (T, B, D)``; the very same array without a generator."""
        return self.for_block(x.shape[0], x.shape[1], rng)(x, state)

    def for_block(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> Reader:
        """Return what drops: by one mask for all parts where it is variational."""
        mask: Array | None = None

        def read(x: Array, state: State = ()) -> tuple[Array, State, Array | None]:
            nonlocal mask
            if rng is None or self.rate == 0:
                return x, (), None
            if mask is None or not self.variational:
                rows = 1 if self.variational else len(x)
                mask = dropout_mask(rng, self.rate, (rows, *x.shape[1:]), like=x)
            return x * mask, (), mask

        return read

    def backward(self, dy: Array, dstate: State, cache: Array | None) -> tuple[Array, State]:
        """``dy`` passes where ``x`` passed."""
        return (dy if cache is None else dy * cache), ()
