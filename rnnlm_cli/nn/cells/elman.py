"""The simple recurrent network."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Elman(Cell):
    """Simple recurrent network (Elman, 1990): ``h = tanh(x W_ih + b + h' W_hh)``."""

    title = "Elman RNN"
    gates = ("h",)
    block_arrays = 3
    pytorch = "RNN"

    def forward(self, from_x: Array, from_h: Array, before: State) -> tuple[State, tuple[Array]]:
        """Compute ``h`` from ``h'``."""
        (a,) = from_x + from_h
        h = np.tanh(a)
        return (h,), (h,)

    def backward(self, dafter: State, saved: tuple[Array]) -> tuple[Array, Array, State]:
        """Compute the gradient of ``a`` from ``dh``; ``h'`` has no direct gradient."""
        (dh,), (h,) = dafter, saved
        da = np.stack([dh * (1 - h**2)])
        return da, da, (np.zeros_like(dh),)
