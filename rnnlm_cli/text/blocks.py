"""Ids to blocks ``(T, B)``: parallel streams through one text, a few steps at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.corpus import Corpus, Ids

IGNORED = -1
"""The target past a stream's end, which every output layer leaves out."""


class Block(NamedTuple):
    """What a model reads in one go, and what it is to predict."""

    inputs: Ids  # (T, B)
    targets: Ids  # (T, B) int64, the next token; -1 past a stream's end


class Blocks:
    """A text as ``B`` contiguous streams of nearly equal length, cut into blocks of ``T`` steps.

    Of ``N`` tokens the first is given and ``N-1`` are predicted, each exactly once, however many
    streams and steps there are: 1,000 tokens in two streams start at the tokens 0 and 500. Where
    streams differ by one in length, the shorter ones end on an ignored target.
    """

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
        self._ids = corpus.ids
        self._steps = steps
        shortest, longer = divmod(tokens - 1, streams)
        lengths = np.full(streams, shortest)
        lengths[:longer] += 1
        self._lengths = lengths  # (B,) predicted tokens of each stream
        self._starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])  # (B,)

    @property
    def streams(self) -> int:
        """``B``."""
        return len(self._starts)

    def __len__(self) -> int:
        return -(-int(self._lengths[0]) // self._steps)

    def __getitem__(self, number: int) -> Block:
        if not 0 <= number < len(self):
            raise IndexError(number)
        begin = number * self._steps
        end = min(begin + self._steps, int(self._lengths[0]))
        step = np.arange(begin, end)[:, np.newaxis]  # (T, 1)
        place = np.minimum(self._starts + step, len(self._ids) - 2)  # (T, B)
        targets = self._ids[place + 1].astype(np.int64)
        targets[step >= self._lengths] = IGNORED
        return Block(self._ids[place], targets)

    def __iter__(self) -> Iterator[Block]:
        return (self[number] for number in range(len(self)))
