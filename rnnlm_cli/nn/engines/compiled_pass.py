"""One block of a layer in C: all steps in one call, the streams divided among the cores.

The products over all steps (``x W_ih`` and the weights' gradients) are those of BLAS. The rest, the
recurrent product of a few rows and the cell's element-wise work, is done by the kernels in
``nn/engines/c/``, which read the recurrent weights from a copy in their own order, laid out once
per block. Streams do not depend on each other, so no core waits for another within a block.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cpu.threads import core_count, in_parallel, product, split_rows
from rnnlm_cli.nn.engines.base import Masks, Pass, Weights, joined, masked
from rnnlm_cli.nn.engines.kernels import CELLS, THREAD_WEIGHTS, Kernels, aligned, pointer
from rnnlm_cli.nn.engines.structures import Block
from rnnlm_cli.nn.lookup import Lookup, Table, by_table
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids, flatten_steps

FEWEST_STEPS = 4
"""Minimum steps of a block; with fewer, laying out the weights costs more than it gains, unless the
layout is kept (``Param.laid_out``)."""

THREAD_WORK = 1_000_000
"""Minimum number of multiplications per thread."""


class CompiledPass(Pass):
    """One block.

    Attributes:
        gates: ``(T, B, G*H)``: ``x W_ih``, then the gates, then the gradient of their
            pre-activations, each in the place of the one before.
        states: ``(T+1, B, H)`` each, the arrays of ``cell.states``; index 0 is the initial state.
        read: ``(T+1, B, H)``, ``h`` as the recurrent product reads it.
    """

    def __init__(
        self, kernels: Kernels, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> None:
        super().__init__(steps)
        self._kernels, self._cell = kernels, CELLS[type(cell)]
        self._weights, self._masks = weights, masks
        self._bias = weights.bias.value  # held here, since the kernels read them by their addresses
        self._inner = weights.inner[0].value if cell.inner else None
        size = len(weights.hh.value)
        self._w_hh = np.ascontiguousarray(masked(weights.hh.value, masks.weights))
        self.gates = aligned((steps, streams, self._w_hh.shape[1]))
        self.states = tuple(aligned((steps + 1, streams, size)) for _ in cell.states)
        self.read = self.states[0] if masks.h is None else aligned((steps + 1, streams, size))
        self._separate = aligned((steps, streams, size)) if cell.inner else None
        self._count = count = len(cell.gates)
        self._multiplications = self._w_hh.size  # of a stream at a step, to divide the work
        if masks.weights is None:
            self._packed = weights.hh.laid_out("by gate", lambda w: kernels.packed(w, count))
        else:
            self._packed = kernels.packed(self._w_hh, count)
        self._x: list[Any] = []  # arrays, or a ``Lookup`` per part
        self._from_table: tuple[Table, Array] | None = None
        self._index: Ids
        self._block = Block(
            steps,
            streams,
            size,
            gates=pointer(self.gates),
            from_x=pointer(self.gates),
            bias=pointer(self._bias),
            inner=pointer(self._inner),
            forward=pointer(self._packed),
            mask=pointer(masks.h),
            h=pointer(self.states[0]),
            c=pointer(self.states[1]) if len(self.states) > 1 else None,
            read=pointer(self.read),
            saved=pointer(self._separate),
        )
        self._back_in_c = kernels.backward[self._cell], ctypes.byref(self._block)

    @classmethod
    def block_arrays(cls, cell: Cell) -> int:
        """Return how many arrays ``(T, B, H)`` a block holds, with the gradient of ``x``.

        Gradients take the place of what they are computed from.
        """
        return len(cell.gates) + len(cell.states) + len(cell.inner) + 1

    def _forward(self, x: Array | Lookup, state: State) -> tuple[Array, State]:
        start, stop = self._read, self._read + len(x)
        self._take(x, start)
        for array, part in zip(self.states, state, strict=True):
            array[start] = part
        self._run_forward(start, stop)
        return self.states[0][start + 1 : stop + 1], tuple(a[stop].copy() for a in self.states)

    def _take(self, x: Array | Lookup, start: int) -> None:
        """Take the input of the part from step ``start``, and multiply it."""
        self._x.append(x)
        if isinstance(x, Lookup):
            self._look_up(x, start)
        elif self._steps < FEWEST_STEPS:
            self._read_few(x, start)
        else:
            found = flatten_steps(self.gates[start : start + len(x)])
            product(flatten_steps(x), self._weights.ih.value, out=found)

    def _look_up(self, x: Lookup, start: int) -> None:
        """Multiply each row of the table once; the kernel reads the products by ``x.index``."""
        if self._from_table is None:
            self._index = np.empty(self.gates.shape[:2], np.int64)
            self._block.row = pointer(self._index)
        if self._from_table is None or self._from_table[0] is not x.table:
            self._from_table = x.table, product(x.table.values, self._weights.ih.value)
            self._block.from_x = pointer(self._from_table[1])
        self._index[start : start + len(x)] = x.index

    def _read_few(self, x: Array, start: int) -> None:
        """Let the kernel multiply the input too: BLAS would copy ``weight_ih`` for so few rows."""
        kernels, count = self._kernels, self._count
        self._few = np.ascontiguousarray(x, np.float32)
        self._packed_ih = self._weights.ih.laid_out("by gate", lambda w: kernels.packed(w, count))
        self._block.inputs, self._block.input = x.shape[-1], pointer(self._packed_ih)
        # the kernel counts the rows from the beginning of the block
        self._block.x = self._few.ctypes.data - self._few[:1].nbytes * start

    def _backward(self, dy: Array, dstate: State) -> tuple[Array | Lookup, State]:
        stop = sum(self._parts)
        start = stop - len(dy)
        if self._block.backward is None:
            self._prepare_backward()
        dy = np.ascontiguousarray(dy, np.float32)
        dbefore = tuple(np.array(part, np.float32, order="C") for part in dstate)
        dc = dbefore[1] if len(dbefore) > 1 else None
        gradients = pointer(dy), pointer(dbefore[0]), pointer(dc)
        kernel, block = self._back_in_c
        self._by_stream(
            lambda cut: kernel(block, *gradients, start, stop, cut.start, cut.stop), len(dy)
        )
        return self._input_gradient(start, stop), dbefore

    def _prepare_backward(self) -> None:
        """Lay out the weights for the way back."""
        self._packed_back = self._kernels.packed(self._w_hh.T)
        self._block.backward = pointer(self._packed_back)

    def _input_gradient(self, start: int, stop: int) -> Array | Lookup:
        """Return ``dx`` of the part of these steps, the last one that waits for backward."""
        if self._from_table is not None:
            lookup: Lookup = self._x[len(self._parts) - 1]
            return lookup
        da = self.gates[start:stop]
        dx: Array = product(flatten_steps(da), self._weights.ih.value.T)
        return dx.reshape(*da.shape[:2], -1)

    def _finish(self) -> None:
        weights, size = self._weights, self._block.size
        da, h = flatten_steps(self.gates), flatten_steps(self.read[:-1])
        if self._from_table is None:
            weights.bias.add(total(da))
            weights.ih.add_product(flatten_steps(joined(self._x)), da)
        else:
            self._finish_tables()
        if self._separate is not None:  # the gradient of the last gate's recurrent product
            separate = flatten_steps(self._separate)
            weights.inner[0].add(total(separate))
            da[:, -size:] = separate
        self._add_recurrent(h, da)

    def _add_recurrent(self, h: Array, da: Array) -> None:
        """Add the gradient of ``weight_hh``."""
        if self._masks.weights is None:
            self._weights.hh.add_product(h, da)
        else:
            self._weights.hh.add(product(h.T, da) * self._masks.weights)

    def _finish_tables(self) -> None:
        """Sum ``da`` by token before both products."""
        w_ih = self._weights.ih
        for table, index, steps in by_table(self._x):
            da = flatten_steps(self.gates[steps])
            sums = self._kernels.sum_rows(da, index, len(table.values))  # (N, G*H)
            self._weights.bias.add(total(sums))
            w_ih.add_product(table.values, sums)
            table.gradient = product(sums, w_ih.value.T)

    def _run_forward(self, start: int, stop: int) -> None:
        """Divide the streams among the cores; for a single step, the units."""
        self.read[start] = masked(self.states[0][start], self._masks.h)
        kernel, block = self._kernels.forward[self._cell], ctypes.byref(self._block)
        streams, size = self._block.streams, self._block.size
        if stop - start > 1:
            self._by_stream(
                lambda cut: kernel(block, start, stop, cut.start, cut.stop, 0, size), stop - start
            )
            return
        parts = min(core_count(), (self._w_hh.size + self._weights.ih.value.size) // THREAD_WEIGHTS)
        cuts = self._kernels.split_columns(size, parts)
        in_parallel(
            lambda k: kernel(block, start, stop, 0, streams, cuts[k].start, cuts[k].stop), len(cuts)
        )

    def _by_stream(self, run: Callable[[slice], None], steps: int) -> None:
        """Call ``run`` for some of the streams on each core."""
        work = self._multiplications * self._block.streams * steps
        cuts = split_rows(self._block.streams, min(core_count(), work // THREAD_WORK))
        in_parallel(lambda k: run(cuts[k]), len(cuts))


def total(rows: Array) -> Array:
    """Return the sum of rows ``(N, K)``, as a product: BLAS is faster than NumPy's sum here."""
    found: Array = np.ones(len(rows), rows.dtype) @ rows
    return found
