"""What a cell is: the equations of one step, forward and backward, point by point.

A cell knows nothing of weights, blocks, buffers or threads. The products with the weights and the
loop over time are an engine's (``nn/engines/``), and are the same for every cell::

    from_x = x W_ih + b        (G, B, H), one matrix per gate
    from_h = h' W_hh           the same; plus b_h for gates with an inner bias
    h, ... = cell.forward(from_x, from_h, (h', ...))

``h'`` is the hidden state of the step before, ``B`` the streams and ``H`` the hidden size.
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
        title: What pictures and tables call it.
        gates: The names of its ``G`` gates, in the order of the columns of the weights.
        states: The names of the arrays ``(B, H)`` that it carries on; ``h``, the output, first.
        keeps: The gate that keeps memory when it is open, if there is one.
        inner: Gates whose recurrent product has a bias of its own, ``bias_h`` and the gate's name.
        block_arrays: Arrays ``(T, B, H)`` that forward and backward hold at once, as measured, to
            estimate memory; by default one more than any cell here has.
    """

    title: ClassVar[str]
    gates: ClassVar[tuple[str, ...]]
    states: ClassVar[tuple[str, ...]] = ("h",)
    keeps: ClassVar[str | None] = None
    inner: ClassVar[tuple[str, ...]] = ()
    block_arrays: ClassVar[int] = 16

    @abstractmethod
    def forward(self, from_x: Array, from_h: Array, before: State) -> tuple[State, tuple[Any, ...]]:
        """Take one step.

        Args:
            from_x: ``(G, B, H)``, the input's part of each gate.
            from_h: ``(G, B, H)``, the recurrent part.
            before: The arrays of ``states``, ``(B, H)`` each.

        Returns:
            The arrays of ``states`` after the step, and what ``backward`` needs of it: a tuple that
            begins with the gates, ``(B, H)`` each, in the order of ``gates``.
        """

    @abstractmethod
    def backward(self, dafter: State, saved: tuple[Any, ...]) -> tuple[Array, Array, State]:
        """Go one step back.

        Args:
            dafter: The loss's gradient with respect to each array of ``states`` after the step.
            saved: What ``forward`` returned.

        Returns:
            The gradients of ``from_x`` and of ``from_h``, ``(G, B, H)`` each, and what reaches the
            arrays of ``states`` before the step directly, not through ``from_h``.
        """


def sigmoid(x: Array) -> Array:
    """Logistic function ``1 / (1 + exp(-x))``, any shape.

    Written with ``tanh``, which neither overflows nor needs two branches:
    ``sigmoid(x) = (1 + tanh(x / 2)) / 2``.
    """
    y = np.tanh(0.5 * x)
    y *= 0.5
    y += 0.5
    return y
