"""The words and numbers of a file of word vectors, in any of its forms.

The text forms have a word and its numbers on each line, separated by spaces; word2vec and fastText
begin with a line of two numbers, how many words and how many numbers each; GloVe does not. The
binary form has that line too, then for each word the word, a space, and the numbers as
little-endian float32 (Mikolov et al., 2013; Pennington et al., 2014; Bojanowski et al., 2017).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from rnnlm_cli.errors import CorpusError, UsageError, quoted
from rnnlm_cli.system.arrays import Array

MOST_WORD_BYTES = 10_000
"""Maximum bytes of a word; with a longer one the file is probably of another kind."""

MOST_NUMBER_BYTES = 40
"""Maximum bytes of a number in a text form, with the space before it."""

PIECE_BYTES = 1 << 18
"""Minimum bytes of the binary form that are read at a time."""

LARGEST = 1e6
"""Maximum absolute value of a number; those of trained vectors are below 100."""

NOT_TEXT = re.compile(rb"[^ -~]")
"""A byte that no number in a text form has."""

FASTTEXT_MODEL = b"\xba\x16\x4f\x2f"
"""First bytes of a fastText model."""

REMEDY = "download or write the file again"

Entry = tuple[int, bytes, bytes]
"""Line or byte where a word begins, the word, and its numbers as they are in the file."""


class VectorFile:
    """A file that is read word by word, in any of the forms."""

    def __init__(self, path: str, file: BinaryIO, size: int) -> None:
        self.size = size
        self._path, self._file = path, file
        self._most = MOST_WORD_BYTES + size * MOST_NUMBER_BYTES
        self._count: int | None = None  # of words, as the first line says
        self._is_text = True

    def entries(self) -> Iterator[Entry]:
        """Yield each word with its place and its numbers.

        Raises:
            UsageError: The vectors are of another size.
            CorpusError: The file is damaged or of another kind.
        """
        first = self._file.readline(self._most + 1)
        header = first.split()
        if len(header) != 2 or not all(part.isdigit() and len(part) < 19 for part in header):
            self._check_kind(first)
            self._check_size(len(header) - 1)
            yield from self._lines(1, first)
            return
        self._count = int(header[0])
        self._check_size(int(header[1]))
        head = self._file.read(self._most + 1)  # with the whole first line of a text form
        numbers = self._split(head.partition(b"\n")[0])[1]
        if numbers and not NOT_TEXT.search(numbers.rstrip()):
            yield from self._counted(self._lines(2, head))
        else:
            self._is_text = False
            yield from self._counted(self._binary(head, len(first)))

    def numbers(self, place: int, word: bytes, data: bytes) -> Array:
        """Return a word's vector ``(E,)``.

        Raises:
            CorpusError: It holds something else than numbers of usual size.
        """
        try:
            vector = (
                np.array([float(part) for part in data.split(b" ")])
                if self._is_text
                else np.frombuffer(data, "<f4")
            )
        except ValueError:
            raise self._damaged(
                place, f"the vector of {_shown(word)} is not {self.size} numbers"
            ) from None
        usual = np.abs(vector) <= LARGEST  # not for NaN
        if not usual.all():
            raise self._damaged(place, f"the vector of {_shown(word)} has {vector[~usual][0]:g}")
        return vector

    def _counted(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """Compare the number of words with that in the first line."""
        read, place = 0, 1
        for place, word, data in entries:
            read += 1
            if self._count is not None and read > self._count:
                break
            yield place, word, data
        if read != self._count:
            more = f"more than {self._count:,}" if read > (self._count or 0) else f"{read:,}"
            raise self._damaged(
                place, f"the file has {more} vectors; its first line says {self._count:,}"
            )

    def _lines(self, number: int, begun: bytes = b"") -> Iterator[Entry]:
        """Yield the entries of the lines from ``number`` on, the first bytes of which were read."""
        *whole, rest = begun.split(b"\n")
        for line in whole:
            yield from self._line(number, line)
            number += 1
        while line := self._file.readline(self._most + 1):
            yield from self._line(number, rest + line)
            number, rest = number + 1, b""
        if rest:
            yield from self._line(number, rest)

    def _line(self, number: int, line: bytes) -> Iterator[Entry]:
        """Yield the entry of a line, if it is not empty.

        Only the number of spaces is checked: most lines are of words that are not wanted.
        """
        if len(line) > self._most:
            raise self._damaged(number, f"is longer than {self._most:,} bytes")
        word, numbers = self._split(line)
        if numbers:
            yield number, word, numbers
        elif line.strip():
            found = len(line.split()) - 1
            raise self._damaged(number, f"has {found} numbers instead of {self.size}")

    def _split(self, line: bytes) -> tuple[bytes, bytes]:
        """Split a line into the word, which may have spaces, and its numbers, or nothing."""
        line = line.rstrip(b" \r\n")
        spaces = line.count(b" ")
        if spaces < self.size:
            return line, b""
        if spaces == self.size:
            word, _, numbers = line.partition(b" ")
        else:
            word = line.rsplit(b" ", self.size)[0]
            numbers = line[len(word) + 1 :]
        return word, numbers

    def _binary(self, buffer: bytes, start: int) -> Iterator[Entry]:
        """Yield the entries of the binary form.

        Args:
            buffer: The first bytes after the first line.
            start: Bytes before them in the file.
        """
        width, at = 4 * self.size, 0
        while True:
            if len(buffer) - at < MOST_WORD_BYTES + 2 + width:
                more = self._file.read(max(PIECE_BYTES, 2 * width))
                start, buffer, at = start + at, buffer[at:] + more, 0
            while buffer[at : at + 1] == b"\n":  # some programs end each vector with it
                at += 1
            if at == len(buffer):
                return
            space = buffer.find(b" ", at, at + MOST_WORD_BYTES + 1)
            place = start + at + 1
            if space < 0 and len(buffer) - at > MOST_WORD_BYTES:
                raise self._damaged(place, f"a word of more than {MOST_WORD_BYTES:,} bytes")
            if space < 0 or len(buffer) - space - 1 < width:
                raise self._damaged(place, "the file ends within a vector")
            yield place, buffer[at:space], buffer[space + 1 : space + 1 + width]
            at = space + 1 + width

    def _check_kind(self, first: bytes) -> None:
        """Refuse another kind of file by its first line."""
        if first.startswith(FASTTEXT_MODEL):
            raise self._damaged(1, "is a fastText model; name its file of vectors, .vec")
        try:
            float(first.split()[1])
        except (IndexError, ValueError):
            raise self._damaged(
                1, "is not a word and its numbers; name a word2vec, GloVe or fastText .vec file"
            ) from None

    def _check_size(self, size: int) -> None:
        if size != self.size:
            raise UsageError(
                f"has vectors of {size:,} numbers, but model.embedding_size is {self.size:,}",
                place=self._path,
                remedy=f"set model.embedding_size: {size}",
            )

    def _damaged(self, place: int, what: str) -> CorpusError:
        where = f"{self._path}: {'line' if self._is_text else 'byte'} {place:,}"
        return CorpusError(what, place=where, remedy="" if ";" in what else REMEDY)


def _shown(word: bytes) -> str:
    return quoted(word.decode("utf-8", "replace"))
