"""Gated recurrent unit."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, sigmoid
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class GRU(Cell):
    """Gated recurrent unit (Cho et al., 2014), reset after the recurrent product as in cuDNN.

    ::

        r, z = sigmoid(x W_ih + b + h' W_hh)
        n    = tanh(x W_in + b_in + r * (h' W_hn + b_hn))
        h    = (1 - z) * n + z * h'
    """

    title = "GRU"
    gates = ("r", "z", "n")  # PyTorch's order
    keeps = "z"
    inner = ("n",)  # the reset gate multiplies h' W_hn + b_hn
    block_arrays = 15
    pytorch = "GRU"

    def forward(
        self, from_x: Array, from_h: Array, before: State
    ) -> tuple[State, tuple[Array, ...]]:
        """Compute ``h`` from ``h'``."""
        (h_before,) = before
        r, z = sigmoid(from_x[:2] + from_h[:2])  # (B, H) each
        h_n = from_h[2]
        n = np.tanh(from_x[2] + r * h_n)
        return ((1 - z) * n + z * h_before,), (r, z, n, h_n, h_before)

    def backward(self, dafter: State, saved: tuple[Array, ...]) -> tuple[Array, Array, State]:
        """Compute the gradients of both products, and ``z dh``, the direct one of ``h'``."""
        (dh,) = dafter
        r, z, n, h_n, h_before = saved
        da_n = dh * (1 - z) * (1 - n**2)
        da_r = da_n * h_n * r * (1 - r)
        da_z = dh * (h_before - n) * z * (1 - z)
        da = np.stack([da_r, da_z, da_n])
        dp = np.stack([da_r, da_z, da_n * r])
        return da, dp, (dh * z,)
