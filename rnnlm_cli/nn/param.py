"""A trained array and its gradient."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.system.arrays import Array, Ids


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


class RowGradient(NamedTuple):
    """The gradient of a matrix of which only some rows took part in a block."""

    rows: Ids  # (K,) ascending, each once
    values: Array  # (K, E)


class Param:
    """A trained array and its gradient.

    The gradient is held in one of two forms: dense, or as the rows that are not zero. An
    embedding of 10,000 words sees 700 tokens in a block; its rows cost what the tokens cost. When
    both forms meet, as they do under weight tying, the rows are added into the dense array.

    Layers add to a gradient and never overwrite it: a parameter may be used in two places.

    Attributes:
        value: The parameter itself, any shape.
    """

    __slots__ = ("_buffer", "_dense", "_products", "_rows", "value")

    def __init__(self, value: Array) -> None:
        self.value = value
        self._dense: Array | None = None
        self._rows: RowGradient | None = None
        self._products: list[tuple[Array, Array]] = []  # still to be added
        self._buffer: Array | None = None  # what held the last dense gradient, for the next one

    @property
    def grad(self) -> Array:
        """The whole gradient as one dense array of the parameter's shape."""
        self._settle()
        if self._dense is not None:
            return self._dense
        dense = np.zeros_like(self.value)
        if self._rows is not None:
            dense[self._rows.rows] = self._rows.values
        return dense

    def zero_grad(self) -> None:
        """Forget the gradient; its memory is kept for the next one."""
        self._dense = self._rows = None
        self._products.clear()

    def add(self, gradient: Array) -> None:
        """Add a dense gradient of the parameter's shape."""
        if self._dense is None:
            np.copyto(self._start_dense(), gradient)
            self._fold_rows()
        else:
            self._dense += gradient

    def add_product(self, inputs: Array, dy: Array) -> None:
        """Add ``inputs^T dy``, the gradient of a weight with which ``inputs`` were multiplied.

        The product is put off until the gradient is needed: what the parts of a block bring is
        then one large product, on all cores, rather than many small ones.

        Args:
            inputs: ``(N, D)``.
            dy: ``(N, H)``, or ``(G, N, H)`` for ``G`` groups of columns side by side; not to be
                changed any more.
        """
        self._products.append((inputs, dy if dy.ndim == 3 else dy[np.newaxis]))

    def add_rows(self, rows: Ids, values: Array) -> None:
        """Add ``values[k]`` to row ``rows[k]``; a row may be named any number of times.

        Args:
            rows: ``(N,)`` row numbers.
            values: ``(N, E)`` what to add.
        """
        if self._rows is not None:
            rows = np.concatenate([self._rows.rows, rows])
            values = np.concatenate([self._rows.values, values])
        self._rows = sum_rows(rows, values)
        if self._dense is not None:
            self._fold_rows()

    def grad_squared_norm(self) -> float:
        """Sum of the gradient's squares, each distinct element counted once."""
        self._settle()
        if self._dense is not None:
            return squared_norm(self._dense)
        return 0.0 if self._rows is None else squared_norm(self._rows.values)

    def scale_grad(self, factor: float) -> None:
        """Multiply the gradient by a number."""
        self._settle()
        if self._dense is not None:
            self._dense *= factor
        elif self._rows is not None:
            values = self._rows.values
            values *= factor

    def descend(self, rate: float) -> None:
        """``value -= rate * grad``, at the cost of the rows alone where the gradient is rows.

        The gradient is used up: it holds the step afterwards.
        """
        self.scale_grad(rate)
        if self._dense is not None:
            self.value -= self._dense
        elif self._rows is not None:
            self.value[self._rows.rows] -= self._rows.values

    def _settle(self) -> None:
        """Add the products that were put off."""
        if not self._products:
            return
        inputs, dy = (
            parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-2)
            for parts in zip(*reversed(self._products), strict=True)
        )
        self._products.clear()
        started = self._dense is not None
        found = np.empty_like(self.value) if started else self._start_dense()
        product(inputs.T, dy, out=found.reshape(len(found), len(dy), -1).swapaxes(0, 1))
        if started:
            self._dense += found
        else:
            self._fold_rows()

    def _start_dense(self) -> Array:
        if self._buffer is None:
            self._buffer = np.empty_like(self.value)
        self._dense = self._buffer
        return self._dense

    def _fold_rows(self) -> None:
        if self._rows is not None and self._dense is not None:
            self._dense[self._rows.rows] += self._rows.values
            self._rows = None


def sum_rows(rows: Ids, values: Array) -> RowGradient:
    """Sum the values of equal rows: sorting and one ``reduceat``, which beats ``np.add.at``.

    Args:
        rows: ``(N,)`` row numbers in any order.
        values: ``(N, E)``.
    """
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(first)
    return RowGradient(ordered[starts], np.add.reduceat(values[order], starts, axis=0))


def squared_norm(array: Array) -> float:
    """Sum of squares."""
    flat = array.reshape(-1)
    return float(flat @ flat)
