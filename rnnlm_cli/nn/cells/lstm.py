"""Long short-term memory."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, sigmoid
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class LSTM(Cell):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000).

    ::

        i, f, o = sigmoid(x W_ih + b + h' W_hh)
        g       = tanh(x W_ih + b + h' W_hh)
        c       = f * c' + i * g
        h       = o * tanh(c)
    """

    title = "LSTM"
    gates = ("i", "f", "g", "o")  # PyTorch's order
    states = ("h", "c")
    keeps = "f"
    block_arrays = 14
    pytorch: ClassVar[str | None] = "LSTM"

    def forward(
        self, from_x: Array, from_h: Array, before: State
    ) -> tuple[State, tuple[Array, ...]]:
        """Compute ``(h, c)`` from ``(h', c')``."""
        _, c_before = before
        i, f, g, o = from_x + from_h  # (B, H) each
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * c_before + i * g
        tanh_c = np.tanh(c)
        return (o * tanh_c, c), (i, f, g, o, c_before, tanh_c)

    def backward(self, dafter: State, saved: tuple[Array, ...]) -> tuple[Array, Array, State]:
        """Compute the gradients of the gates' pre-activations, and ``f dc``, that of ``c'``.

        The gradients of the weights follow from them in ``nn/engines/plain.py``, for every cell.
        """
        dh, dc = dafter
        i, f, g, o, c_before, tanh_c = saved
        dc = dc + dh * o * (1 - tanh_c**2)
        da_i = dc * g * i * (1 - i)
        da_f = dc * c_before * f * (1 - f)
        da_g = dc * i * (1 - g**2)
        da_o = dh * tanh_c * o * (1 - o)
        da = np.stack([da_i, da_f, da_g, da_o])
        return da, da, (np.zeros_like(dh), dc * f)
