"""Back-propagation through time in its simplest form, for any cell: read this engine first.

It is tested by central differences and against PyTorch. Every other engine is tested against it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, gate_columns
from rnnlm_cli.nn.engines.base import Engine, Masks, Pass, Weights, masked
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class PlainPass(Pass):
    """Back-propagation through time (Werbos, 1990): step by step forward, then backward.

    In the weights' columns the gates are side by side, ``(B, G*H)``; a cell gets them gate first,
    ``(G, B, H)``. Where a cell ``skips``, ``x`` itself follows the gates.
    """

    def __init__(
        self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> None:
        super().__init__(steps)
        self.cell, self.weights, self.masks = weights.bind(cell), weights, masks
        self.w_ih, self.bias = weights.ih.value, weights.bias.value  # (D, G*H), (G*H,)
        if cell.adds_bias:
            self.bias = np.zeros_like(self.bias)
        self.w_hh = masked(weights.hh.value, masks.weights)  # (H, G*H)
        self.bias_h = np.zeros_like(self.w_hh[0])  # (G*H,), zero for gates without an inner bias
        for gate, inner in zip(cell.inner, weights.inner, strict=True):
            self.bias_h[self.columns(gate)] = inner.value
        self.dw_ih, self.dw_hh = np.zeros_like(self.w_ih), np.zeros_like(self.w_hh)
        self.dbias, self.dbias_h = np.zeros_like(self.bias), np.zeros_like(self.bias_h)
        self.saved: list[Any] = []  # per step: what backward needs

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        y = []
        for x_t in x:  # (B, D)
            h = masked(state[0], self.masks.h)  # (B, H)
            x_t, h, mixing = self.cell.mixed(x_t, h)
            from_x = self.by_gate(x_t @ self.w_ih + self.bias)  # (G, B, H)
            if self.cell.skips:
                from_x = np.concatenate([from_x, x_t[np.newaxis]])
            from_h = self.by_gate(h @ self.w_hh + self.bias_h)
            state, saved = self.cell.forward(from_x, from_h, state)
            self.saved.append((x_t, h, mixing, saved))
            y.append(state[0])
        return np.stack(y), state

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        dx = np.empty_like(dy, shape=(*dy.shape[:2], len(self.w_ih)))
        count = self.cell.products
        for t in reversed(range(len(dy))):
            x_t, h, mixing, saved = self.saved.pop()
            dafter = (dy[t] + dstate[0], *dstate[1:])
            by_gate_x, by_gate_h, direct = self.cell.backward(dafter, saved)
            da, dp = self.side_by_side(by_gate_x[:count]), self.side_by_side(by_gate_h)  # (B, G*H)
            self.add_step(x_t, h, da, dp)
            dx_t = da @ self.w_ih.T
            if self.cell.skips:
                dx_t += by_gate_x[count]
            dx[t], dh = self.cell.mixed_back(dx_t, dp @ self.w_hh.T, mixing)
            dstate = (direct[0] + masked(dh, self.masks.h), *direct[1:])
        return dx, dstate

    def add_step(self, x: Array, h: Array, da: Array, dp: Array) -> None:
        """Add the weights' gradients of a step, ``x^T da`` and ``h^T dp``."""
        self.dw_ih += x.T @ da
        self.dw_hh += h.T @ dp
        self.dbias += da.sum(axis=0)
        self.dbias_h += dp.sum(axis=0)

    def _finish(self) -> None:
        self.weights.ih.add(self.dw_ih)
        self.weights.hh.add(masked(self.dw_hh, self.masks.weights))
        if not self.cell.adds_bias:
            self.weights.bias.add(self.dbias)
        for gate, inner in zip(self.cell.inner, self.weights.inner, strict=True):
            inner.add(self.dbias_h[self.columns(gate)])
        self.weights.add_own(self.cell)

    def by_gate(self, a: Array) -> Array:
        """View ``(B, G*H)`` as ``(G, B, H)``."""
        gates: Array = a.reshape(len(a), self.cell.products, -1).swapaxes(0, 1)
        return gates

    def side_by_side(self, a: Array) -> Array:
        """Reshape ``(G, B, H)`` to ``(B, G*H)``."""
        columns: Array = a.swapaxes(0, 1).reshape(a.shape[1], -1)
        return columns

    def columns(self, gate: str) -> slice:
        """Return the slice of a gate's columns."""
        return gate_columns(self.cell, gate, len(self.w_hh))


class Plain(Engine):
    """Runs a cell by its own ``forward`` and ``backward``, step by step."""

    name = "plain"

    def begin(
        self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> PlainPass:
        """Begin a block."""
        return PlainPass(cell, weights, steps, streams, masks)
