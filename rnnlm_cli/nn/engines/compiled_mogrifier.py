"""A Mogrifier LSTM in C: each core takes its streams through rounds and gates, step by step.

Unlike in ``compiled_pass.py``, no product of ``x`` can come before the steps. Those of the weights'
gradients, also of the rounds, come after them, over all steps at once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.nn.cells.mogrifier import Mogrifier
from rnnlm_cli.nn.engines.base import Masks, Weights
from rnnlm_cli.nn.engines.compiled_pass import CompiledPass, total
from rnnlm_cli.nn.engines.kernels import CELLS, Kernels, aligned, pointer
from rnnlm_cli.nn.engines.structures import MogrifierBlock, Round
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import Array, flatten_steps


class MixingRound:
    """A round of one block: ``after = 2 sigmoid(by Q) * changed``.

    Attributes:
        after: ``(T, B, N)``.
    """

    def __init__(
        self, in_c: Round, kernels: Kernels, factors: Sequence[Param], by: Array, changed: Array
    ) -> None:
        """Allocate the arrays.

        Args:
            in_c: What the kernel gets, to be filled.
            kernels: What lays out the weights.
            factors: ``Q (K, N)``, or ``(K, R)`` and ``(R, N)``.
            by: ``(T, B, K)``.
            changed: ``(T, B, N)``.
        """
        self._in_c = in_c
        self._kernels, self._factors, self._by = kernels, factors, by
        self.after, self._gate = aligned(changed.shape), aligned(changed.shape)
        self._packed = [factor.laid_out("packed", kernels.packed) for factor in factors]
        in_c.depth, in_c.columns = by.shape[-1], changed.shape[-1]
        in_c.left, in_c.by, in_c.changed = map(pointer, (self._packed[0], by, changed))
        in_c.after, in_c.gate = pointer(self.after), pointer(self._gate)
        if len(factors) > 1:
            narrow = (*by.shape[:2], factors[1].value.shape[0])
            self._narrow, self._dnarrow = aligned(narrow), aligned(narrow)
            in_c.right = pointer(self._packed[1])
            in_c.narrow, in_c.dnarrow = pointer(self._narrow), pointer(self._dnarrow)

    def prepare_backward(self) -> None:
        """Lay out the weights for the way back."""
        self._packed_back = [self._kernels.packed(factor.value.T) for factor in self._factors]
        self._in_c.left_back = pointer(self._packed_back[0])
        self._in_c.right_back = pointer(self._packed_back[-1])

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
    """One block: the LSTM's ``x``, and ``h'`` in ``read (T, B, H)``, are those after the rounds."""

    def __init__(
        self, kernels: Kernels, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> None:
        assert isinstance(cell, Mogrifier)
        super().__init__(kernels, LSTM(), weights, steps, streams, Masks(weights=masks.weights))
        inputs, size = len(weights.ih.value), len(weights.hh.value)
        self._before = aligned((steps, streams, inputs))  # x, before the rounds
        self._mask = masks.h  # held here, since the kernel reads it by its address
        start = self.states[0][:-1] if masks.h is None else aligned((steps, streams, size))
        pair, count = [self._before, start], 1 if cell.rank is None else 2
        self._rounds: list[MixingRound] = []
        self._rounds_in_c = (Round * cell.rounds)()
        for k, in_c in enumerate(self._rounds_in_c):
            factors = weights.own[k * count : (k + 1) * count]
            self._rounds.append(MixingRound(in_c, kernels, factors, pair[1 - k % 2], pair[k % 2]))
            pair[k % 2] = self._rounds[-1].after
        self._mixed_x, self.read = pair
        self._packed_ih = weights.ih.laid_out("by gate", lambda w: kernels.packed(w, self._count))
        self._block.inputs, self._block.input = inputs, pointer(self._packed_ih)
        self._block.x, self._block.read = pointer(self._mixed_x), pointer(self.read)
        self._multiplications += weights.ih.value.size + sum(own.value.size for own in weights.own)
        self._mixing = MogrifierBlock(
            ctypes.addressof(self._block),
            ctypes.addressof(self._rounds_in_c),
            count=cell.rounds,
            rank=cell.rank or 0,
            mask=pointer(masks.h),
            start=pointer(start),
        )
        self._back_in_c = kernels.mogrifier_backward, ctypes.byref(self._mixing)

    @classmethod
    def block_arrays(cls, cell: Cell) -> int:
        """As in ``CompiledPass``, with ``x`` and ``h'`` before the rounds, and two per round."""
        assert isinstance(cell, Mogrifier)
        return super().block_arrays(cell) + 2 + 2 * cell.rounds

    def _take(self, x: Any, start: int) -> None:
        self._before[start : start + len(x)] = x

    def _run_forward(self, start: int, stop: int) -> None:
        kernel, block = self._kernels.mogrifier_forward, ctypes.byref(self._mixing)
        self._by_stream(lambda cut: kernel(block, start, stop, cut.start, cut.stop), stop - start)

    def _input_gradient(self, start: int, stop: int) -> Array:
        return self._dx[start:stop]

    def _prepare_backward(self) -> None:
        super()._prepare_backward()
        self._packed_ih_back = self._kernels.packed(self._weights.ih.value.T)
        self._dx = aligned(self._before.shape)
        self._mixing.input_back, self._mixing.dx = pointer(self._packed_ih_back), pointer(self._dx)
        for mixing in self._rounds:
            mixing.prepare_backward()

    def _finish(self) -> None:
        da = flatten_steps(self.gates)
        self._weights.bias.add(total(da))
        self._weights.ih.add_product(flatten_steps(self._mixed_x), da)
        self._add_recurrent(flatten_steps(self.read), da)
        for mixing in self._rounds:
            mixing.add_gradients()


PASSES: dict[type[Cell], type[CompiledPass]] = {
    **dict.fromkeys(CELLS, CompiledPass),
    Mogrifier: CompiledMogrifierPass,
}
"""What runs each cell whose blocks are in C."""
