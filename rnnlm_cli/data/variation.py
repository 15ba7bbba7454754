"""What differs from epoch to epoch in a text that is read as parallel streams."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.system.arrays import Ids

WHOLE = 0.95
"""How often a length is drawn around ``T``, and not around its half."""

DEVIATION = 5.0
"""Standard deviation of lengths; for a ``T`` below 20 it is a quarter of that."""

LEAST = 5
"""Minimum steps that are drawn, or half of ``T`` if that is less."""


class Variation(NamedTuple):
    """What is drawn anew for each epoch, from seed and epoch alone.

    So a resumed training reads what is left of its epoch.
    """

    seed: int
    lengths: bool = False  # of the blocks
    places: bool = False  # where each stream begins

    def begins(self, length: int, steps: int, epoch: int) -> Ids:
        """Return the first step of each block in an epoch; see ``varied``."""
        return varied(length, steps, np.random.default_rng([self.seed, 3, epoch]))

    def shifts(self, lengths: Ids, epoch: int) -> Ids:
        """Return by how much each stream is rotated in an epoch (partial shuffle: Press, 2019).

        Args:
            lengths: ``(B,)`` targets per stream.
            epoch: From 0.
        """
        return np.random.default_rng([self.seed, 4, epoch]).integers(0, lengths)


def varied(length: int, steps: int, rng: np.random.Generator) -> Ids:
    """Cut a stream into blocks of random lengths; return the first step of each.

    As Merity et al. (2018) do it, a length is normal around ``T`` with probability 0.95, else
    around ``T / 2``, so that blocks do not begin at the same tokens in each epoch. Here the number
    of blocks is that of their mean length, and the drawn lengths are scaled to fill the stream. So
    each epoch has the same number of steps.

    Args:
        length: Steps of the whole stream.
        steps: ``T``.
        rng: The source of the lengths.
    """
    count = min(length, round(length / (steps * (WHOLE + (1 - WHOLE) / 2))) or 1)
    around = np.where(rng.random(count) < WHOLE, steps, steps / 2)
    least = min(LEAST, max(1, steps // 2))
    drawn = rng.normal(around, deviation(steps)).clip(least, longest(steps))
    # one step for each block, and the others in proportion
    ends = np.cumsum(drawn - 1) / max((drawn - 1).sum(), 1.0) * (length - count)
    edges: Ids = np.arange(1, count) + np.round(ends[:-1]).astype(np.int64)
    return np.concatenate([np.zeros(1, np.int64), edges])


def deviation(steps: int) -> float:
    """Return the standard deviation of lengths around ``T``."""
    return min(DEVIATION, steps / 4)


def longest(steps: int) -> int:
    """Return the most steps that are drawn: three standard deviations above ``T``."""
    return steps + round(3 * deviation(steps))
