"""Penalties on a layer's output: they leave it unchanged and add to its gradient."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from rnnlm_cli.nn.device import beside
from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Bools, Ids


class Penalty(Layer):
    """Base class of layers that change only the gradient, and so only training."""

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def splits_in_time(self, streams: int) -> bool:
        """Never: the penalty is a mean over the block."""
        return False

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> PenaltyPass:
        """Begin a block."""
        return PenaltyPass(self, steps)

    @abstractmethod
    def gradient(self, h: Array, padding: Bools | None = None, present: Ids | None = None) -> Array:
        """Return the gradient of the penalty with respect to ``h (T, B, H)``.

        Args:
            h: The layer's output.
            padding: ``(T, B)``, steps that do not count, neither in the mean nor in its gradient.
            present: ``(T,)``, streams in the mean at each step; without it, those of ``h``.
        """


class PenaltyPass(Pass):
    """One block."""

    def __init__(self, layer: Penalty, steps: int) -> None:
        super().__init__(steps)
        self._layer = layer
        self._h: Array
        self._padding: Bools | None = None
        self._present: Ids | None = None

    def leave_out(self, padding: Bools, present: Ids | None = None) -> None:
        """Do not count these steps."""
        self._padding, self._present = padding, present

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        self._h = x
        return x, ()

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        return dy + self._layer.gradient(self._h, self._padding, self._present), ()


class ActivationPenalty(Penalty):
    """Activation regularization (Merity et al., 2017): adds ``a mean(h^2)`` to the loss.

    It keeps the inputs of the output layer small.
    """

    def gradient(self, h: Array, padding: Bools | None = None, present: Ids | None = None) -> Array:
        """Return ``2 a h / size``, zero at padding."""
        if padding is not None:
            h = np.where(beside(padding[..., np.newaxis], h), 0, h)
        return (2 * self.strength / counted_values(h, padding, present)) * h


class SlownessPenalty(Penalty):
    """Temporal activation regularization (Merity et al., 2017).

    Adds ``b mean((h_t - h_(t-1))^2)`` to the loss, over all steps of a block except the first, so
    that the hidden state changes slowly.
    """

    def gradient(self, h: Array, padding: Bools | None = None, present: Ids | None = None) -> Array:
        """Return the sum of ``2 b (h_t - h_(t-1)) / size`` at ``t`` and its negative at ``t-1``."""
        found = np.zeros_like(h)
        if len(h) < 2:
            return found
        change = np.diff(h, axis=0)  # (T-1, B, H)
        if padding is not None:
            padding = padding[1:]  # padding ends a stream, so a change to a word is from a word
            change[beside(padding, h)] = 0
        present = present if present is None else present[1:]
        change *= 2 * self.strength / counted_values(change, padding, present)
        found[1:] += change
        found[:-1] -= change
        return found


def counted_values(h: Array, padding: Bools | None, present: Ids | None) -> int:
    """Return how many values are in the mean, at least 1: of ``h (T, B, H)``, or as ``present``."""
    if present is not None:
        return max(1, int(present.sum() * h.shape[-1]))
    if padding is None:
        return int(h.size)
    return max(1, int(np.count_nonzero(~padding) * h.shape[-1]))
