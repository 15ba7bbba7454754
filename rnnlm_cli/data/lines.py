"""Ids to blocks of whole lines, for a model that reads each line from both sides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnlm_cli.data.streams import Block
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.storage import Stored, chunks

LONGEST_LINE = 500
"""Maximum tokens per line; a longer line is read as several."""


class LineBlocks:
    """A text as separate lines, for a bidirectional model.

    A block holds lines of one length, so there is no padding, and a line's score does not depend on
    other lines. The blocks are in a fixed shuffled order. Every token is predicted once, except the
    ends of lines.
    """

    continuous = False

    def __init__(self, corpus: Corpus, end_of_line: int, tokens: int) -> None:
        """Sort the lines.

        Args:
            corpus: The text.
            end_of_line: The id that ends a line; a model reads it before and after each line.
            tokens: Approximate number of tokens per block.

        Raises:
            CorpusError: No line has a token.
        """
        self._ids, self._end_of_line = corpus.ids, end_of_line
        ends = places_of(end_of_line, corpus.ids)
        edges = np.concatenate([[-1], ends, [len(corpus.ids)]])
        starts, lengths = cut_lines(edges)
        if not len(starts):
            raise CorpusError(f"{corpus.name}: has no line with a token; use another text")
        order = np.argsort(lengths, kind="stable")
        self._starts, self._lengths = starts[order], lengths[order]
        self._parts = equal_parts(self._lengths, tokens)
        np.random.default_rng(0).shuffle(self._parts)
        self.streams = max(stop - start for start, stop in self._parts)

    def in_epoch(self, epoch: int) -> LineBlocks:
        """The order is the same in every epoch."""
        return self

    def __len__(self) -> int:
        return len(self._parts)

    def __getitem__(self, number: int) -> Block:
        if not 0 <= number < len(self):
            raise IndexError(number)
        start, stop = self._parts[number]
        steps = np.arange(self._lengths[start])[:, np.newaxis]  # (T, 1)
        words = self._ids[self._starts[start:stop] + steps]  # (T, B)
        inputs = both_ways(words, self._end_of_line)
        return Block(inputs, words.astype(np.int64), begins=True)

    def __iter__(self) -> Iterator[Block]:
        return (self[number] for number in range(len(self)))


def places_of(token: int, ids: Stored) -> Ids:
    """Return the positions of a token, ascending."""
    found = [
        chunk.start + np.flatnonzero(np.asarray(ids[chunk]) == token) for chunk in chunks(len(ids))
    ]
    return np.concatenate([np.empty(0, np.int64), *found])


def both_ways(words: Ids, end_of_line: int) -> Ids:
    """Return the inputs of both directions, shifted by one: ``(T, B)`` to ``(2, T, B)``.

    The first direction holds the token before each word. The second holds, from the last word to
    the first, the token after it. Both begin with an end of line.
    """
    edge = np.full_like(words[:1], end_of_line)
    from_left = np.concatenate([edge, words[:-1]])
    from_right = np.concatenate([edge, words[:0:-1]])
    return np.stack([from_left, from_right])


def cut_lines(edges: Ids) -> tuple[Ids, Ids]:
    """Return start and length ``(L,)`` of every piece of at most ``LONGEST_LINE`` tokens.

    Args:
        edges: Positions of the ends of lines, ascending; the tokens are between them.
    """
    starts, lengths = edges[:-1] + 1, np.diff(edges) - 1
    count = -(-lengths // LONGEST_LINE)  # pieces of each line
    line = np.repeat(np.arange(len(starts)), count)
    piece = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    begin = piece * LONGEST_LINE
    return starts[line] + begin, np.minimum(lengths[line] - begin, LONGEST_LINE)


def equal_parts(lengths: Ids, tokens: int) -> list[tuple[int, int]]:
    """Split sorted lengths into ranges ``(start, stop)`` of one length, about ``tokens`` each."""
    _, first, count = np.unique(lengths, return_index=True, return_counts=True)
    return [
        (start, min(start + step, begin + many))
        for begin, many in zip(first.tolist(), count.tolist(), strict=True)
        for step in [max(1, tokens // int(lengths[begin]))]
        for start in range(begin, begin + many, step)
    ]
