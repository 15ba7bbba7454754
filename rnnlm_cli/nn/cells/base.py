"""Base class of cells: the element-wise equations of one step, forward and backward.

A cell does not depend on weights, blocks, buffers or threads. An engine (``nn/engines/``) computes
the products with the weights and the loop over time, in the same way for every cell::

    from_x = x W_ih + b        (G, B, H), one matrix per gate
    from_h = h' W_hh           (G, B, H); plus b_h for gates with an inner bias
    h, ... = cell.forward(from_x, from_h, (h', ...))

``h'`` is the previous hidden state, ``B`` the number of streams and ``H`` the hidden size.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Cell(ABC):
    """One step of a recurrent network.

    Attributes:
        title: The name in figures and tables.
        gates: The names of its ``G`` gates, in the order of the weights' columns.
        states: The names of its state arrays, ``(B, H)`` each; ``h``, the output, first.
        keeps: The gate that keeps memory when it is open, if the cell has one.
        inner: Gates whose recurrent product has its own bias, named ``bias_h`` plus the gate.
        block_arrays: Measured number of arrays ``(T, B, H)`` that forward and backward hold at
            once, used to estimate memory. The default exceeds every cell here by at least one.
        pytorch: The layer of ``torch.nn`` with the same equations and order of gates; ``None``
            where PyTorch has none, so that weights are not exchanged with it.
    """

    title: ClassVar[str]
    gates: ClassVar[tuple[str, ...]]
    states: ClassVar[tuple[str, ...]] = ("h",)
    keeps: ClassVar[str | None] = None
    inner: ClassVar[tuple[str, ...]] = ()
    block_arrays: ClassVar[int] = 16
    pytorch: ClassVar[str | None] = None

    @abstractmethod
    def forward(self, from_x: Array, from_h: Array, before: State) -> tuple[State, tuple[Any, ...]]:
        """Take one step.

        Args:
            from_x: ``(G, B, H)``, the input product of each gate.
            from_h: ``(G, B, H)``, the recurrent product of each gate.
            before: The arrays of ``states`` before the step, ``(B, H)`` each.

        Returns:
            The arrays of ``states`` after the step, and the values that ``backward`` needs, the
            gates first, ``(B, H)`` each, in the order of ``gates``.
        """

    @abstractmethod
    def backward(self, dafter: State, saved: tuple[Any, ...]) -> tuple[Array, Array, State]:
        """Back-propagate through one step.

        Args:
            dafter: The gradient of the loss with respect to each of ``states`` after the step.
            saved: The saved values that ``forward`` returned.

        Returns:
            The gradients of ``from_x`` and ``from_h``, ``(G, B, H)`` each, and the direct gradients
            of ``states`` before the step, that is, without the path through ``from_h``.
        """


def gate_columns(cell: Cell, gate: str, hidden_size: int) -> slice:
    """Return where a gate's columns are in ``(D, G*H)``.

    >>> from rnnlm_cli.nn.cells import CELLS
    >>> gate_columns(CELLS["lstm"], "f", 100)
    slice(100, 200, None)
    """
    start = cell.gates.index(gate) * hidden_size
    return slice(start, start + hidden_size)


def sigmoid(x: Array) -> Array:
    """Logistic function ``1 / (1 + exp(-x))``, any shape.

    ``tanh`` does not overflow and needs no branches:
    ``sigmoid(x) = (1 + tanh(x / 2)) / 2``.
    """
    y = np.tanh(0.5 * x)
    y *= 0.5
    y += 0.5
    return y
