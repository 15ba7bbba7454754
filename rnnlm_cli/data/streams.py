"""Ids to blocks ``(T, B)``: parallel streams of one text, ``T`` steps at a time."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import NamedTuple, Protocol

import numpy as np

from rnnlm_cli.data.variation import Variation
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.arrays import IGNORED, Bools, Ids
from rnnlm_cli.text.corpus import Corpus

READ_AHEAD = 1 << 18
"""Approximate number of tokens per read: long reads are faster for a text on disk."""


class Whole(NamedTuple):
    """The block that a block has only some streams of; a rank has them (``train/group.py``)."""

    streams: int  # B of the whole block
    first: int  # the first of them that is here
    counted: int  # targets of all streams that are not ignored
    present: Ids  # (T,), streams that are not padding at each step


class Block(NamedTuple):
    """The inputs of one block, and the targets to predict."""

    inputs: Ids  # (T, B); (2, T, B) for both directions
    targets: Ids  # (T, B) int64, the next token; -1 past a stream's or a line's end
    begins: bool = False  # at the zero state, not at the state after the block before
    padding: Bools | None = None  # (T, B), the steps after the end of a line that is shorter
    rate: float = 1.0  # factor on the learning rate of its step
    whole: Whole | None = None  # if these are only some of its streams

    @property
    def steps(self) -> int:
        """``T``."""
        return int(self.targets.shape[0])

    @property
    def streams(self) -> int:
        """``B``."""
        return int(self.targets.shape[1])


class TextBlocks(Protocol):
    """A text split into blocks."""

    continuous: bool  # whether a block can continue where the one before ended
    streams: int  # the largest ``B``

    def in_epoch(self, epoch: int) -> TextBlocks:
        """Return the blocks in the order of an epoch, from 0; their number is always the same."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> Block: ...

    def __iter__(self) -> Iterator[Block]: ...


def blocks_of(ids: Ids, steps: int) -> Iterator[Block]:
    """Yield one stream of ids ``(N,)`` in blocks of at most ``steps``; the first is only input."""
    for begin in range(0, len(ids) - 1, steps):
        end = min(begin + steps, len(ids) - 1)
        targets = ids[begin + 1 : end + 1, np.newaxis].astype(np.int64)
        yield Block(ids[begin:end, np.newaxis], targets)


class Blocks:
    """A text as ``B`` contiguous streams of nearly equal length, split into blocks of ``T`` steps.

    For any ``B`` and ``T``, each of the ``N`` tokens except the first is predicted exactly once.
    With 1,000 tokens, two streams start at tokens 0 and 500. If lengths differ by one, the shorter
    streams end with an ignored target.

    With a ``Variation`` each epoch cuts the streams into blocks of other lengths, or begins each
    stream at another of its tokens and goes on from its end to its beginning. Each token is still
    predicted once, after the one before it; only the state is that of another place, once per
    stream. A block of another length than ``T`` has a learning rate in proportion.
    """

    continuous = True

    def __init__(
        self, corpus: Corpus, streams: int, steps: int, variation: Variation | None = None
    ) -> None:
        """Divide the text into streams.

        Args:
            corpus: The text.
            streams: ``B``.
            steps: ``T``.
            variation: What differs from epoch to epoch; ``None`` for nothing.

        Raises:
            CorpusError: There are fewer than two tokens per stream.
        """
        tokens = len(corpus)
        if tokens < 2 * streams:
            raise CorpusError(
                f"{corpus.name}: {tokens} token{'s' * (tokens != 1)} cannot fill {streams} "
                f"stream{'s' * (streams != 1)} of at least two; "
                + ("use a longer text" if tokens < 4 else f"use at most {tokens // 2} streams")
            )
        self.streams = streams
        self._ids = corpus.ids
        self._steps = steps
        shortest, longer = divmod(tokens - 1, streams)
        lengths = np.full(streams, shortest)
        lengths[:longer] += 1
        self._lengths = lengths  # (B,) predicted tokens per stream
        self._starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])  # (B,)

        self._begins: Ids | range = range(0, int(lengths[0]), steps)  # first step of each block
        self._shifts = np.zeros(streams, np.int64)  # (B,) the token of a stream that begins it
        self._variation = variation
        self._varied: tuple[int, Blocks] | None = None  # the last epoch asked for
        self._ahead = range(0)  # the steps in self._read
        self._read: Block
        if variation is not None:
            self._vary(variation, 0)

    def in_epoch(self, epoch: int) -> Blocks:
        """Return the blocks of an epoch, from 0: all the same without a variation."""
        if self._variation is None:
            return self
        if self._varied is None or self._varied[0] != epoch:
            self._varied = None  # free it first
            other = copy(self)
            other._vary(self._variation, epoch)
            self._varied = epoch, other
        return self._varied[1]

    def _vary(self, variation: Variation, epoch: int) -> None:
        """Take the lengths and places of an epoch."""
        if variation.lengths:
            self._begins = variation.begins(int(self._lengths[0]), self._steps, epoch)
        if variation.places:
            self._shifts = variation.shifts(self._lengths, epoch)
        self._ahead = range(0)

    def __len__(self) -> int:
        return len(self._begins)

    def __getitem__(self, number: int) -> Block:
        if not 0 <= number < len(self):
            raise IndexError(number)
        begin, length = int(self._begins[number]), int(self._lengths[0])
        end = int(self._begins[number + 1]) if number + 1 < len(self) else length
        if begin not in self._ahead or end > self._ahead.stop:
            blocks = max(1, READ_AHEAD // (self.streams * self._steps))
            self._ahead = range(begin, min(max(begin + blocks * self._steps, end), length))
            self._read = self._block(self._ahead)
        part = slice(begin - self._ahead.start, end - self._ahead.start)
        varied = self._variation is not None and self._variation.lengths
        rate = (end - begin) / self._steps if varied else 1.0
        return Block(self._read.inputs[part].copy(), self._read.targets[part].copy(), rate=rate)

    def _block(self, steps: range) -> Block:
        step = np.arange(steps.start, steps.stop)[:, np.newaxis]  # (T, 1)
        turned = np.where(step < self._lengths, (step + self._shifts) % self._lengths, step)
        place = np.minimum(self._starts + turned, len(self._ids) - 2)  # (T, B)
        targets = self._ids[place + 1].astype(np.int64)
        targets[step >= self._lengths] = IGNORED
        return Block(self._ids[place], targets)

    def __iter__(self) -> Iterator[Block]:
        return (self[number] for number in range(len(self)))
