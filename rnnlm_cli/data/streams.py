"""Ids to blocks ``(T, B)``: parallel streams of one text, ``T`` steps at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.arrays import IGNORED, Bools, Ids
from rnnlm_cli.text.corpus import Corpus

READ_AHEAD = 1 << 18
"""Approximate number of tokens per read: long reads are faster for a text on disk."""


class Whole(NamedTuple):
    """The block that a block has only some streams of; a rank has them (``train/parallel.py``)."""

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
    """

    continuous = True

    def __init__(self, corpus: Corpus, streams: int, steps: int) -> None:
        """Divide the text into streams.

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

        self._ahead = range(0)  # the steps in self._read
        self._read: Block

    def in_epoch(self, epoch: int) -> Blocks:
        """Every epoch reads the text from its beginning."""
        return self

    def __len__(self) -> int:
        return -(-int(self._lengths[0]) // self._steps)

    def __getitem__(self, number: int) -> Block:
        if not 0 <= number < len(self):
            raise IndexError(number)
        begin = number * self._steps
        end = min(begin + self._steps, int(self._lengths[0]))
        if begin not in self._ahead or end > self._ahead.stop:
            blocks = max(1, READ_AHEAD // (self.streams * self._steps))
            self._ahead = range(begin, min(begin + blocks * self._steps, int(self._lengths[0])))
            self._read = self._block(self._ahead)
        part = slice(begin - self._ahead.start, end - self._ahead.start)
        return Block(self._read.inputs[part].copy(), self._read.targets[part].copy())

    def _block(self, steps: range) -> Block:
        step = np.arange(steps.start, steps.stop)[:, np.newaxis]  # (T, 1)
        place = np.minimum(self._starts + step, len(self._ids) - 2)  # (T, B)
        targets = self._ids[place + 1].astype(np.int64)
        targets[step >= self._lengths] = IGNORED
        return Block(self._ids[place], targets)

    def __iter__(self) -> Iterator[Block]:
        return (self[number] for number in range(len(self)))
