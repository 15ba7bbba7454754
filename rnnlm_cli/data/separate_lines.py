"""Ids to blocks of lines, each read by itself from left to right."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy

import numpy as np

from rnnlm_cli.data.lines import places_of
from rnnlm_cli.data.streams import Block
from rnnlm_cli.system.arrays import IGNORED, Bools
from rnnlm_cli.text.corpus import Corpus


class SeparateLines:
    """A text as single lines, ``B`` of similar length side by side.

    A line is read after an end of line, from the zero state, and predicts its tokens and its own
    end, as ``evaluate/sequences.py`` scores it. So each of the ``N`` tokens is predicted exactly
    once, also the first. Empty lines count: they predict their end.

    Lines are sorted by length and cut into groups of ``B``, or one fewer, so that little is padded.
    A group is read in blocks of at most ``T`` steps, as equal as possible; the first begins at the
    zero state and the others continue it. So memory is bounded however long a line is, and forward
    a line is always read whole; gradients stop at the beginning of a block. All blocks have ``B``
    columns. Where a line has ended, the target is ignored and ``Block.padding`` is true.

    With a seed, each epoch has its own order of the groups, and of the lines of one length. It
    depends on seed and epoch alone, so that a resumed training reads what is left of its epoch.
    """

    continuous = True

    def __init__(
        self, corpus: Corpus, end_of_line: int, lines: int, steps: int, seed: int | None = None
    ) -> None:
        """Sort the lines.

        Args:
            corpus: The text.
            end_of_line: The id that ends a line; it is also read before each line.
            lines: ``B``, maximum lines per block.
            steps: ``T``, maximum steps per block.
            seed: Shuffles each epoch; ``None`` for one fixed order.
        """
        self._ids, self._end_of_line, self._seed = corpus.ids, end_of_line, seed
        ends = places_of(end_of_line, corpus.ids)
        if not len(ends) or ends[-1] < len(corpus) - 1:  # the last line lacks its end
            ends = np.append(ends, len(corpus) - 1)
        lengths = np.diff(ends, prepend=-1)  # (L,) with the end
        order = np.argsort(lengths, kind="stable")
        self._lengths = lengths[order].astype(np.min_scalar_type(lengths.max()))
        self._starts = ends[order] - lengths[order] + 1  # (L,)
        groups = -(-len(ends) // lines)
        self._edges = np.arange(groups + 1) * len(ends) // groups  # nearly equal groups
        self.streams = -(-len(ends) // groups)
        longest = self._lengths[self._edges[1:] - 1].astype(np.int64)  # (groups,)
        self._parts = -(-longest // steps)  # blocks per group
        self._order = np.arange(groups)
        self._after = np.cumsum(self._parts)  # the number of the first block after each group
        self._shuffled: tuple[int, SeparateLines] | None = None  # the last epoch asked for

    def in_epoch(self, epoch: int) -> SeparateLines:
        """Return the blocks in the order of an epoch, from 0."""
        if self._seed is None:
            return self
        if self._shuffled is None or self._shuffled[0] != epoch:
            self._shuffled = None  # free it first
            self._shuffled = epoch, self._in_order_of(np.random.default_rng([self._seed, 2, epoch]))
        return self._shuffled[1]

    def _in_order_of(self, rng: np.random.Generator) -> SeparateLines:
        """Shuffle the lines of each length among themselves, and all groups."""
        other = copy(self)
        other._starts = self._starts.copy()
        _, first = np.unique(self._lengths, return_index=True)
        for same in np.split(other._starts, first[1:]):  # views
            rng.shuffle(same)
        other._order = rng.permutation(len(self._order))
        other._after = np.cumsum(self._parts[other._order])
        return other

    def __len__(self) -> int:
        return int(self._after[-1])

    def __getitem__(self, number: int) -> Block:
        if not 0 <= number < len(self):
            raise IndexError(number)
        place = int(np.searchsorted(self._after, number, side="right"))
        group = int(self._order[place])
        parts = int(self._parts[group])
        part = number - int(self._after[place]) + parts
        lines = slice(*self._edges[group : group + 2])
        starts, lengths = self._starts[lines], self._lengths[lines].astype(np.int64)
        if len(starts) < self.streams:  # one line fewer: a column of padding
            starts, lengths = np.append(starts, 0), np.append(lengths, 0)
        longest = int(lengths.max())
        steps = np.arange(longest * part // parts, longest * (part + 1) // parts)
        padding: Bools = steps[:, np.newaxis] >= lengths  # (T, B)
        places = np.where(padding, 0, starts + steps[:, np.newaxis])
        before = self._ids[np.maximum(places - 1, 0)]  # the end of the line before, or a word
        first = steps[:, np.newaxis] == 0  # the text may begin, or be cut, within a line
        inputs = np.where(padding | first, self._end_of_line, before)
        targets = np.where(padding, IGNORED, self._ids[places].astype(np.int64))
        return Block(inputs, targets, begins=part == 0, padding=padding if padding.any() else None)

    def __iter__(self) -> Iterator[Block]:
        return (self[number] for number in range(len(self)))
