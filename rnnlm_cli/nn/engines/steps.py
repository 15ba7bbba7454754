"""The base class of the steps of a block: element-wise work in the order of the steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
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


MakeSteps = Callable[[Cell, Array, tuple[Array, ...]], Steps]
"""Makes the steps of a block from a cell, ``gates`` and ``states``."""
