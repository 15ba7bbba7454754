"""The engine in C: all steps of a block in one call, the streams divided among the cores.

What has a row in ``PASSES`` runs in its pass, a whole block in C; the steps of an SRU are in C too,
and its products those of ``blocked``. Everything else runs as there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cpu.threads import core_count
from rnnlm_cli.nn.engines.base import Engine, Masks, Pass, Weights
from rnnlm_cli.nn.engines.blocked import Blocked, BlockedPass
from rnnlm_cli.nn.engines.compiled_mogrifier import PASSES
from rnnlm_cli.nn.engines.compiled_pass import FEWEST_STEPS
from rnnlm_cli.nn.engines.compiled_sru import steps_in_c
from rnnlm_cli.nn.engines.kernels import Kernels


class Compiled(Engine):
    """Runs the cells in C, in float32; what has no kernel runs as in ``Blocked``.

    Attributes:
        kernels: Those to use; ``None`` if there are none, then everything runs as in ``Blocked``.
    """

    name = "compiled"
    by_token = True

    def __init__(self, kernels: Kernels | None) -> None:
        self.kernels = kernels

    @property
    def level(self) -> str | None:
        """The level of the kernels."""
        return self.kernels.level if self.kernels else None

    def splits_in_time(self, cell: Cell, weights: Weights, streams: int) -> bool:
        """Only if there are too few streams to give each core some of them."""
        return self._kernels_for(cell, weights.hh.value.dtype) is None or streams < core_count()

    def block_arrays(self, cell: Cell, dtype: np.dtype[Any]) -> int:
        """Return how many arrays ``(T, B, H)`` a layer of a block holds."""
        if self._kernels_for(cell, dtype) is None:
            return cell.block_arrays
        return PASSES[type(cell)].block_arrays(cell)

    def begin(self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks) -> Pass:
        """Begin a block."""
        in_c = steps_in_c(cell, self.kernels) if weights.ih.value.dtype == np.float32 else None
        if in_c:
            return BlockedPass(cell, weights, steps, streams, masks, in_c)
        kernels = self._kernels_for(cell, weights.hh.value.dtype)
        if kernels is None or (steps < FEWEST_STEPS and weights.hh.kept is None):
            return Blocked().begin(cell, weights, steps, streams, masks)
        return PASSES[type(cell)](kernels, cell, weights, steps, streams, masks)

    def _kernels_for(self, cell: Cell, dtype: np.dtype[Any]) -> Kernels | None:
        known = type(cell) in PASSES and dtype == np.float32
        return self.kernels if known else None
