"""Mogrifier: long short-term memory whose input and state change each other first."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Own, sigmoid
from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.system.arrays import Array


class Mogrifier(LSTM):
    """Mogrifier LSTM (Melis et al., 2020): an LSTM of ``x`` and ``h'`` after some rounds.

    ::

        x = 2 sigmoid(h' Q1) * x
        h' = 2 sigmoid(x Q2) * h'
        x = 2 sigmoid(h' Q3) * x        and so on

    With a rank, each matrix is a product of two that are narrower, ``Q = left right``.
    """

    title = "Mogrifier LSTM"
    mixes = True
    pytorch = None

    def __init__(self, rounds: int = 5, rank: int | None = None) -> None:
        """Choose the size.

        Args:
            rounds: How often one of the two is changed.
            rank: Of each matrix, at most; ``None`` for matrices that are not products.
        """
        self.rounds, self.rank = rounds, rank
        self.block_arrays = 12 + 2 * rounds  # a round has a gate, and what it changes

    def own(self, input_size: int, hidden_size: int) -> dict[str, Own]:
        """``mix1 (H, D)``, ``mix2 (D, H)`` and so on, or ``mix1_left (H, R)``, ``mix1_right``."""
        found = {}
        for k in range(1, self.rounds + 1):
            rows, columns = (hidden_size, input_size) if k % 2 else (input_size, hidden_size)
            if self.rank is None:
                found[f"mix{k}"] = Own((rows, columns))
            else:
                found[f"mix{k}_left"] = Own((rows, self.rank))
                found[f"mix{k}_right"] = Own((self.rank, columns))
        return found

    def mixed(self, x: Array, h: Array) -> tuple[Array, Array, Any]:
        """Change ``x`` and ``h'`` in turn."""
        pair, saved = [x, h], []
        for k in range(self.rounds):
            changed, by = pair[k % 2], pair[1 - k % 2]
            gate = 2 * sigmoid(chained(by, self._factors(k))[-1])
            saved.append((changed, by, gate))
            pair[k % 2] = gate * changed
        return pair[0], pair[1], saved

    def mixed_back(self, dx: Array, dh: Array, saved: Any) -> tuple[Array, Array]:
        """Go through the rounds in reverse, and add the gradients of the matrices."""
        dpair = [dx, dh]
        for k in reversed(range(self.rounds)):
            changed, by, gate = saved[k]
            dchanged = dpair[k % 2]
            da = dchanged * changed * gate * (1 - gate / 2)
            factors, inputs = self._factors(k), chained(by, self._factors(k))
            for j in reversed(range(len(factors))):
                self.gradients[k * len(factors) + j][...] += inputs[j].T @ da
                da = da @ factors[j].T
            dpair[k % 2] = dchanged * gate
            dpair[1 - k % 2] = dpair[1 - k % 2] + da
        return dpair[0], dpair[1]

    def _factors(self, k: int) -> tuple[Array, ...]:
        """Return the matrices of a round, counted from 0."""
        count = 1 if self.rank is None else 2
        return self.values[k * count : (k + 1) * count]


def chained(x: Array, factors: tuple[Array, ...]) -> list[Array]:
    """Return ``x``, ``x A``, ``x A B`` and so on."""
    found = [x]
    for factor in factors:
        found.append(np.matmul(found[-1], factor))
    return found
