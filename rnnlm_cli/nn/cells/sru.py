"""Simple recurrent unit."""

from __future__ import annotations

from copy import copy

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, Own, sigmoid
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array

SCALE = 3**0.5
"""Of the skipped input: ``sqrt(1 + 2 exp(b))``, where ``b = 0`` is the initial bias of ``r``. So at
first ``h`` varies as ``x`` does."""


class SRU(Cell):
    """Simple recurrent unit (Lei et al., 2018), without a product of the previous state.

    ::

        f, r = sigmoid(x W_ih + b + v * c')
        g    = x W_ih + b
        c    = f * c' + (1 - f) * g
        h    = r * c + (1 - r) * s

    ``s`` is ``sqrt(3) x`` where input and state have one size. Elsewhere it is a fourth product,
    ``k = x W_ik + b_k``. Only ``c`` is carried on, unit by unit, so all products are over all steps
    at once.
    """

    title = "SRU"
    gates = ("g", "f", "r")
    states = ("h", "c")
    keeps = "f"
    recurrent = False
    block_arrays = 15

    def sized(self, input_size: int, hidden_size: int) -> SRU:
        """Return the cell that skips by ``x`` itself, or by a fourth product."""
        cell = copy(self)
        cell.skips = input_size == hidden_size
        return cell

    @property
    def products(self) -> int:
        """Three, and a fourth that is ``k``."""
        return 3 if self.skips else 4

    def own(self, input_size: int, hidden_size: int) -> dict[str, Own]:
        """``weight_c (2H,)``: ``v`` of ``f`` and of ``r``, zero at first."""
        return {"weight_c": Own((2 * hidden_size,), 0.0)}

    @property
    def weights(self) -> Array:
        """``v`` of ``f`` and of ``r``, ``(2, H)``."""
        return self.values[0].reshape(2, -1)

    @property
    def scale(self) -> float:
        """What the last row of ``from_x`` is multiplied by."""
        return SCALE if self.skips else 1.0

    def forward(
        self, from_x: Array, from_h: Array, before: State
    ) -> tuple[State, tuple[Array, ...]]:
        """Compute ``(h, c)`` from ``c'``; ``h'`` is not read."""
        _, c_before = before
        (g, a_f, a_r, skip), (v_f, v_r) = from_x, self.weights
        f, r, s = sigmoid(a_f + v_f * c_before), sigmoid(a_r + v_r * c_before), self.scale * skip
        c = f * c_before + (1 - f) * g
        h = r * c + (1 - r) * s
        return (h, c), (g, f, r, s, c_before, c)

    def backward(self, dafter: State, saved: tuple[Array, ...]) -> tuple[Array, Array, State]:
        """Compute the gradients of the products and of ``c'``."""
        dh, dc = dafter
        (g, f, r, s, c_before, c), (v_f, v_r) = saved, self.weights
        dc = dc + dh * r
        da_r = dh * (c - s) * r * (1 - r)
        da_f = dc * (c_before - g) * f * (1 - f)
        dv = self.gradients[0].reshape(2, -1)
        dv[0] += (da_f * c_before).sum(axis=0)
        dv[1] += (da_r * c_before).sum(axis=0)
        da = np.stack([dc * (1 - f), da_f, da_r, dh * (1 - r) * self.scale])
        dc_before = dc * f + da_f * v_f + da_r * v_r
        return (
            da,
            np.empty_like(dh, shape=(self.products, len(dh), 0)),
            (np.zeros_like(dh), dc_before),
        )
