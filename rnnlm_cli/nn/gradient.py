"""The gradient of a parameter in one block: dense, or the rows that took part."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from rnnlm_cli.system.arrays import Array, Ids


class Gradient(ABC):
    """What is asked of a gradient, whichever form it has."""

    @abstractmethod
    def plus(self, other: Gradient) -> Gradient:
        """Return the sum; one of the two takes it in, and the other is not to be used again."""

    @abstractmethod
    def squared_norm(self) -> float:
        """Sum of the squares, each element of the parameter counted once."""

    @abstractmethod
    def scale(self, factor: float) -> None:
        """Multiply by a number."""

    @abstractmethod
    def take_from(self, value: Array) -> None:
        """``value -= gradient``."""

    @abstractmethod
    def dense(self, like: Array) -> Array:
        """Return it as one array of the parameter's shape; not to be written to."""


class Dense(Gradient):
    """An array of the parameter's shape."""

    def __init__(self, values: Array) -> None:
        self.values = values

    def plus(self, other: Gradient) -> Dense:
        """Take the other in."""
        if isinstance(other, Rows):
            self.values[other.rows] += other.values
        else:
            self.values += other.dense(self.values)
        return self

    def squared_norm(self) -> float:
        """Sum of squares."""
        return squared_norm(self.values)

    def scale(self, factor: float) -> None:
        """Multiply in place."""
        self.values *= factor

    def take_from(self, value: Array) -> None:
        """``value -= gradient``."""
        value -= self.values

    def dense(self, like: Array) -> Array:
        """Return the array itself."""
        return self.values


class Rows(Gradient):
    """The rows of a matrix that are not zero.

    An embedding of 10,000 words sees 700 tokens in a block: gradient, norm and update cost what
    the 700 cost.

    Attributes:
        rows: ``(K,)``, ascending, each once.
        values: ``(K, E)``.
    """

    def __init__(self, rows: Ids, values: Array) -> None:
        """Sum what is named more than once.

        Sorting and one ``reduceat``, which beats ``np.add.at``.

        Args:
            rows: ``(N,)`` row numbers in any order.
            values: ``(N, E)``.

        >>> sums = Rows(np.array([4, 1, 4]), np.array([[1.0], [2.0], [3.0]]))
        >>> sums.rows.tolist(), sums.values.tolist()
        ([1, 4], [[2.0], [4.0]])
        """
        order = np.argsort(rows, kind="stable")
        ordered = rows[order]
        first = np.ones(len(rows), dtype=bool)
        first[1:] = ordered[1:] != ordered[:-1]
        starts = np.flatnonzero(first)
        self.rows = ordered[starts]
        self.values = np.add.reduceat(values[order], starts, axis=0)

    def plus(self, other: Gradient) -> Gradient:
        """Rows and rows are rows; a dense one takes them in, as under weight tying."""
        if isinstance(other, Rows):
            rows = np.concatenate([self.rows, other.rows])
            return Rows(rows, np.concatenate([self.values, other.values]))
        return other.plus(self)

    def squared_norm(self) -> float:
        """Sum of squares of the rows."""
        return squared_norm(self.values)

    def scale(self, factor: float) -> None:
        """Multiply the rows."""
        self.values *= factor

    def take_from(self, value: Array) -> None:
        """Change the rows alone."""
        value[self.rows] -= self.values

    def dense(self, like: Array) -> Array:
        """Return a new array, zero but for the rows."""
        whole = np.zeros_like(like)
        whole[self.rows] = self.values
        return whole


def squared_norm(array: Array) -> float:
    """Sum of squares."""
    flat = array.reshape(-1)
    return float(flat @ flat)
