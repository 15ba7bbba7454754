"""Penalties on what a layer gives: they pass it on unchanged and add to its gradient."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.layers.base import Plain
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Penalty(Plain):
    """A layer that changes nothing but the gradient, and that only in training."""

    splits_in_time = False  # a mean over the block

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def forward(
        self, x: Array, state: State = (), rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Array]:
        """Return ``x (T, B, H)`` itself."""
        return x, (), x


class ActivationPenalty(Penalty):
    """Activation regularization (Merity et al., 2017): the loss grows by ``a mean(h^2)``.

    It keeps the values that go to the output layer small.
    """

    def backward(self, dy: Array, dstate: State, cache: Array) -> tuple[Array, State]:
        """Add ``2 a h / size`` to ``dy (T, B, H)``."""
        return dy + (2 * self.strength / cache.size) * cache, ()


class SlownessPenalty(Penalty):
    """Temporal activation regularization (Merity et al., 2017).

    The loss grows by ``b mean((h_t - h_(t-1))^2)`` over the steps of a block but the first: the
    hidden state is to change slowly.
    """

    def backward(self, dy: Array, dstate: State, cache: Array) -> tuple[Array, State]:
        """Add the penalty's gradient to ``dy (T, B, H)``."""
        if len(cache) < 2:
            return dy, ()
        change = np.diff(cache, axis=0)  # (T-1, B, H)
        change *= 2 * self.strength / change.size
        dx = dy.copy()
        dx[1:] += change
        dx[:-1] -= change
        return dx, ()
