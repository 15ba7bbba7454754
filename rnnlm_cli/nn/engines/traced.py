"""The plain engine with everything in sight: gates and states of every step, for pictures."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.engines.base import Masks, Weights
from rnnlm_cli.nn.engines.plain import Plain, PlainPass
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class TracedPass(PlainPass):
    """A block that keeps what each step came to.

    Attributes:
        after: The state after each step that was read.
    """

    def __init__(
        self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> None:
        super().__init__(cell, weights, steps, streams, masks)
        self.after: list[State] = []

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        y = []
        for t in range(len(x)):
            y_t, state = super()._forward(x[t : t + 1], state)
            y.append(y_t)
            self.after.append(state)
        return np.concatenate(y), state

    @property
    def states(self) -> dict[str, Array]:
        """Each array of the cell's state after every step, ``(T, B, H)``."""
        arrays = map(np.stack, zip(*self.after, strict=True))
        return dict(zip(self.cell.states, arrays, strict=True))

    @property
    def gates(self) -> dict[str, Array]:
        """Each gate at every step, ``(T, B, H)``."""
        count = len(self.cell.gates)
        arrays = map(np.stack, zip(*(step[-1][:count] for step in self.saved), strict=True))
        return dict(zip(self.cell.gates, arrays, strict=True))


class Traced(Plain):
    """The plain engine, which keeps the passes it has begun.

    Attributes:
        passes: In the order in which they began.
    """

    def __init__(self) -> None:
        self.passes: list[TracedPass] = []

    def begin(
        self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> TracedPass:
        """Begin a block."""
        self.passes.append(TracedPass(cell, weights, steps, streams, masks))
        return self.passes[-1]
