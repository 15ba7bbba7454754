"""Penalties on a layer's output: they leave it unchanged and add to its gradient."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Penalty(Layer):
    """Base class of layers that change only the gradient, and so only training."""

    splits_in_time = False  # the penalty is a mean over the block

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> PenaltyPass:
        """Begin a block."""
        return PenaltyPass(self, steps)

    @abstractmethod
    def gradient(self, h: Array) -> Array:
        """Return the gradient of the penalty with respect to ``h (T, B, H)``."""


class PenaltyPass(Pass):
    """One block."""

    def __init__(self, layer: Penalty, steps: int) -> None:
        super().__init__(steps)
        self._layer = layer
        self._h: Array

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        self._h = x
        return x, ()

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        return dy + self._layer.gradient(self._h), ()


class ActivationPenalty(Penalty):
    """Activation regularization (Merity et al., 2017): adds ``a mean(h^2)`` to the loss.

    It keeps the inputs of the output layer small.
    """

    def gradient(self, h: Array) -> Array:
        """Return ``2 a h / size``."""
        return (2 * self.strength / h.size) * h


class SlownessPenalty(Penalty):
    """Temporal activation regularization (Merity et al., 2017).

    Adds ``b mean((h_t - h_(t-1))^2)`` to the loss, over all steps of a block except the first, so
    that the hidden state changes slowly.
    """

    def gradient(self, h: Array) -> Array:
        """Return the sum of ``2 b (h_t - h_(t-1)) / size`` at ``t`` and its negative at ``t-1``."""
        found = np.zeros_like(h)
        if len(h) < 2:
            return found
        change = np.diff(h, axis=0)  # (T-1, B, H)
        change *= 2 * self.strength / change.size
        found[1:] += change
        found[:-1] -= change
        return found
