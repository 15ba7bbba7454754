"""Base class of cells: the element-wise equations of one step, forward and backward.

A cell does not depend on weights, blocks, buffers or threads. An engine (``nn/engines/``) computes
the products with the weights and the loop over time, in the same way for every cell::

    from_x = x W_ih + b        (G, B, H), one matrix per gate
    from_h = h' W_hh           (G, B, H); plus b_h for gates with an inner bias
    h, ... = cell.forward(from_x, from_h, (h', ...))

``h'`` is the previous hidden state, ``B`` the number of streams and ``H`` the hidden size.

A cell may say that it differs: it has no ``W_hh`` (``recurrent``), adds ``b`` itself
(``adds_bias``), reads ``x`` too (``skips``), changes ``x`` and ``h'`` before the products
(``mixes``), or has more parameters (``own``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Own(NamedTuple):
    """A parameter of a cell's own."""

    shape: tuple[int, ...]
    start: float | None = None  # its initial value everywhere; None: drawn, with fan-in shape[0]


class Cell(ABC):
    """One step of a recurrent network.

    Attributes:
        title: The name in figures and tables.
        gates: The names of its ``G`` gates, in the order of the weights' columns.
        states: The names of its state arrays, ``(B, H)`` each; ``h``, the output, first.
        keeps: The gate that keeps memory when it is open, if the cell has one.
        inner: Gates whose recurrent product has its own bias, named ``bias_h`` plus the gate.
        recurrent: Whether ``h'`` is multiplied by weights. If not, ``W_hh`` has no columns, and
            ``from_h`` and its gradient are ``(G, B, 0)``.
        adds_bias: Whether the cell adds ``b`` itself, the first of its own parameters; ``from_x``
            is ``x W_ih`` then.
        skips: Whether ``x`` itself is the last row of ``from_x``, after the gates; then ``D = H``.
        mixes: Whether ``mixed`` changes ``x`` and ``h'``, so that no product comes before the step.
        values: Its own parameters, after ``bound``.
        gradients: Their gradients, to which ``backward`` adds; after ``bound``.
        block_arrays: Measured number of arrays ``(T, B, H)`` that forward and backward hold at
            once in NumPy, used to estimate memory. The default exceeds every cell here by at least
            one.
        pytorch: The layer of ``torch.nn`` with the same equations and order of gates; ``None``
            where PyTorch has none, so that weights are not exchanged with it.
    """

    title: ClassVar[str]
    gates: ClassVar[tuple[str, ...]]
    states: ClassVar[tuple[str, ...]] = ("h",)
    keeps: ClassVar[str | None] = None
    inner: ClassVar[tuple[str, ...]] = ()
    recurrent: ClassVar[bool] = True
    adds_bias: ClassVar[bool] = False
    skips: bool = False
    mixes: ClassVar[bool] = False
    values: tuple[Array, ...] = ()
    gradients: tuple[Array, ...] = ()
    block_arrays: int = 36
    pytorch: ClassVar[str | None] = None

    @property
    def products(self) -> int:
        """The number of products of ``x``, one per gate in most cells; the gates' come first."""
        return len(self.gates)

    def sized(self, input_size: int, hidden_size: int) -> Cell:
        """Return the cell for inputs of size ``D`` and ``H`` units, if that makes a difference."""
        return self

    def own(self, input_size: int, hidden_size: int) -> dict[str, Own]:
        """Return its own parameters by name, besides ``weight_ih``, ``weight_hh`` and biases."""
        return {}

    def bound(self, values: tuple[Array, ...]) -> Cell:
        """Return the cell for one block: with the values of its parameters and zero gradients."""
        if not values:
            return self
        cell = copy(self)
        cell.values, cell.gradients = values, tuple(np.zeros_like(value) for value in values)
        return cell

    def mixed(self, x: Array, h: Array) -> tuple[Array, Array, Any]:
        """Change ``x (B, D)`` and ``h' (B, H)`` before the products; most cells change nothing.

        Returns:
            Both, and what ``mixed_back`` needs.
        """
        return x, h, None

    def mixed_back(self, dx: Array, dh: Array, saved: Any) -> tuple[Array, Array]:
        """Return the gradients of ``x`` and ``h'`` from those of what ``mixed`` returned."""
        return dx, dh

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
