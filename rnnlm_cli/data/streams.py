"""Ids to blocks ``(T, B)``: streams through one text, a few steps at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.arrays import IGNORED, Ids
from rnnlm_cli.text.corpus import Corpus

READ_AHEAD = 1 << 18
"""About so many tokens are read at once: a text on disk is read in few and long pieces."""


class Block(NamedTuple):
    """What a model reads in one go, and what it is to predict."""

    inputs: Ids  # (T, B); (2, T, B) for both directions
    targets: Ids  # (T, B) int64, the next token; -1 past a stream's end

    @property
    def steps(self) -> int:
        """``T``."""
        return int(self.targets.shape[0])

    @property
    def streams(self) -> int:
        """``B``."""
        return int(self.targets.shape[1])


class TextBlocks(Protocol):
    """A text cut into blocks."""

    continuous: bool  # whether a block goes on where the one before ended
    streams: int  # ``B``, at most

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> Block: ...

    def __iter__(self) -> Iterator[Block]: ...


def blocks_of(ids: Ids, steps: int) -> Iterator[Block]:
    """Give one stream of ids ``(N,)`` in blocks of at most ``steps``; the first id is given."""
    for begin in range(0, len(ids) - 1, steps):
        end = min(begin + steps, len(ids) - 1)
        targets = ids[begin + 1 : end + 1, np.newaxis].astype(np.int64)
        yield Block(ids[begin:end, np.newaxis], targets)


class Blocks:
    """A text as ``B`` contiguous streams of nearly equal length, cut into blocks of ``T`` steps.

    Of ``N`` tokens the first is given and ``N-1`` are predicted, each exactly once, however many
    streams and steps there are: 1,000 tokens in two streams start at the tokens 0 and 500. Where
    streams differ by one in length, the shorter ones end on an ignored target.
    """

    continuous = True

    def __init__(self, corpus: Corpus, streams: int, steps: int) -> None:
        """Lay the streams out.

        Raises:
            CorpusError: There are fewer than two tokens a stream.
        """
        tokens = len(corpus)
        if tokens < 2 * streams:
            raise CorpusError(
                f"{corpus.name}: {tokens} token{'s' * (tokens != 1)} cannot fill {streams} "
                f"stream{'s' * (streams != 1)} of at least two; "
                + ("take a longer text" if tokens < 4 else f"take at most {tokens // 2} streams")
            )
        self.streams = streams
        self._ids = corpus.ids
        self._steps = steps
        shortest, longer = divmod(tokens - 1, streams)
        lengths = np.full(streams, shortest)
        lengths[:longer] += 1
        self._lengths = lengths  # (B,) predicted tokens of each stream
        self._starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])  # (B,)

        self._ahead = range(0)  # steps that were read
        self._read: Block

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
