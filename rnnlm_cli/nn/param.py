"""Parameters: trained arrays and their gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnlm_cli.nn.cpu.pieces import in_pieces
from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.device import beside, to_host
from rnnlm_cli.nn.gradient import Dense, Gradient, Rows
from rnnlm_cli.system.arrays import Array, Ids


class Param:
    """A trained array and its gradient in the current block.

    Layers add to the gradient and never overwrite it, because two layers may share a parameter.

    Attributes:
        value: The parameter's array, any shape.
        gradient: The sum since ``zero_grad``, dense or rows; ``None`` for zero.
        frozen: Whether training leaves the parameter as it is; then its gradient stays zero.
        kept: What was laid out from the value while it does not change (``engines/unchanged.py``);
            ``None`` while it may.
    """

    __slots__ = ("_memory", "frozen", "gradient", "kept", "value")

    def __init__(self, value: Array) -> None:
        self.value = value
        self.gradient: Gradient | None = None
        self.frozen = False
        self.kept: dict[str, Array] | None = None
        self._memory: Array | None = None  # of the last dense gradient, for the next one

    @property
    def grad(self) -> Array:
        """The gradient as a dense array of the parameter's shape; valid until ``zero_grad``."""
        if self.gradient is None:
            return np.zeros_like(self.value)
        return self.gradient.dense(self.value)

    @property
    def weights(self) -> Array:
        """The value as a NumPy array: itself, or a copy from the device."""
        return to_host(self.value)

    def assign(self, values: Array) -> None:
        """Replace all values in place."""
        self.value[...] = beside(values, self.value)

    def largest(self) -> float:
        """Return the largest magnitude, 0 of nothing, NaN if one is."""
        return float(np.abs(self.value).max()) if self.value.size else 0.0

    def laid_out(self, how: str, lay_out: Callable[[Array], Array]) -> Array:
        """Return ``lay_out(value)``, kept by the name ``how`` while the value does not change."""
        if self.kept is None:
            return lay_out(self.value)
        if how not in self.kept:
            self.kept[how] = lay_out(self.value)
        return self.kept[how]

    def zero_grad(self) -> None:
        """Reset the gradient to zero and keep its memory for the next one."""
        if isinstance(self.gradient, Dense):
            self._memory = self.gradient.values
        self.gradient = None

    def add(self, values: Array) -> None:
        """Add a dense gradient of the parameter's shape."""
        if self.frozen:
            return
        if isinstance(self.gradient, Dense):
            self.gradient.values += values
        else:
            dense = self._empty()
            np.copyto(dense, values)
            self._plus(Dense(dense))

    def add_product(self, inputs: Array, dy: Array) -> None:
        """Add ``inputs^T dy``, the gradient of a weight ``W`` in ``y = inputs W``.

        Args:
            inputs: ``(N, D)``.
            dy: ``(N, H)``, or ``(G, N, H)`` for ``G`` groups of columns side by side.
        """
        if self.frozen:
            return
        groups = dy if dy.ndim == 3 else dy[np.newaxis]
        dense = self._empty()
        by_group = dense.reshape(len(dense), len(groups), -1).swapaxes(0, 1)  # (G, D, H)
        product(inputs.T, groups, out=by_group)
        self._plus(Dense(dense))

    def add_rows(self, rows: Ids, values: Array) -> None:
        """Add ``values[k]`` to row ``rows[k]``; rows may repeat.

        Args:
            rows: ``(N,)`` row numbers, on the host.
            values: ``(N, E)``.
        """
        if not self.frozen:
            self._plus(Rows(rows, values))

    def repeat_row(self, row: int, times: int) -> None:
        """Append copies of a row; the gradient is lost."""
        copies = np.repeat(self.value[[row]], times, axis=0)
        self.value = np.concatenate([self.value, copies])
        self.gradient = self._memory = None

    def grad_squared_norm(self) -> float:
        """Sum of the gradient's squares, each element counted once."""
        return 0.0 if self.gradient is None else self.gradient.squared_norm()

    def scale_grad(self, factor: float) -> None:
        """Multiply the gradient by ``factor``."""
        if self.gradient is not None:
            self.gradient.scale(factor)

    def descend(self, rate: float | Array) -> None:
        """Update ``value -= rate * grad``; a gradient of rows touches only these rows.

        Args:
            rate: One for all weights, or an array of the parameter's shape.
        """
        if self.gradient is not None:
            self.gradient.descend(self.value, rate)

    def approach(self, target: Array, shares: Array) -> None:
        """Move towards ``target`` by a share of the way, one per weight.

        Args:
            target: An array of the parameter's shape.
            shares: Another one.
        """

        def move(value: Array, target: Array, shares: Array) -> None:
            value += shares * (target - value)

        in_pieces(move, self.value, target, shares)

    def _plus(self, gradient: Gradient) -> None:
        self.gradient = gradient if self.gradient is None else self.gradient.plus(gradient)

    def _empty(self) -> Array:
        """Return an array for a dense gradient, in the last one's memory if it is free."""
        memory, self._memory = self._memory, None
        return np.empty_like(self.value) if memory is None else memory


def array_like(stored: Any, like: Array, name: str) -> Array:
    """Return a copy of an array read from a file, where ``like`` is, after checking it.

    Raises:
        ValueError: It is not an array, or its shape or type differs from ``like``'s.
    """
    if not isinstance(stored, np.ndarray) or (stored.shape, stored.dtype) != (
        like.shape,
        like.dtype,
    ):
        raise ValueError(f"{name} is not {like.dtype} {like.shape}")
    return beside(stored.copy(), like)
