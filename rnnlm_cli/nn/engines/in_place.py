"""The steps of the cells in place: the equations of ``nn/cells/`` with fewer new arrays.

Element-wise work is done step by step, while the step's arrays are in the core's cache. A cell
without a row in ``IN_PLACE`` runs by its own ``forward`` and ``backward``.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, sigmoid
from rnnlm_cli.nn.cells.elman import Elman
from rnnlm_cli.nn.cells.gru import GRU
from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.nn.cells.sru import SRU
from rnnlm_cli.nn.engines.in_place_sru import SRUSteps
from rnnlm_cli.nn.engines.steps import Steps
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class ElmanSteps(Steps):
    """The steps of ``Elman``."""

    def forward(self, t: int, from_h: Array) -> None:
        """``h = tanh(a)``."""
        from_h += self.gates[:, t]
        np.tanh(from_h[0], out=self.states[0][t + 1])

    def backward(self, t: int, dafter: State) -> State:
        """``da = dh (1 - h^2)``."""
        np.multiply(dafter[0], 1 - self.states[0][t + 1] ** 2, out=self.da[0, t])
        return (None,)


class LSTMSteps(Steps):
    """The steps of ``LSTM``.

    One call of ``tanh`` computes all four gates: ``sigmoid(a) = tanh(a / 2) / 2 + 1 / 2``.
    """

    def __init__(self, cell: Cell, gates: Array, states: tuple[Array, ...]) -> None:
        super().__init__(cell, gates, states)
        self.tanh_c = np.empty_like(states[1][1:])
        # scale * tanh(scale * a) + shift: sigmoid(a) for i, f and o, tanh(a) for g
        self.scale = np.array([0.5, 0.5, 1, 0.5], gates.dtype).reshape(4, 1, 1)
        self.shift = 1 - self.scale
        self.is_tanh = np.array([0, 0, 1, 0], gates.dtype).reshape(4, 1, 1)

    def forward(self, t: int, from_h: Array) -> None:
        """Compute the gates, ``c`` and ``h``."""
        (h, c), tanh_c = self.states, self.tanh_c[t]
        a = self.gates[:, t]
        a += from_h
        a *= self.scale
        np.tanh(a, out=a)
        a *= self.scale
        a += self.shift
        i, f, g, o = a
        np.multiply(f, c[t], out=c[t + 1])
        c[t + 1] += i * g
        np.tanh(c[t + 1], out=tanh_c)
        np.multiply(o, tanh_c, out=h[t + 1])

    def backward(self, t: int, dafter: State) -> State:
        """Compute the gates' derivatives first: ``(1 - y) y``, for tanh ``(1 - y) (y + 1)``."""
        dh, dc = dafter
        i, f, g, o = gates = self.gates[:, t]
        c_before, tanh_c = self.states[1][t], self.tanh_c[t]
        slopes = self.da[:, t]
        np.add(gates, self.is_tanh, out=slopes)
        slopes *= 1 - gates
        da_i, da_f, da_g, da_o = slopes
        dc = dc + dh * o * (1 - tanh_c**2)
        da_o *= dh * tanh_c
        da_g *= dc * i
        da_f *= dc * c_before
        da_i *= dc * g
        return None, dc * f


class GRUSteps(Steps):
    """The steps of ``GRU``."""

    def __init__(self, cell: Cell, gates: Array, states: tuple[Array, ...]) -> None:
        super().__init__(cell, gates, states)
        self.h_n = np.empty_like(gates[2])  # (T, B, H), h' W_hn + b_hn

    @cached_property
    def dp(self) -> Array:
        """A separate array, because ``r`` multiplies the recurrent product."""
        return np.empty_like(self.gates)

    def forward(self, t: int, from_h: Array) -> None:
        """Compute the gates and ``h``."""
        (h,), h_n = self.states, self.h_n[t]
        r, z, n = a = self.gates[:, t]
        a[:2] += from_h[:2]
        a[:2] = sigmoid(a[:2])
        h_n[...] = from_h[2]
        n += r * h_n
        np.tanh(n, out=n)
        np.add(n, z * (h[t] - n), out=h[t + 1])

    def backward(self, t: int, dafter: State) -> State:
        """Compute the gradient of ``n`` first; that of ``r`` depends on it."""
        (dh,), h_before = dafter, self.states[0][t]
        r, z, n = self.gates[:, t]
        da_r, da_z, da_n = self.da[:, t]
        np.multiply(dh * (1 - z), 1 - n**2, out=da_n)
        np.multiply(da_n * self.h_n[t], r * (1 - r), out=da_r)
        np.multiply(dh * (h_before - n), z * (1 - z), out=da_z)
        self.dp[:2, t] = self.da[:2, t]
        np.multiply(da_n, r, out=self.dp[2, t])
        return (dh * z,)


class AsWritten(Steps):
    """The steps of any cell, by its own ``forward`` and ``backward``."""

    def __init__(self, cell: Cell, gates: Array, states: tuple[Array, ...]) -> None:
        super().__init__(cell, gates, states)
        self.saved: list[Any] = [None] * gates.shape[1]

    @cached_property
    def dp(self) -> Array:
        """A separate array: the gradients of the two products may differ."""
        return np.empty_like(self.gates)

    def forward(self, t: int, from_h: Array) -> None:
        """Call the cell's ``forward``."""
        before = tuple(array[t] for array in self.states)
        after, self.saved[t] = self.cell.forward(self.gates[:, t], from_h.copy(), before)
        for array, part in zip(self.states, after, strict=True):
            array[t + 1] = part

    def backward(self, t: int, dafter: State) -> State:
        """Call the cell's ``backward``."""
        self.da[:, t], dp, direct = self.cell.backward(dafter, self.saved[t])
        if self.cell.recurrent:
            self.dp[:, t] = dp
        return direct


IN_PLACE: dict[type[Cell], type[Steps]] = {
    Elman: ElmanSteps,
    LSTM: LSTMSteps,
    GRU: GRUSteps,
    SRU: SRUSteps,
}
"""The in-place steps of each cell that has them."""


def steps_of(cell: Cell, gates: Array, states: tuple[Array, ...]) -> Steps:
    """Return the steps of a block: in place if the cell has a row in ``IN_PLACE``."""
    return IN_PLACE.get(type(cell), AsWritten)(cell, gates, states)
