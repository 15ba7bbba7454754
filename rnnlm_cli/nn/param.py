"""A trained array and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.gradient import Dense, Gradient, Rows
from rnnlm_cli.system.arrays import Array, Ids


class Param:
    """A trained array and its gradient in the running block.

    Layers add to a gradient and never overwrite it: a parameter may be used in two places.

    Attributes:
        value: The parameter itself, any shape.
        gradient: What was added since ``zero_grad``, dense or rows; ``None`` for zero.
    """

    __slots__ = ("_memory", "gradient", "value")

    def __init__(self, value: Array) -> None:
        self.value = value
        self.gradient: Gradient | None = None
        self._memory: Array | None = None  # of the last dense gradient, for the next one

    @property
    def grad(self) -> Array:
        """The gradient as one dense array of the parameter's shape, until ``zero_grad``."""
        if self.gradient is None:
            return np.zeros_like(self.value)
        return self.gradient.dense(self.value)

    def zero_grad(self) -> None:
        """Forget the gradient; its memory is kept for the next one."""
        if isinstance(self.gradient, Dense):
            self._memory = self.gradient.values
        self.gradient = None

    def add(self, values: Array) -> None:
        """Add a dense gradient of the parameter's shape."""
        if isinstance(self.gradient, Dense):
            self.gradient.values += values
        else:
            dense = self._empty()
            np.copyto(dense, values)
            self._plus(Dense(dense))

    def add_product(self, inputs: Array, dy: Array) -> None:
        """Add ``inputs^T dy``, the gradient of a weight with which ``inputs`` were multiplied.

        Args:
            inputs: ``(N, D)``.
            dy: ``(N, H)``, or ``(G, N, H)`` for ``G`` groups of columns side by side.
        """
        groups = dy if dy.ndim == 3 else dy[np.newaxis]
        dense = self._empty()
        by_group = dense.reshape(len(dense), len(groups), -1).swapaxes(0, 1)  # (G, D, H)
        product(inputs.T, groups, out=by_group)
        self._plus(Dense(dense))

    def add_rows(self, rows: Ids, values: Array) -> None:
        """Add ``values[k]`` to row ``rows[k]``; a row may be named any number of times.

        Args:
            rows: ``(N,)`` row numbers.
            values: ``(N, E)`` what to add.
        """
        self._plus(Rows(rows, values))

    def grad_squared_norm(self) -> float:
        """Sum of the gradient's squares, each distinct element counted once."""
        return 0.0 if self.gradient is None else self.gradient.squared_norm()

    def scale_grad(self, factor: float) -> None:
        """Multiply the gradient by a number."""
        if self.gradient is not None:
            self.gradient.scale(factor)

    def descend(self, rate: float) -> None:
        """``value -= rate * grad``, at the cost of the rows alone where the gradient is rows.

        The gradient is used up: it holds the step afterwards.
        """
        if self.gradient is not None:
            self.gradient.scale(rate)
            self.gradient.take_from(self.value)

    def _plus(self, gradient: Gradient) -> None:
        self.gradient = gradient if self.gradient is None else self.gradient.plus(gradient)

    def _empty(self) -> Array:
        """Return an array for a dense gradient, in the memory of the last one where it is free."""
        memory, self._memory = self._memory, None
        return np.empty_like(self.value) if memory is None else memory


def array_like(stored: Any, like: Array, name: str) -> Array:
    """Return a copy of an array that was read from a file, once it is found to be like another.

    Raises:
        ValueError: Its shape or its type is another, or it is no array.
    """
    if not isinstance(stored, np.ndarray) or (stored.shape, stored.dtype) != (
        like.shape,
        like.dtype,
    ):
        raise ValueError(f"{name} is not {like.dtype} {like.shape}")
    copy: Array = stored.copy()
    return copy
