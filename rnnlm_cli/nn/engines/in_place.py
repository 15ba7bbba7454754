"""The steps of the cells in place: the equations of ``nn/cells/`` with fewer new arrays.

Element-wise work is done step by step, while the step's arrays are in the core's cache. A cell
without a row in ``IN_PLACE`` runs by its own ``forward`` and ``backward``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, sigmoid
from rnnlm_cli.nn.cells.elman import Elman
from rnnlm_cli.nn.cells.gru import GRU
from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.nn.cells.sru import SRU
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Steps(ABC):
    """The steps of one block.

    Attributes:
        cell: The cell.
        gates: ``(G, T, B, H)``, at first ``x W_ih + b``; ``forward`` may overwrite its step. If the
            cell ``skips``, ``x`` follows the gates, and its gradient theirs in ``da``.
        states: ``(T+1, B, H)`` each; ``forward`` of step ``t`` writes index ``t+1``.
    """

    def __init__(self, cell: Cell, gates: Array, states: tuple[Array, ...]) -> None:
        self.cell, self.gates, self.states = cell, gates, states

    @cached_property
    def da(self) -> Array:
        """The gradient of ``x W_ih + b``, ``(G, T, B, H)``; allocated when backward begins."""
        return np.empty_like(self.gates)

    @property
    def dp(self) -> Array:
        """The gradient of the recurrent product, ``(G, T, B, H)``."""
        return self.da

    @abstractmethod
    def forward(self, t: int, from_h: Array) -> None:
        """Take step ``t``; may overwrite ``from_h (G, B, H)``."""

    @abstractmethod
    def backward(self, t: int, dafter: State) -> State:
        """Write step ``t`` of ``da`` and ``dp``; return the direct gradients of the states before.

        ``None`` instead of an array means zero.
        """

    def run(self, steps: range) -> None:
        """Take all steps of a part, for a cell that is not ``recurrent``."""
        for t in steps:
            self.forward(t, np.empty((len(self.cell.gates), 0, 0)))

    def run_back(self, steps: range, dy: Array, dstate: State) -> State:
        """Take all steps of a part back, for a cell that is not ``recurrent``.

        Args:
            steps: Those of the part.
            dy: ``(T, B, H)``, the gradient from above.
            dstate: The gradient of the states after it.

        Returns:
            The gradient of the states before it.
        """
        for t in reversed(steps):
            dstate = self.backward(t, (dy[t - steps.start] + dstate[0], *dstate[1:]))
        return dstate


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


class SRUSteps(Steps):
    """The steps of ``SRU``: one loop for ``c``, and all else for all steps of a part at once.

    Attributes:
        f, r: ``(T, B, H)``, the gates; ``gates`` keeps ``g`` and ``x``.
    """

    def __init__(self, cell: Cell, gates: Array, states: tuple[Array, ...]) -> None:
        assert isinstance(cell, SRU)
        super().__init__(cell, gates, states)
        self.sru, (self.f, self.r) = cell, gates[1:3]

    def forward(self, t: int, from_h: Array) -> None:
        """Take a part of one step."""
        self.run(range(t, t + 1))

    def backward(self, t: int, dafter: State) -> State:
        """Take a part of one step back."""
        dh, dc = dafter
        return self.run_back(range(t, t + 1), dh[np.newaxis], (np.zeros_like(dh), dc))

    def run(self, steps: range) -> None:
        """Compute ``c`` step by step, as ``c = g + f (c' - g)``, then ``r`` and ``h``."""
        part = slice(steps.start, steps.stop)
        (h, c), (v_f, v_r) = self.states, self.sru.weights
        _, a_f, a_r, s = self.gates[:, part]
        a_f *= 0.5
        half, gate, kept = 0.5 * v_f, np.empty_like(h[0]), np.empty_like(h[0])
        for t in steps:  # sigmoid(a) = (1 + tanh(a / 2)) / 2
            f, before, now = self.f[t], c[t], c[t + 1]
            np.multiply(before, half, out=gate)
            f += gate
            np.tanh(f, out=f)
            f *= 0.5
            f += 0.5
            np.subtract(before, self.gates[0, t], out=kept)
            np.multiply(f, kept, out=now)
            now += self.gates[0, t]
        a_r += v_r * c[part]
        a_r[...] = sigmoid(a_r)
        s *= self.sru.scale
        after = c[steps.start + 1 : steps.stop + 1]
        np.add(s, a_r * (after - s), out=h[steps.start + 1 : steps.stop + 1])

    def run_back(self, steps: range, dy: Array, dstate: State) -> State:
        """Compute ``dc`` from the last step on, then the gradients that depend on it."""
        part, after = slice(steps.start, steps.stop), slice(steps.start + 1, steps.stop + 1)
        (_, c), (v_f, v_r) = self.states, self.sru.weights
        g, f, r, s = self.gates[:, part]
        da_g, da_f, da_r, ds = self.da[:, part]
        dh = dy
        if dstate[0].any():  # of the last step: h itself is not carried on
            dh = dy.copy()
            dh[-1] += dstate[0]
        np.multiply(dh, 1 - r, out=ds)
        np.multiply(ds, (c[after] - s) * r, out=da_r)
        ds *= self.sru.scale
        np.multiply((c[part] - g) * f, 1 - f, out=da_f)  # of c with respect to a_f
        keep, direct = f + v_f * da_f, v_r * da_r
        dc, carried = np.multiply(dh, r, out=da_g), dstate[1].copy()
        for k in reversed(range(len(steps))):
            dc[k] += carried
            np.multiply(dc[k], keep[k], out=carried)
            carried += direct[k]
        da_f *= dc
        dv = self.sru.gradients[0].reshape(2, -1)
        dv += (self.da[1:3, part] * c[part]).sum(axis=(1, 2))
        da_g *= 1 - f
        return np.zeros_like(carried), carried


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


MakeSteps = Callable[[Cell, Array, tuple[Array, ...]], Steps]
"""Makes the steps of a block from a cell, ``gates`` and ``states``."""


def steps_of(cell: Cell, gates: Array, states: tuple[Array, ...]) -> Steps:
    """Return the steps of a block: in place if the cell has a row in ``IN_PLACE``."""
    return IN_PLACE.get(type(cell), AsWritten)(cell, gates, states)
