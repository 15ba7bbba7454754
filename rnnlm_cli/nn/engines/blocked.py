"""The fast engine in NumPy: one product for all steps where possible, and work in place.

The input product depends on no earlier step, so it is one matrix product per gate before the loop
over time. The gradients of the weights are one product per gate after the backward loop. Arrays of
the gates are ordered by gate, ``(G, T, B, H)``, so that each gate of a step is contiguous. The
recurrent weights are laid out once per block as tiles (``nn/cpu/tiles.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.cpu.tiles import repeated_product
from rnnlm_cli.nn.engines.base import Engine, Masks, Pass, Weights, joined, masked
from rnnlm_cli.nn.engines.in_place import steps_of
from rnnlm_cli.nn.engines.plain import PlainPass
from rnnlm_cli.nn.engines.steps import MakeSteps
from rnnlm_cli.nn.gradient import Rows
from rnnlm_cli.nn.lookup import Lookup, Table, by_table
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, flatten_steps


class BlockedPass(Pass):
    """One block, with one array per quantity over all steps.

    Attributes:
        gates: ``(G, T, B, H)``, and ``x`` after the gates if the cell ``skips``; first ``x W_ih +
            b``, then overwritten by the steps.
        states: ``(T+1, B, H)`` each, the arrays of ``cell.states``; index 0 is the initial state.
    """

    def __init__(
        self,
        cell: Cell,
        weights: Weights,
        steps: int,
        streams: int,
        masks: Masks,
        make_steps: MakeSteps = steps_of,
    ) -> None:
        super().__init__(steps)
        self._cell = cell = weights.bind(cell)
        self._weights, self._masks = weights, masks
        count, size, dtype = cell.products, len(weights.hh.value), weights.hh.value.dtype
        self._count = count
        self.gates = np.empty((count + cell.skips, steps, streams, size), dtype)
        self.states = tuple(np.empty((steps + 1, streams, size), dtype) for _ in cell.states)
        self._w_ih = by_gate(weights.ih.value, count)  # (G, D, H)
        self._w_hh = by_gate(masked(weights.hh.value, masks.weights), count)  # (G, H, H)
        inner = zip(cell.inner, weights.inner, strict=True)
        self._inner = {cell.gates.index(gate): bias for gate, bias in inner}
        self._from_h = np.empty((count, streams, size), dtype)  # of the current step
        self._to_h = np.empty_like(self._from_h)
        self._x: list[Any] = []  # arrays, or a ``Lookup`` per part
        self._from_table: tuple[Table, Array] | None = None
        self._work = make_steps(cell, self.gates, self.states)

    def _forward(self, x: Array | Lookup, state: State) -> tuple[Array, State]:
        start, stop = self._read, self._read + len(x)
        self._x.append(x)
        found = self.gates[: self._count, start:stop]
        if isinstance(x, Lookup):
            np.take(self._by_token(x.table), x.index, axis=1, out=found, mode="clip")
        else:
            product(flatten_steps(x), self._w_ih, out=rows_by_gate(found))
        if not self._cell.adds_bias:
            found += self._weights.bias.value.reshape(len(found), 1, 1, -1)
        if self._cell.skips:
            looked_up = x.table.values[x.index] if isinstance(x, Lookup) else x
            self.gates[self._count, start:stop] = looked_up
        for array, part in zip(self.states, state, strict=True):
            array[start] = part
        self._run(range(start, stop))
        return self.states[0][start + 1 : stop + 1], tuple(a[stop].copy() for a in self.states)

    def _run(self, steps: range) -> None:
        """Take all steps of a part."""
        if not self._cell.recurrent:
            self._work.run(steps)
            return
        for t in steps:
            self._recur(masked(self.states[0][t], self._masks.h))
            for gate, bias in self._inner.items():
                self._from_h[gate] += bias.value
            self._work.forward(t, self._from_h)

    def _by_token(self, table: Table) -> Array:
        """Return the input product of each row of a table, ``(G, N, H)``."""
        if self._from_table is None or self._from_table[0] is not table:
            self._from_table = table, product(table.values, self._w_ih)
        return self._from_table[1]

    def _backward(self, dy: Array, dstate: State) -> tuple[Array | Lookup, State]:
        stop = sum(self._parts)
        steps = range(stop - len(dy), stop)
        dbefore = self._run_back(steps, dy, dstate)
        if isinstance(self._x[0], Lookup):
            return self._x[len(self._parts) - 1], dbefore
        dx = self._to_input(rows_by_gate(self._work.da[:, steps.start : stop]))
        return dx.reshape(*dy.shape[:2], -1), dbefore

    def _run_back(self, steps: range, dy: Array, dstate: State) -> State:
        """Take all steps of a part back; return the gradient of the state before it."""
        if not self._cell.recurrent:
            return self._work.run_back(steps, dy, dstate)
        for t in reversed(steps):
            direct = self._work.backward(t, (dy[t - steps.start] + dstate[0], *dstate[1:]))
            self._recur_back(self._work.dp[:, t])
            dh = masked(np.add.reduce(self._to_h, axis=0), self._masks.h)
            dstate = (dh if direct[0] is None else direct[0] + dh, *direct[1:])
        return dstate

    def _finish(self) -> None:
        weights, da = self._weights, self._work.da[: self._count]  # (G, T, B, H)
        if not self._cell.adds_bias:
            weights.bias.add(da.sum(axis=(1, 2)).reshape(-1))
        if isinstance(self._x[0], Lookup):
            self._finish_tables()
        else:
            weights.ih.add_product(flatten_steps(joined(self._x)), rows_by_gate(da))
        if self._cell.recurrent:
            self._finish_recurrent(self._work.dp)
        weights.add_own(self._cell)

    def _finish_recurrent(self, dp: Array) -> None:
        """Add the gradients of ``weight_hh`` and of the inner biases."""
        weights = self._weights
        h = flatten_steps(masked(self.states[0][:-1], self._masks.h))
        if self._masks.weights is None:
            weights.hh.add_product(h, rows_by_gate(dp))
        else:
            dw = np.concatenate(product(h.T, rows_by_gate(dp)), axis=1)  # (H, G*H)
            weights.hh.add(dw * self._masks.weights)
        for gate, bias in self._inner.items():
            bias.add(dp[gate].sum(axis=(0, 1)))

    def _finish_tables(self) -> None:
        """Sum ``da`` by token before both products."""
        for table, index, steps in by_table(self._x):
            da = rows_by_gate(self._work.da[:, steps])
            sums = Rows(index, da.swapaxes(0, 1)).values.swapaxes(0, 1)  # (G, N, H)
            self._weights.ih.add_product(table.values, sums[: self._count])
            table.gradient = self._to_input(sums)

    def _to_input(self, da: Array) -> Array:
        """Return ``da W_ih^T``, ``(N, D)``, from ``da (G, N, H)``; and what ``x`` gets itself."""
        dx: Array = product(da[: self._count], self._w_ih.swapaxes(1, 2)).sum(axis=0)
        if self._cell.skips:
            dx += da[self._count]
        return dx

    @cached_property
    def _recur(self) -> Callable[[Array], None]:
        """Maps ``h (B, H)`` to ``h W_hh (G, B, H)``, written into ``_from_h``."""
        return repeated_product(self._w_hh, self._from_h, self._steps)

    @cached_property
    def _recur_back(self) -> Callable[[Array], None]:
        """Maps ``dp (G, B, H)`` to ``dp W_hh^T`` per gate, written into ``_to_h``."""
        return repeated_product(self._w_hh.swapaxes(1, 2), self._to_h, self._steps)


class SteppedPass(PlainPass):
    """One block of a cell that ``mixes``, step by step; weights' gradients in one product each."""

    def __init__(
        self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> None:
        super().__init__(cell, weights, steps, streams, masks)
        self._steps_back: list[tuple[Array, ...]] = []  # of each step, the last one first

    def add_step(self, x: Array, h: Array, da: Array, dp: Array) -> None:
        """Keep what the products are of."""
        self._steps_back.append((x, h, da, dp))

    def _finish(self) -> None:
        super().add_step(
            *(np.concatenate(arrays) for arrays in zip(*self._steps_back, strict=True))
        )
        super()._finish()


class Blocked(Engine):
    """Works on whole blocks, on all cores; a cell that ``mixes`` is run step by step."""

    name = "blocked"
    by_token = True

    def begin(
        self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> BlockedPass | SteppedPass:
        """Begin a block."""
        kind = SteppedPass if cell.mixes else BlockedPass
        return kind(cell, weights, steps, streams, masks)


def by_gate(weight: Array, gates: int) -> Array:
    """View ``(D, G*H)`` as one matrix per gate, ``(G, D, H)``."""
    gate_first: Array = weight.reshape(len(weight), gates, -1).swapaxes(0, 1)
    return gate_first


def rows_by_gate(a: Array) -> Array:
    """View ``(G, T, B, H)`` as ``(G, T*B, H)``."""
    return a.reshape(len(a), -1, a.shape[-1])
