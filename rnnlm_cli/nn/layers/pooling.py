"""Pooling: the hidden states of a line become one vector, for a decision about the whole line."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from rnnlm_cli.system.arrays import Array, Bools, Ids

Shares = tuple[Array, ...]
"""Each ``(T, B)``: how much of the state at each step is in one part of the result."""


class Ends(NamedTuple):
    """Which steps of a block are tokens of each line, and where a line's reading begins and ends.

    A direction that reads from the right has its lines at the end of the block, not at its
    beginning, because its steps are turned round to lie beside those of the other (see
    ``nn/layers/bidirectional.py``).
    """

    present: Bools  # (T, B), the line's tokens
    first: Bools  # (T, B), where the direction has read one token
    last: Bools  # (T, B), where it has read all


def ends_of(lengths: Ids, steps: int, from_right: bool) -> Ends:
    """Return the steps of lines with these numbers of tokens ``(B,)`` in a block of ``T`` steps."""
    read = np.arange(steps)[:, np.newaxis]  # (T, 1), tokens read before each step
    if from_right:
        read = read[::-1]
    return Ends(read < lengths, (read == 0) & (lengths > 0), read == lengths - 1)


def last(ends: Ends, from_right: bool) -> Shares:
    """The state after the whole line."""
    return (ends.last.astype(float),)


def mean(ends: Ends, from_right: bool) -> Shares:
    """The mean of the states over the line's tokens."""
    return (ends.present / np.maximum(ends.present.sum(axis=0), 1),)


def both_ends(ends: Ends, from_right: bool) -> Shares:
    """The states at the first and at the last position of the line, side by side."""
    steps = (ends.last, ends.first) if from_right else (ends.first, ends.last)
    return tuple(step.astype(float) for step in steps)


POOLINGS: dict[str, tuple[Callable[[Ends, bool], Shares], int]] = {
    "last": (last, 1),
    "mean": (mean, 1),
    "ends": (both_ends, 2),
}
"""Each kind: its shares, and how many vectors are side by side in the result."""


class Pooling:
    """``y = sum over t of share_t h_t``: ``(T, B, D)`` to ``(1, B, n D)``, a linear map.

    The shares depend on the lines' lengths alone, and padding has none. So the gradient of a padded
    step is zero, and a line's result does not depend on the lines beside it.

    Attributes:
        kind: A name in ``POOLINGS``.
        directions: 2 if the halves of ``h`` are those of two directions, else 1.
    """

    def __init__(self, kind: str, directions: int) -> None:
        self.kind, self.directions = kind, directions

    @property
    def width(self) -> int:
        """``n``, the number of vectors side by side."""
        return POOLINGS[self.kind][1]

    def forward(self, h: Array, lengths: Ids) -> Array:
        """Return ``y (1, B, n D)`` of ``h (T, B, D)`` and the lines' lengths ``(B,)``."""
        halves = np.split(h, self.directions, axis=-1)
        shares = self._shares(lengths, h)
        parts = [
            np.einsum("tb,tbd->bd", shares[k][n], half)
            for n in range(self.width)
            for k, half in enumerate(halves)
        ]
        return np.concatenate(parts, axis=-1)[np.newaxis]

    def backward(self, dy: Array, lengths: Ids, like: Array) -> Array:
        """Return ``dh (T, B, D)``, of the shape of ``like``, from ``dy (1, B, n D)``."""
        shares = self._shares(lengths, like)
        parts = np.split(dy[0], self.width * self.directions, axis=-1)
        halves = [
            sum(
                shares[k][n][..., np.newaxis] * parts[n * self.directions + k]
                for n in range(self.width)
            )
            for k in range(self.directions)
        ]
        return np.concatenate(halves, axis=-1)

    def _shares(self, lengths: Ids, like: Array) -> list[Shares]:
        """Return the shares of each direction, of the type of ``like``."""
        shares, _ = POOLINGS[self.kind]
        return [
            tuple(
                part.astype(like.dtype)
                for part in shares(ends_of(lengths, len(like), from_right), from_right)
            )
            for from_right in (False, True)[: self.directions]
        ]
