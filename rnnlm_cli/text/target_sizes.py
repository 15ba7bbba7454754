"""The characters, bytes and words of a text that its targets stand for; see ``sizes.py``."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np

from rnnlm_cli.text.codec.base import LINE_END
from rnnlm_cli.text.codec.spacing import Flags, Spacing
from rnnlm_cli.text.numbering import Counts, NumberedText


class TextSize(NamedTuple):
    """The size of a text.

    Attributes:
        characters: Number of characters.
        bytes: Number of UTF-8 bytes.
        words: Words between white space, and ends of lines.
        tokens: Number of tokens.
    """

    characters: int
    bytes: int
    words: int
    tokens: int


class _WordEdges(NamedTuple):
    """What each type says about words, ``(types,)`` each.

    Attributes:
        begins: Whether its text begins with a part of a word.
        inside: Number of words that begin later in its text.
        blank_end: Whether its text ends in white space.
    """

    begins: Flags
    inside: Counts
    blank_end: Flags


class TargetSizes:
    """Sums over the targets of a text's parts."""

    def __init__(self, text: NumberedText) -> None:
        self._text = text

    def of(self, start: int, stop: int, counts: Counts, given: int, ends: bool = False) -> TextSize:
        """Return the size of a part's targets.

        Args:
            start: The index of the part's first token.
            stop: The index after its last token.
            counts: ``(types,)``, how often each type is a target.
            given: How many of its tokens are not targets; with 0 each line is read by itself.
            ends: Whether lines' ends are targets then; with ``given`` 1 they are.
        """
        text, counts = self._text, counts.copy()
        edges = [k for k in (text.line_end, text.spelled_alike) if k is not None]
        if given == 0 and not ends:
            counts[edges] = 0
        else:
            edges = []
        separators, words = self._between(start, stop, edges)
        if given == 0 and stop > start:  # no token is before the first target
            words += int(self._edges.begins[text.number_at(start)])
        changed = text.changes_between(start + given, stop)
        characters, size = (int(counts @ one) for one in self._sizes)
        words += int(counts @ self._edges.inside)
        if (newline := self._newline) is not None:
            words += int(counts[newline])
        return TextSize(
            characters + separators + changed.characters,
            size + separators + changed.bytes,
            words,
            int(counts.sum()),
        )

    def _between(self, start: int, stop: int, left_out: list[int]) -> tuple[int, int]:
        """Count the separators and the beginnings of words at all tokens but the first.

        Args:
            start: The index of the first token.
            stop: The index after the last one.
            left_out: Types that are not targets.
        """
        separators = words = 0
        line_end = self._text.line_end
        for before, token in self._text.pairs(start, stop):
            separated = self._spacing.separated(before, token)
            new = self._edges.blank_end[before]
            if line_end is not None:
                separated &= (before != line_end) & (token != line_end)
                new |= before == line_end
            target = ~np.isin(token, left_out) if left_out else True
            separators += int(np.count_nonzero(separated & target))
            words += int(np.count_nonzero((separated | new) & self._edges.begins[token] & target))
        found = self._text.readers.gather((separators, words))
        return sum(one for one, _ in found), sum(one for _, one in found)

    @cached_property
    def _spacing(self) -> Spacing:
        return self._text.codec.spacing(self._text.names)

    @cached_property
    def _edges(self) -> _WordEdges:
        """Look at the text of every type."""
        names = self._text.names
        rows = chain.from_iterable(map(_edges_of, map(self._text.codec.surface, names)))
        begins, inside, blank_end = np.fromiter(rows, np.int64, 3 * len(names)).reshape(-1, 3).T
        return _WordEdges(begins != 0, inside, blank_end != 0)

    @cached_property
    def _sizes(self) -> tuple[Counts, Counts]:
        return self._text.codec.sizes(self._text.names)

    @cached_property
    def _newline(self) -> int | None:
        """The type of lines' ends, which is the newline among characters."""
        names = self._text.names
        return names.index(LINE_END) if LINE_END in names else None


def _edges_of(surface: str) -> tuple[bool, int, bool]:
    """Return what the text of a type says, in the order of ``_WordEdges``."""
    if not surface:
        return False, 0, False
    begins = not surface[0].isspace()
    return begins, len(surface.split()) - begins, surface[-1].isspace()
