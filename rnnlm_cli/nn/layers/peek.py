"""Peeking: each step also sees one vector, the same at all steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Peek(Layer):
    """``y_t = [x_t, v]``: a vector beside the input of every step (Cho et al., 2014).

    A decoder that sees the encoder's last state at each step need not keep it in its own (the
    peeky decoder of "Deep Learning from Scratch 2", chapter 7). The vector is the layer's state,
    ``v (B, H)``, the same before and after a block.
    """

    def __init__(self, size: int, dtype: npt.DTypeLike) -> None:
        """Take the vector's size, ``H``, and its type."""
        self.size, self._dtype = size, np.dtype(dtype)

    @property
    def remembers(self) -> bool:
        """Always true."""
        return True

    def initial_state(self, streams: int) -> State:
        """Return zeros ``(B, H)``."""
        return (np.zeros((streams, self.size), self._dtype),)

    def begin(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> PeekPass:
        """Begin a block."""
        return PeekPass(self.size, steps)


class PeekPass(Pass):
    """One block."""

    def __init__(self, size: int, steps: int) -> None:
        super().__init__(steps)
        self._size = size

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        (vector,) = state
        beside = np.broadcast_to(vector, (len(x), *vector.shape))  # (T, B, H)
        return np.concatenate([x, beside], axis=-1), state

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        dx, beside = np.split(dy, [dy.shape[-1] - self._size], axis=-1)
        return dx, (dstate[0] + beside.sum(axis=0),)
