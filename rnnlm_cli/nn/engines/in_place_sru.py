"""The steps of an SRU in place; see ``nn/cells/sru.py``."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, sigmoid
from rnnlm_cli.nn.cells.sru import SRU
from rnnlm_cli.nn.engines.steps import Steps
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


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
