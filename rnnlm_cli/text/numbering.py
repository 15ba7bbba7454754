"""A text as numbers of its types, before a vocabulary turns them into ids."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.codec.base import LINE_END, Codec
from rnnlm_cli.text.facts import TextFacts
from rnnlm_cli.text.held_out import cut_after
from rnnlm_cli.text.normal import is_decomposed
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import DEFAULT_LIMITS, Limits, Source, display_name, read_blocks
from rnnlm_cli.text.readers import ONE, Readers
from rnnlm_cli.text.sizes import Size, SizeChanges
from rnnlm_cli.text.storage import Storage, Stored, chunks, count, sha256
from rnnlm_cli.text.word_numbers import WordNumbers

PART = 1 << 20
"""Tokens per part that is passed on."""

Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[Any]


class Types(dict[str, int]):
    """Numbers by type; a new type gets the next number."""

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self)
        return number


@dataclass(frozen=True)
class NumberedText:
    """A text as numbers.

    Each of several processes has those of its part, and all ask together what is asked about the
    text.

    Attributes:
        numbers: ``(n,)``, the type's number of each token of this process's part.
        names: The types by number, ``LINE_END`` for the token at lines' ends.
        codec: The codec that split the text.
        line_end: The number of the token added at lines' ends; ``None`` if none is added.
        marks: The numbers of the words that look like line marks: those of other programs, and the
            word spelled like the token at lines' ends.
        changes: Where the part's sizes differ from the tokens'.
        sources: The name of each file, and the index of its first token.
        noticed: What was noticed about its lines: the facts that do not depend on the tokens.
        cut: The index of the first token after ``kept`` characters; ``None`` if that was not asked.
        begin: The number of tokens before the part.
        before: The number of the last of them; ``None`` for none.
        after: The number of tokens after the part.
        readers: The processes.
    """

    numbers: Stored
    names: list[str]
    codec: Codec
    line_end: int | None
    marks: dict[str, int]
    changes: SizeChanges
    sources: list[tuple[str, int]]
    noticed: TextFacts
    cut: int | None = None
    begin: int = 0
    before: int | None = None
    after: int = 0
    readers: Readers = ONE

    def __len__(self) -> int:
        return self.begin + len(self.numbers) + self.after

    def own(self, start: int, stop: int) -> range:
        """Return which of the tokens ``start`` to ``stop - 1`` this process has."""
        first = max(start, self.begin)
        return range(first, max(first, min(stop, self.begin + len(self.numbers))))

    def of(self, own: range) -> Stored:
        """Return the numbers of some tokens that this process has."""
        return self.numbers[own.start - self.begin : own.stop - self.begin]

    def counts(self, start: int, stop: int) -> Counts:
        """Count the types of the tokens ``start`` to ``stop - 1``, ``(types,)``."""
        found = count(self.of(self.own(start, stop)), len(self.names))
        self.readers.sum(found)
        return found

    def number_at(self, place: int) -> int:
        """Return the number of the token at an index."""
        own = self.own(place, place + 1)
        return max(self.readers.gather(int(np.asarray(self.of(own))[0]) if own else -1))

    def pairs(self, start: int, stop: int) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield the tokens ``start`` to ``stop - 1`` but the first, after those before them.

        Of several processes each has those of its part: ``(n,)`` and ``(n,)``, several times.
        """
        own = self.own(start + 1, stop)
        if not own:
            return
        last = self.before
        if own.start > self.begin:
            last = int(np.asarray(self.of(range(own.start - 1, own.start)))[0])
        numbers = self.of(own)
        for chunk in chunks(len(own)):
            tokens = np.asarray(numbers[chunk])
            yield np.concatenate([np.array([last], tokens.dtype), tokens[:-1]]), tokens
            last = int(tokens[-1])

    def changes_between(self, start: int, stop: int) -> Size:
        """Return by how much the text of some tokens is longer than they are."""
        own = self.changes.between(start - self.begin, stop - self.begin)
        return Size(*map(sum, zip(*self.readers.gather(own), strict=True)))

    @property
    def spelled_alike(self) -> int | None:
        """The number of the word spelled like the token at lines' ends."""
        return self.marks.get(str(self.codec.end_of_line))

    def token_at(self, place: int) -> str:
        """Return the token at an index."""
        number = self.number_at(place)
        return str(self.codec.end_of_line) if number == self.line_end else self.names[number]

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
        twice = tuple(self._equal_sources())
        words = counts if self.line_end is None else np.delete(counts, self.line_end)
        return replace(
            self.noticed,
            words=marks,
            starts=starts,
            twice=twice,
            types=int(np.count_nonzero(words)),
            once=int(np.count_nonzero(words == 1)),
        )

    def _equal_sources(self) -> Iterator[tuple[str, str]]:
        """Pair each source with an earlier one of the same tokens, if there is one."""
        names = [name for name, _ in self.sources]
        edges = [*(start for _, start in self.sources), len(self)]
        parts = [slice(*pair) for pair in pairwise(edges)]
        often = Counter(part.stop - part.start for part in parts)
        first: dict[tuple[int, bytes], str] = {}
        for name, part in zip(names, parts, strict=True):
            if often[part.stop - part.start] == 1:  # a unique length needs no comparison
                continue
            content = self._digest(part.start, part.stop)
            other = first.setdefault((part.stop - part.start, content), name)
            if other is not name:
                yield other, name

    def _digest(self, start: int, stop: int) -> bytes:
        """Return the SHA-256 of the numbers of a source, which several processes may have."""
        own = self.own(start, stop)
        whole = sha256(self.of(own)).digest() if len(own) == stop - start else b""
        if found := max(self.readers.gather(whole)):
            return found
        digest = hashlib.sha256()
        for chunk in chunks(stop - start):
            part = self.of(self.own(start + chunk.start, start + chunk.stop))
            for values in self.readers.gather(np.asarray(part)):
                digest.update(values.data)
        return digest.digest()


def number_text(
    sources: Sequence[Source],
    codec: Codec,
    storage: Storage,
    first: Iterable[str] = (),
    always: Iterable[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    kept: int | None = None,
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
        kept: Number of characters after which to cut the text (see ``held_out.py``).

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8.
    """
    types = Types({token: number for number, token in enumerate(first)})
    numbering = Numbering(codec, codec.reading_limits(limits), types, kept)
    numbers = storage.collect(numbering.parts(sources))
    return numbering.text(numbers, types, always)


class Numbering:
    """Numbers the tokens of a text, and records facts that the numbers do not show."""

    def __init__(self, codec: Codec, limits: Limits, types: Types, kept: int | None = None) -> None:
        self.changes = SizeChanges()
        self.sources: list[tuple[str, int]] = []
        self._found: list[tuple[str, str]] = []
        self._lines = self._returns = self._beyond = self._decomposed = 0  # see TextFacts
        self._codec, self._limits, self._number_of = codec, limits, types.__getitem__
        newline = codec.end_of_line is not None
        self._words = WordNumbers(self._number_of, newline) if codec.between_blanks else None
        self._read = 0  # tokens passed on
        self.cut: int | None = None  # tokens before the cut, once it is found
        self._kept, self._characters, self._held_out = kept, 0, False

    @property
    def noticed(self) -> TextFacts:
        """The facts that do not depend on the tokens."""
        return TextFacts(
            self._lines,
            self._returns,
            found=tuple(self._found),
            beyond=self._beyond,
            decomposed=self._decomposed,
        )

    def text(self, numbers: Stored, types: Types, always: Iterable[str]) -> NumberedText:
        """Return the text, after its parts were read.

        Args:
            numbers: All parts.
            types: The types by the numbers that they have there.
            always: Types that get a number even if they do not occur in the text.
        """
        end, kept = self._codec.end_of_line, self._kept
        for token in always:
            types[LINE_END if token == end else token]
        marks = {*self._codec.marks} if end is None else {*self._codec.marks, end}
        return NumberedText(
            numbers,
            list(types),
            self._codec,
            None if end is None else types[LINE_END],
            {mark: types[mark] for mark in sorted(marks & types.keys())},
            self.changes,
            self.sources,
            self.noticed,
            len(numbers) if kept is not None and self.cut is None else self.cut,
        )

    def parts(self, sources: Iterable[Source]) -> Iterator[array[int]]:
        """Yield the numbers of a text part by part, and add new types."""
        for source in sources:
            name, start = display_name(source), self._read
            self.sources.append((name, start))
            yield from self._of_source(source)
            if self._read == start:
                raise CorpusError(f"{name}: the text is empty; name one with tokens")

    def _of_source(self, source: Source) -> Iterator[array[int]]:
        numbers = array("I")
        for block in self._blocks(source):
            if self._held_out and self.cut is None:
                self.cut = self._read + len(numbers)
            self._notice(block)
            # where sizes change, what is before the line has to be known
            changing = self._codec.changes_sizes(block.text)
            for piece in block.lines() if changing else (block,):
                if changing and self._codec.changes_sizes(piece.text):
                    self._note_changes(self._read + len(numbers), piece.text)
                self._add(piece, numbers)
            if len(numbers) >= PART:
                self._read += len(numbers)
                yield numbers
                numbers = array("I")
        self._read += len(numbers)
        yield numbers

    def _add(self, block: Piece, numbers: array[int]) -> None:
        if self._words is not None:
            found = self._words.of(self._codec.ended(block))
            if found is not None:
                numbers.frombytes(found.tobytes())
                return
        numbers.fromlist([*map(self._number_of, self._codec.split_block(block))])

    def _blocks(self, source: Source) -> Iterator[Piece]:
        """Read a source; notice in ``_held_out`` when the text is cut."""
        blocks = read_blocks(source, self._limits, lambda *one: self._found.append(one))
        if self._kept is None:
            yield from blocks
            return
        for part in cut_after(blocks, self._kept - self._characters):
            self._held_out = part.held_out
            self._characters += len(part.piece.text)
            yield part.piece

    def _notice(self, block: Piece) -> None:
        """Count what its tokens do not show."""
        text = block.text
        if block.ends_line:
            self._lines += text.count("\n") or 1
        self._returns += text.count("\r")
        if self._codec.normalize is None and not text.isascii():
            beyond = [piece.text for piece in block.lines() if not piece.text.isascii()]
            self._beyond += len(beyond)
            self._decomposed += sum(map(is_decomposed, beyond))

    def _note_changes(self, place: int, text: str) -> None:
        for k, original, token in self._codec.changed_sizes(text):
            self.changes.note(place + k, original, token)
