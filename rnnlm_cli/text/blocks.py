"""Ids to blocks ``(T, B)``: streams through one text, a few steps at a time, or whole lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.corpus import Corpus, Ids
from rnnlm_cli.text.storage import Stored, chunks

IGNORED = -1
"""The target past a stream's end, which every output layer leaves out."""


READ_AHEAD = 1 << 18
"""About so many tokens are read at once: a text on disk is read in few and long pieces."""


class Block(NamedTuple):
    """What a model reads in one go, and what it is to predict."""

    inputs: Ids  # (T, B); (2, T, B) for both directions
    targets: Ids  # (T, B) int64, the next token; -1 past a stream's end

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


LONGEST_LINE = 500
"""A longer line is read as several."""


class LineBlocks:
    """A text as lines, each for itself, for a model that reads them from both sides.

    Lines of one length are read together, so that nothing is padded and a line's figures do not
    depend on its neighbours. The blocks come in a fixed order that is not that of their lengths.
    Every token but the ends of lines is predicted, once.
    """

    continuous = False

    def __init__(self, corpus: Corpus, end_of_line: int, tokens: int) -> None:
        """Sort the lines.

        Args:
            corpus: The text.
            end_of_line: The id that ends a line; it is also what stands before and after one.
            tokens: About so many in a block.

        Raises:
            CorpusError: There is no line with a token.
        """
        self._ids, self._end_of_line = corpus.ids, end_of_line
        ends = places_of(end_of_line, corpus.ids)
        edges = np.concatenate([[-1], ends, [len(corpus.ids)]])
        starts, lengths = cut_lines(edges)
        if not len(starts):
            raise CorpusError(f"{corpus.name}: has no line with a token; take another text")
        order = np.argsort(lengths, kind="stable")
        self._starts, self._lengths = starts[order], lengths[order]
        self._parts = equal_parts(self._lengths, tokens)
        np.random.default_rng(0).shuffle(self._parts)
        self.streams = max(stop - start for start, stop in self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __getitem__(self, number: int) -> Block:
        if not 0 <= number < len(self):
            raise IndexError(number)
        start, stop = self._parts[number]
        steps = np.arange(self._lengths[start])[:, np.newaxis]  # (T, 1)
        words = self._ids[self._starts[start:stop] + steps]  # (T, B)
        return Block(both_ways(words, self._end_of_line), words.astype(np.int64))

    def __iter__(self) -> Iterator[Block]:
        return (self[number] for number in range(len(self)))


def places_of(token: int, ids: Stored) -> Ids:
    """Return where a token stands, ascending."""
    found = [
        chunk.start + np.flatnonzero(np.asarray(ids[chunk]) == token) for chunk in chunks(len(ids))
    ]
    return np.concatenate([np.empty(0, np.int64), *found])


def both_ways(words: Ids, end_of_line: int) -> Ids:
    """Return what stands before each word, and after it from the end: ``(T, B)`` to ``(2, T, B)``.

    Before the first and after the last stands an end of line.
    """
    edge = np.full_like(words[:1], end_of_line)
    from_left = np.concatenate([edge, words[:-1]])
    from_right = np.concatenate([edge, words[:0:-1]])
    return np.stack([from_left, from_right])


def cut_lines(edges: Ids) -> tuple[Ids, Ids]:
    """Return start and length ``(L,)`` of every piece of at most ``LONGEST_LINE`` tokens.

    Args:
        edges: Places of the ends of lines, ascending; the tokens stand between them.
    """
    starts, lengths = edges[:-1] + 1, np.diff(edges) - 1
    count = -(-lengths // LONGEST_LINE)  # pieces of each line
    line = np.repeat(np.arange(len(starts)), count)
    piece = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    begin = piece * LONGEST_LINE
    return starts[line] + begin, np.minimum(lengths[line] - begin, LONGEST_LINE)


def equal_parts(lengths: Ids, tokens: int) -> list[tuple[int, int]]:
    """Cut sorted lengths into ranges ``(start, stop)`` of equal ones, about so many tokens each."""
    _, first, count = np.unique(lengths, return_index=True, return_counts=True)
    return [
        (start, min(start + step, begin + many))
        for begin, many in zip(first.tolist(), count.tolist(), strict=True)
        for step in [max(1, tokens // int(lengths[begin]))]
        for start in range(begin, begin + many, step)
    ]
