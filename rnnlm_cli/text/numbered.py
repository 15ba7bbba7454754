"""A text as numbers of its types, before a vocabulary turns them into ids: what is asked of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnlm_cli.text.codec.base import LINE_END, Codec
from rnnlm_cli.text.facts import TextFacts
from rnnlm_cli.text.readers import ONE, Readers
from rnnlm_cli.text.sizes import Size, SizeChanges
from rnnlm_cli.text.storage import Stored, chunks, count, sha256

Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[Any]


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
