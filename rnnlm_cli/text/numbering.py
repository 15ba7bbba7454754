"""A text as numbers of its types, before a vocabulary turns them into ids."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.facts import TextFacts
from rnnlm_cli.text.reader import DEFAULT_LIMITS, Limits, Source, display_name, read_pieces
from rnnlm_cli.text.sizes import SizeChanges
from rnnlm_cli.text.storage import Storage, Stored, sha256

PART = 1 << 20
"""Tokens per part that is passed on."""

LINE_END = "\n"
"""The type of the token added at each line's end. No word or character within a line equals it, so
a word of the text that is spelled like the token stays distinct."""

Counts = npt.NDArray[np.int64]


class Types(dict[str, int]):
    """Numbers by type; a new type gets the next number."""

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self)
        return number


@dataclass(frozen=True)
class NumberedText:
    """A text as numbers.

    Attributes:
        numbers: ``(N,)``, the type's number of each token.
        names: The types by number, ``LINE_END`` for the token at lines' ends.
        codec: The codec that split the text.
        line_end: The number of the token added at lines' ends; ``None`` if none is added.
        marks: The numbers of the words that look like line marks: those of other programs, and the
            word spelled like the token at lines' ends.
        changes: Where the text's sizes differ from the tokens'.
        sources: The name of each file, and the index of its first token.
        lines: Number of lines.
        returns: Number of carriage returns without a newline after them.
    """

    numbers: Stored
    names: list[str]
    codec: Codec
    line_end: int | None
    marks: dict[str, int]
    changes: SizeChanges
    sources: list[tuple[str, int]]
    lines: int
    returns: int

    @property
    def spelled_alike(self) -> int | None:
        """The number of the word spelled like the token at lines' ends."""
        return self.marks.get(str(self.codec.end_of_line))

    def types(self, counts: Counts) -> tuple[list[str], Counts]:
        """Return the types for a vocabulary, and their counts.

        A word spelled like the token at lines' ends is merged with it: the first of the two gets
        both counts, the second becomes ``LINE_END`` with a count of zero.
        """
        if self.line_end is None:
            return self.names, counts
        alike = self.line_end if self.spelled_alike is None else self.spelled_alike
        first, second = sorted((self.line_end, alike))
        names, merged = list(self.names), counts.copy()
        names[second], names[first] = LINE_END, str(self.codec.end_of_line)
        if first != second:
            merged[first] += merged[second]
            merged[second] = 0
        return names, merged

    def facts(self, counts: Counts) -> TextFacts:
        """Return the facts of the text; ``counts (types,)`` are those of all tokens."""
        marks = {mark: int(counts[k]) for mark, k in self.marks.items() if counts[k]}
        starts = tuple(start for _, start in self.sources)
        return TextFacts(self.lines, self.returns, marks, starts, tuple(self._equal_sources()))

    def _equal_sources(self) -> Iterator[tuple[str, str]]:
        """Pair each source with an earlier one of the same tokens, if there is one."""
        names = [name for name, _ in self.sources]
        edges = [*(start for _, start in self.sources), len(self.numbers)]
        parts = [slice(*pair) for pair in pairwise(edges)]
        often = Counter(part.stop - part.start for part in parts)
        first: dict[tuple[int, bytes], str] = {}
        for name, part in zip(names, parts, strict=True):
            if often[part.stop - part.start] == 1:  # a unique length needs no comparison
                continue
            content = sha256(self.numbers[part]).digest()
            other = first.setdefault((part.stop - part.start, content), name)
            if other is not name:
                yield other, name


def number_text(
    sources: Sequence[Source],
    codec: Codec,
    storage: Storage,
    first: Iterable[str] = (),
    always: Iterable[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> NumberedText:
    """Read a text and number its types.

    The dictionary of types is freed afterwards: with ten million types it is the largest object in
    memory.

    Args:
        sources: Read in order as one text.
        codec: Splits the text into tokens.
        storage: Where to keep the numbers.
        first: Types that get the first numbers, in this order.
        always: Types that get a number even if they do not occur in the text.
        limits: Limits on the text held in memory.

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8.
    """
    types = Types({token: number for number, token in enumerate(first)})
    numbering = _Numbering(codec, codec.reading_limits(limits), types)
    numbers = storage.collect(numbering.parts(sources))
    end = codec.end_of_line
    for token in always:
        types[LINE_END if token == end else token]
    marks = {*codec.marks} if end is None else {*codec.marks, end}
    return NumberedText(
        numbers,
        list(types),
        codec,
        None if end is None else types[LINE_END],
        {mark: types[mark] for mark in sorted(marks & types.keys())},
        numbering.changes,
        numbering.sources,
        numbering.lines,
        numbering.returns,
    )


class _Numbering:
    """Numbers the tokens of a text, and records facts that the numbers do not show."""

    def __init__(self, codec: Codec, limits: Limits, types: Types) -> None:
        self.changes = SizeChanges()
        self.sources: list[tuple[str, int]] = []
        self.lines = self.returns = 0
        self._codec, self._limits, self._types = codec, limits, types
        self._read = 0  # tokens passed on

    def parts(self, sources: Iterable[Source]) -> Iterator[array[int]]:
        """Yield the numbers of a text part by part, and add new types."""
        for source in sources:
            name, start = display_name(source), self._read
            self.sources.append((name, start))
            yield from self._of_source(source)
            if self._read == start:
                raise CorpusError(f"{name}: the text is empty; name one with tokens")

    def _of_source(self, source: Source) -> Iterator[array[int]]:
        split, number_of = self._codec.split, self._types.__getitem__
        lowercase, end = self._codec.lowercase, self._codec.end_of_line
        lines = returns = 0
        numbers = array("I")
        for text, ends_line in read_pieces(source, self._limits):
            if lowercase and not text.isascii():
                self._note_changes(self._read + len(numbers), text)
            if "\r" in text:
                returns += text.count("\r")
            numbers.extend(map(number_of, split(text)))
            if ends_line:
                lines += 1
                if end is not None:
                    numbers.append(number_of(LINE_END))
            if len(numbers) >= PART:
                self._read += len(numbers)
                yield numbers
                numbers = array("I")
        self._read += len(numbers)
        self.lines += lines
        self.returns += returns
        yield numbers

    def _note_changes(self, place: int, text: str) -> None:
        for k, original, token in self._codec.changed_sizes(text):
            self.changes.note(place + k, original, token)
