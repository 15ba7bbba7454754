"""Dropout between layers: some values are set to zero, the others scaled up."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


def dropout_mask(
    rng: np.random.Generator, rate: float, shape: tuple[int, ...], like: Array
) -> Array:
    """Return zeros with probability ``rate`` and ``1 / (1 - rate)`` elsewhere, in ``like``'s type.

    Because training scales the values, evaluation changes nothing (inverted dropout).
    """
    keep = rng.random(shape, dtype=np.float32) >= rate
    mask: Array = keep.astype(like.dtype)
    mask *= 1.0 / (1.0 - rate)
    return mask


def children(rng: np.random.Generator | None, layers: int) -> list[np.random.Generator | None]:
    """Return one generator per layer, so that the order in which layers draw does not matter."""
    if rng is None:
        return [None] * layers
    return [np.random.default_rng(seed) for seed in rng.integers(2**63, size=layers)]


class Dropout(Layer):
    """Dropout between one layer and the next (Srivastava et al., 2014).

    Not used in the recurrence, where new noise at every step would erase the memory (Zaremba et
    al., 2014). ``variational`` draws one mask per stream for all steps of a block (Gal and
    Ghahramani, 2016).
    """

    def __init__(self, rate: float, variational: bool = False) -> None:
        self.rate = rate
        self.variational = variational

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> DropoutPass:
        """Begin a block."""
        return DropoutPass(self, steps, rng if self.rate > 0 else None)


class DropoutPass(Pass):
    """One block; without a generator it passes unchanged."""

    def __init__(self, layer: Dropout, steps: int, rng: np.random.Generator | None) -> None:
        super().__init__(steps)
        self._layer, self._rng = layer, rng
        self._masks: list[Array] = []  # one per part

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        if self._rng is None:
            return x, ()
        if self._layer.variational and self._masks:
            self._masks.append(self._masks[0])
        else:
            rows = 1 if self._layer.variational else len(x)
            shape = (rows, *x.shape[1:])
            self._masks.append(dropout_mask(self._rng, self._layer.rate, shape, like=x))
        return x * self._masks[-1], ()

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        """Apply the same mask to ``dy`` as to ``x``."""
        return (dy * self._masks.pop() if self._masks else dy), ()
