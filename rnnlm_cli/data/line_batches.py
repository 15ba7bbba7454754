"""Lines of about one length together, in blocks: for tasks that read each line by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy

import numpy as np

from rnnlm_cli.data.streams import Block
from rnnlm_cli.system.arrays import Ids

SPREAD = 1.15
"""Lines whose lengths differ by less than this factor may be in one block."""


class LineBatches:
    """Blocks of ``B`` lines, or fewer, of about one length.

    Lines are sorted by length, roughly: two that differ by less than 15% are in any order. So
    little is padded, and with a seed each epoch has other blocks: the lines of about one length are
    shuffled, and then the blocks are. Both depend on seed and epoch alone, so that a resumed
    training reads what is left of its epoch.

    What a block holds of its lines is the task's: ``make`` returns it.
    """

    continuous = False

    def __init__(
        self, lengths: Ids, lines: int, make: Callable[[Ids], Block], seed: int | None = None
    ) -> None:
        """Sort the lines.

        Args:
            lengths: ``(L,)``, the tokens of each line.
            lines: ``B``, maximum lines per block.
            make: Takes the numbers of some lines ``(B,)``, and returns their block.
            seed: Shuffles each epoch; ``None`` for one fixed order, exactly by length.
        """
        self._lengths, self._make, self._seed = lengths, make, seed
        groups = -(-len(lengths) // lines)
        self._edges = np.arange(groups + 1) * len(lengths) // groups  # nearly equal groups
        self.streams = -(-len(lengths) // groups)
        self._lines = np.argsort(lengths, kind="stable")
        self._order = np.arange(groups)
        self._shuffled: tuple[int, LineBatches] | None = None  # the last epoch asked for

    def in_epoch(self, epoch: int) -> LineBatches:
        """Return the blocks of an epoch, from 0."""
        if self._seed is None:
            return self
        if self._shuffled is None or self._shuffled[0] != epoch:
            rng = np.random.default_rng([self._seed, 2, epoch])
            other = copy(self)
            mixed = rng.permutation(len(self._lengths))
            rough = np.floor(np.log(self._lengths[mixed]) / np.log(SPREAD))
            other._lines = mixed[np.argsort(rough, kind="stable")]
            other._order = rng.permutation(len(self._order))
            self._shuffled = epoch, other
        return self._shuffled[1]

    def lines_of(self, number: int) -> Ids:
        """Return which lines a block has, ``(B,)``."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        group = int(self._order[number])
        lines: Ids = self._lines[self._edges[group] : self._edges[group + 1]]
        return lines

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, number: int) -> Block:
        return self._make(self.lines_of(number))

    def __iter__(self) -> Iterator[Block]:
        return (self[number] for number in range(len(self)))
