"""The steps of an SRU in C; its products, which are over all steps, are those of ``blocked``."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cells.sru import SRU
from rnnlm_cli.nn.cpu.threads import core_count, in_parallel, split_rows
from rnnlm_cli.nn.engines.kernels import Kernels, pointer
from rnnlm_cli.nn.engines.steps import MakeSteps, Steps
from rnnlm_cli.nn.engines.structures import SruBlock
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array

THREAD_VALUES = 20_000
"""Minimum number of values of ``h`` per thread."""


def steps_in_c(cell: Cell, kernels: Kernels | None) -> MakeSteps | None:
    """Return what makes the steps of a block, if the cell is an SRU and there are kernels."""
    if kernels is None or type(cell) is not SRU:
        return None
    return partial(CompiledSRUSteps, kernels)


class CompiledSRUSteps(Steps):
    """The steps of one block in float32, the streams divided among the cores."""

    def __init__(
        self, kernels: Kernels, cell: Cell, gates: Array, states: tuple[Array, ...]
    ) -> None:
        assert isinstance(cell, SRU)
        super().__init__(cell, gates, states)
        self._kernels, self._gradients = kernels, cell.gradients
        self._weights = np.ascontiguousarray(cell.weights)  # held here: read by its address
        self._streams, size = gates.shape[2:]
        self._block = SruBlock(self._streams, size, scale=cell.scale, v=pointer(self._weights))
        self._place(("g", "f", "r", "s"), gates)
        self._place(("h", "c"), states)

    def forward(self, t: int, from_h: Array) -> None:
        """Take a part of one step."""
        self.run(range(t, t + 1))

    def backward(self, t: int, dafter: State) -> State:
        """Take a part of one step back."""
        dh, dc = dafter
        return self.run_back(range(t, t + 1), dh[np.newaxis], (np.zeros_like(dh), dc))

    def run(self, steps: range) -> None:
        """Take all steps of a part."""
        block, kernel = ctypes.byref(self._block), self._kernels.sru_forward
        ends = steps.start, steps.stop
        self._by_stream(len(steps), lambda cut: kernel(block, *ends, cut.start, cut.stop))

    def run_back(self, steps: range, dy: Array, dstate: State) -> State:
        """Take all steps of a part back."""
        dv = np.zeros((self._streams, 2, self._block.size), np.float32)
        self._place(("dg", "df", "dr", "ds"), self.da)
        self._block.dv = pointer(dv)
        dy, dh = (np.ascontiguousarray(part, np.float32) for part in (dy, dstate[0]))
        dc = np.array(dstate[1], np.float32, order="C")
        block, kernel = ctypes.byref(self._block), self._kernels.sru_backward
        arrays, ends = (pointer(dy), pointer(dh), pointer(dc)), (steps.start, steps.stop)
        self._by_stream(len(steps), lambda cut: kernel(block, *arrays, *ends, cut.start, cut.stop))
        gradient = self._gradients[0]
        gradient += dv.sum(axis=0).reshape(-1)
        return np.zeros_like(dc), dc

    def _place(self, names: tuple[str, ...], arrays: Array | tuple[Array, ...]) -> None:
        for name, array in zip(names, arrays, strict=True):
            setattr(self._block, name, pointer(array))

    def _by_stream(self, steps: int, run: Callable[[slice], None]) -> None:
        """Call ``run`` for some of the streams on each core."""
        worth = steps * self._streams * self._block.size // THREAD_VALUES
        cuts = split_rows(self._streams, min(core_count(), worth))
        in_parallel(lambda k: run(cuts[k]), len(cuts))
