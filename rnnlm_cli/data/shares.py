"""The share of a text's streams that one of several ranks has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnlm_cli.data.streams import Block, TextBlocks, Whole
from rnnlm_cli.system.arrays import IGNORED


def share_of(streams: int, rank: int, ranks: int) -> slice:
    """Return which of ``streams`` a rank has: contiguous, and as many as the others, or one more.

    >>> [share_of(5, rank, 3) for rank in range(3)]
    [slice(0, 1, None), slice(1, 3, None), slice(3, 5, None)]
    """
    return slice(streams * rank // ranks, streams * (rank + 1) // ranks)


class ShareOfBlocks:
    """Some streams of each block of a text; the ranks together have all of them.

    Every rank has the same number of blocks. One without a stream in a block has the first one with
    all its targets ignored, so that it goes through the same steps and adds nothing.

    Each rank has the whole text: what it reads of it is in ``__getitem__`` alone.

    Attributes:
        own: The streams that this rank has, if all blocks have the same number; it may be empty.
    """

    def __init__(self, blocks: TextBlocks, rank: int, ranks: int) -> None:
        """Take the share of ``rank`` (from 0) of ``ranks``."""
        self._whole, self._rank, self._ranks = blocks, rank, ranks
        self.continuous = blocks.continuous
        self.own = share_of(blocks.streams, rank, ranks)
        self.streams = max(1, self.own.stop - self.own.start)

    def in_epoch(self, epoch: int) -> ShareOfBlocks:
        """Return the share of the blocks in the order of an epoch."""
        return ShareOfBlocks(self._whole.in_epoch(epoch), self._rank, self._ranks)

    def __len__(self) -> int:
        return len(self._whole)

    def __getitem__(self, number: int) -> Block:
        block = self._whole[number]
        own = share_of(block.streams, self._rank, self._ranks)
        is_empty = own.start == own.stop
        if is_empty:
            own = slice(0, 1)
        targets, padding = block.targets[:, own], block.padding
        if padding is None:
            padding = np.zeros(block.targets.shape, bool)
        present, padding = (~padding).sum(axis=1), padding[:, own]
        if is_empty:
            targets, padding = np.full_like(targets, IGNORED), np.ones_like(padding)
        counted = int(np.count_nonzero(block.targets != IGNORED))
        whole = Whole(block.streams, own.start, counted, present)
        inputs = block.inputs[..., own]
        return Block(inputs, targets, block.begins, padding, block.rate, whole)

    def __iter__(self) -> Iterator[Block]:
        return (self[number] for number in range(len(self)))
