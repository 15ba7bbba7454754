"""The gradient of a parameter in one block: dense, or only the rows that were used."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeGuard

import numpy as np

from rnnlm_cli.nn.cpu.pieces import in_pieces
from rnnlm_cli.nn.cuda import sums, updates
from rnnlm_cli.nn.device import beside, on_device
from rnnlm_cli.system.arrays import Array, Ids


class Gradient(ABC):
    """Base class of both forms of a gradient.

    Attributes:
        values: What is not zero for sure.
    """

    values: Array

    @abstractmethod
    def plus(self, other: Gradient) -> Gradient:
        """Return the sum; it may reuse either operand, so do not use them again."""

    @abstractmethod
    def squared_norm(self) -> float:
        """Sum of the squares, each element of the parameter counted once."""

    @abstractmethod
    def scale(self, factor: float) -> None:
        """Multiply by ``factor`` in place."""

    @abstractmethod
    def descend(self, value: Array, rate: float | Array) -> None:
        """Subtract in place: ``value -= rate * gradient``; ``rate`` may be one per weight."""

    @abstractmethod
    def add_squares(self, sums: Array) -> None:
        """Add the square of each weight's gradient: ``sums += gradient ** 2``."""

    @abstractmethod
    def dense(self, like: Array) -> Array:
        """Return one array of the parameter's shape; do not write to it."""


class Dense(Gradient):
    """An array of the parameter's shape."""

    def __init__(self, values: Array) -> None:
        self.values = values

    def plus(self, other: Gradient) -> Dense:
        """Add the other gradient in place."""
        if isinstance(other, Rows):
            self.values[other.places] += other.values
        else:
            self.values += other.dense(self.values)
        return self

    def squared_norm(self) -> float:
        """Sum of the squares."""
        return squared_norm(self.values)

    def scale(self, factor: float) -> None:
        """Multiply by ``factor`` in place."""
        in_pieces(lambda values: np.multiply(values, factor, out=values), self.values)

    def descend(self, value: Array, rate: float | Array) -> None:
        """Subtract in place: ``value -= rate * gradient``."""
        if on_device(value) and not one_each(rate):
            updates.descend(value, self.values, float(rate))
            return

        def subtract(value: Array, values: Array, rate: float | Array = rate) -> None:
            value -= rate * values

        rates = [rate] if one_each(rate) else []
        in_pieces(subtract, value, self.values, *rates)

    def add_squares(self, sums: Array) -> None:
        """Add the squares piece by piece."""

        def add(sums: Array, values: Array) -> None:
            sums += values * values

        in_pieces(add, sums, self.values)

    def dense(self, like: Array) -> Array:
        """Return the array itself."""
        return self.values


class Rows(Gradient):
    """The non-zero rows of a matrix.

    With 10,000 words and 700 tokens per block, gradient, norm and update of an embedding touch at
    most 700 rows.

    Attributes:
        rows: ``(K,)``, ascending and distinct; on the host.
        places: The same where the values are.
        values: ``(K, E)``.
    """

    def __init__(self, rows: Ids, values: Array) -> None:
        """Sum the values of repeated rows.

        Sorting and one ``reduceat`` are faster than ``np.add.at``.

        Args:
            rows: ``(N,)`` row numbers in any order, possibly repeated; on the host.
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
        if on_device(values):
            self.values = sums.sum_rows(values, order, starts)
        else:
            self.values = np.add.reduceat(values[order], starts, axis=0)
        self.places = beside(self.rows, values)

    def plus(self, other: Gradient) -> Gradient:
        """Return rows plus rows as rows, and rows plus dense (as with weight tying) as dense."""
        if isinstance(other, Rows):
            rows = np.concatenate([self.rows, other.rows])
            return Rows(rows, np.concatenate([self.values, other.values]))
        return other.plus(self)

    def squared_norm(self) -> float:
        """Sum of the squares."""
        return squared_norm(self.values)

    def scale(self, factor: float) -> None:
        """Multiply by ``factor`` in place."""
        self.values *= factor

    def descend(self, value: Array, rate: float | Array) -> None:
        """Subtract in place, in these rows only."""
        own = rate[self.places] if one_each(rate) else rate
        value[self.places] -= own * self.values

    def add_squares(self, sums: Array) -> None:
        """Add the squares in these rows only."""
        sums[self.places] += self.values**2

    def dense(self, like: Array) -> Array:
        """Return a new array that is zero except in these rows."""
        whole = np.zeros_like(like)
        whole[self.places] = self.values
        return whole


def one_each(rate: float | Array) -> TypeGuard[Array]:
    """Whether there is a rate for each weight."""
    return isinstance(rate, np.ndarray) or on_device(rate)


def squared_norm(array: Array) -> float:
    """Sum of the squares, those of each piece in the array's type, their sum in float64."""
    return sum(in_pieces(lambda values: float(values @ values), array))
