"""A Mogrifier LSTM in C: each core takes its streams through rounds and gates, step by step.

No product of ``x`` comes before the steps, as in ``compiled_pass.py``. Those of the weights'
gradients, also of the rounds, come after them, over all steps at once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.nn.cells.mogrifier import Mogrifier
from rnnlm_cli.nn.engines.base import Masks, Weights
from rnnlm_cli.nn.engines.compiled_pass import CompiledPass, total
from rnnlm_cli.nn.engines.kernels import Kernels, aligned, pointer
from rnnlm_cli.nn.engines.structures import MogrifierBlock, Round
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, flatten_steps


def mixes_in_c(cell: Cell) -> bool:
    """Whether a cell that changes ``x`` and ``h'`` has kernels."""
    return type(cell) is Mogrifier


def block_arrays(cell: Cell) -> int:
    """Return how many arrays ``(T, B, H)`` a block holds; see ``Cell``."""
    assert isinstance(cell, Mogrifier)
    own = 4  # x before the rounds and its gradient, h' times a mask, and one for safety
    return len(cell.gates) + len(cell.states) + 2 * cell.rounds + own


class MixingRound:
    """A round of one block: ``after = 2 sigmoid(by Q) * changed``.

    Attributes:
        after: ``(T, B, N)``.
        in_c: What the kernel gets.
    """

    def __init__(
        self, kernels: Kernels, factors: Sequence[Param], by: Array, changed: Array
    ) -> None:
        """Allocate the arrays.

        Args:
            kernels: What lays out the weights.
            factors: ``Q (K, N)``, or ``(K, R)`` and ``(R, N)``.
            by: ``(T, B, K)``.
            changed: ``(T, B, N)``.
        """
        self._kernels, self._factors, self._by = kernels, factors, by
        self.after, self._gate = aligned(changed.shape), aligned(changed.shape)
        self._packed = [factor.laid_out("packed", kernels.packed) for factor in factors]
        self.in_c = Round(
            by.shape[-1],
            changed.shape[-1],
            left=pointer(self._packed[0]),
            by=pointer(by),
            changed=pointer(changed),
            after=pointer(self.after),
            gate=pointer(self._gate),
        )
        if len(factors) > 1:
            narrow = (*by.shape[:2], factors[1].value.shape[0])
            self._narrow, self._dnarrow = aligned(narrow), aligned(narrow)
            self.in_c.right = pointer(self._packed[1])
            self.in_c.narrow, self.in_c.dnarrow = pointer(self._narrow), pointer(self._dnarrow)

    def prepare_backward(self) -> None:
        """Lay out the weights for the way back."""
        self._packed_back = [self._kernels.packed(factor.value.T) for factor in self._factors]
        self.in_c.left_back = pointer(self._packed_back[0])
        self.in_c.right_back = pointer(self._packed_back[-1])

    def add_gradients(self) -> None:
        """Add those of the factors, after the last step back."""
        by, da = flatten_steps(self._by), flatten_steps(self._gate)
        if len(self._factors) == 1:
            self._factors[0].add_product(by, da)
            return
        left, right = self._factors
        left.add_product(by, flatten_steps(self._dnarrow))
        right.add_product(flatten_steps(self._narrow), da)


class CompiledMogrifierPass(CompiledPass):
    """One block: the LSTM's ``x`` and ``h'`` are those after the rounds."""

    def __init__(
        self, kernels: Kernels, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> None:
        assert isinstance(cell, Mogrifier)
        super().__init__(kernels, LSTM(), weights, steps, streams, Masks(weights=masks.weights))
        inputs, size = len(weights.ih.value), len(weights.hh.value)
        self._before = aligned((steps, streams, inputs))  # x, before the rounds
        self._mask = masks.h
        start = self.states[0][:-1] if masks.h is None else aligned((steps, streams, size))
        pair, count = [self._before, start], 1 if cell.rank is None else 2
        self._rounds: list[MixingRound] = []
        for k in range(cell.rounds):
            factors = weights.own[k * count : (k + 1) * count]
            self._rounds.append(MixingRound(kernels, factors, pair[1 - k % 2], pair[k % 2]))
            pair[k % 2] = self._rounds[-1].after
        self._mixed_x, self._mixed_h = pair
        gates = len(LSTM.gates)
        self._packed_ih = weights.ih.laid_out("by gate", lambda w: kernels.packed(w, gates))
        self._block.inputs, self._block.input = inputs, pointer(self._packed_ih)
        self._block.x, self._block.read = pointer(self._mixed_x), pointer(self._mixed_h)
        self._mixing = MogrifierBlock(
            ctypes.addressof(self._block),
            count=cell.rounds,
            rank=cell.rank or 0,
            mask=pointer(masks.h),
            start=pointer(start),
        )

    def _forward(self, x: Any, state: State) -> tuple[Array, State]:
        start, stop = self._read, self._read + len(x)
        self._before[start:stop] = x
        for array, part in zip(self.states, state, strict=True):
            array[start] = part
        kernel, block = self._kernels.mogrifier_forward, self._with_rounds()
        self._by_stream(lambda cut: kernel(block, start, stop, cut.start, cut.stop), len(x))
        return self.states[0][start + 1 : stop + 1], tuple(a[stop].copy() for a in self.states)

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        stop = sum(self._parts)
        start = stop - len(dy)
        if self._block.backward is None:
            self._prepare_backward()
        dy = np.ascontiguousarray(dy, np.float32)
        dh, dc = (np.array(part, np.float32, order="C") for part in dstate)
        gradients = pointer(dy), pointer(dh), pointer(dc)
        kernel, block = self._kernels.mogrifier_backward, self._with_rounds()
        self._by_stream(
            lambda cut: kernel(block, *gradients, start, stop, cut.start, cut.stop), len(dy)
        )
        return self._dx[start:stop], (dh, dc)

    def _prepare_backward(self) -> None:
        """Lay out the weights for the way back."""
        self._packed_back = self._kernels.packed(self._w_hh.T)
        self._packed_ih_back = self._kernels.packed(self._weights.ih.value.T)
        self._dx = aligned(self._before.shape)
        self._block.backward = pointer(self._packed_back)
        self._mixing.input_back, self._mixing.dx = pointer(self._packed_ih_back), pointer(self._dx)
        for mixing in self._rounds:
            mixing.prepare_backward()

    def _with_rounds(self) -> object:
        """Return the block with its rounds as they are now."""
        self._rounds_in_c = (Round * len(self._rounds))(*(one.in_c for one in self._rounds))
        self._mixing.rounds = ctypes.addressof(self._rounds_in_c)
        return ctypes.byref(self._mixing)

    def _finish(self) -> None:
        da = flatten_steps(self.gates)
        self._weights.bias.add(total(da))
        self._weights.ih.add_product(flatten_steps(self._mixed_x), da)
        self._add_recurrent(flatten_steps(self._mixed_h), da)
        for mixing in self._rounds:
            mixing.add_gradients()
