"""Who reads a large text: this process alone, or several that each read a part of it.

The parts are ranges of bytes that end where lines do, in the order of the processes. So what one
finds in its part, and what those before it found, are what one process finds that reads on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy.typing as npt

from rnnlm_cli.system.text_encodings import UTF8, canonical
from rnnlm_cli.text.reader import Limits, Source, file_of
from rnnlm_cli.text.sources.compression import split_compression
from rnnlm_cli.text.sources.formats import format_of
from rnnlm_cli.text.sources.named import File

T = TypeVar("T")

MARK = "\ufeff".encode()
"""The byte-order mark, which a file may begin with, and which is dropped only there."""


class CannotDivide(Exception):  # noqa: N818 (no error: the text is then read whole)
    """A text cannot be read in parts; all processes raise it at the same place."""


class Readers(Protocol):
    """The processes that read a text together; they call the methods in the same order.

    Attributes:
        rank: This process, from 0.
        size: How many there are.
        hosts: The name of each one's machine.
    """

    rank: int
    size: int
    hosts: list[str]

    def gather(self, value: T) -> list[T]:
        """Return the values of all, in their order."""

    def sum(self, values: npt.NDArray[Any]) -> None:
        """Replace an array ``(n,)`` by its sum over all."""

    def check_same(self, facts: Mapping[str, object], remedy: str, shown: bool = True) -> None:
        """Raise an error if one has other values than the first."""


class _One:
    """This process alone."""

    rank, size = 0, 1

    def __init__(self) -> None:
        self.hosts = [""]

    def gather(self, value: T) -> list[T]:
        """Return its own value."""
        return [value]

    def sum(self, values: npt.NDArray[Any]) -> None:
        """The sum is the values themselves."""

    def check_same(self, facts: Mapping[str, object], remedy: str, shown: bool = True) -> None:
        """There is nothing to compare."""


ONE: Readers = _One()


def can_divide(sources: Sequence[Source], limits: Limits) -> bool:
    """Whether a text can be cut between any two lines.

    That is so for plain files in UTF-8. Compressed files, archives and records are read from their
    beginning, an encoding that has to be found may be another one farther on, and other encodings
    may have a state, or bytes of a newline within a character.
    """
    files = list(map(file_of, sources))
    return canonical(limits.encoding) == UTF8 and all(
        file is not None
        and file.archive is None
        and format_of(file) is None
        and not split_compression(file.path)[1]
        and os.path.isfile(file.path)
        for file in files
    )


def part_of(sources: Sequence[Source], rank: int, size: int) -> list[tuple[int, File]]:
    """Return the part of a text that one of several processes reads.

    Args:
        sources: Files that can be divided.
        rank: Which part, from 0.
        size: The number of parts, of nearly equal size.

    Returns:
        Files, or parts of them, each with its place among ``sources``.
    """
    files = [file for file in map(file_of, sources) if file is not None]
    sizes = [os.path.getsize(file.path) for file in files]
    ends = list(accumulate(sizes))
    start, stop = (_cut(files, ends, ends[-1] * one // size) for one in (rank, rank + 1))
    last = rank + 1 == size
    found = list[tuple[int, File]]()
    for number, (begin, end) in enumerate(pairwise([0, *ends])):
        span = max(start, begin) - begin, min(stop, end) - begin
        is_empty = begin == end and (start <= begin < stop or (last and begin == stop))
        if span[0] < span[1] or is_empty:
            found.append((number, replace(files[number], span=span)))
    return found


def _cut(files: Sequence[File], ends: Sequence[int], place: int) -> int:
    """Return the first place, not before the given one, at which a line or a file begins.

    Args:
        files: The files of the text.
        ends: The place after each.
        place: A number of bytes, from the beginning of the text.
    """
    begin = 0
    for file, end in zip(files, ends, strict=True):
        if place <= begin:
            return begin
        if place < end:
            return begin + next(_line_starts(Path(file.path), place - begin), end - begin)
        begin = end
    return begin


def _line_starts(path: Path, place: int) -> Iterator[int]:
    """Yield where lines begin, from a place on; not one that begins with a byte-order mark."""
    with path.open("rb") as file:
        file.seek(place - 1)
        while line := file.readline(1 << 20):
            if line.endswith(b"\n") and (head := file.read(len(MARK))):
                if head != MARK:
                    yield file.tell() - len(head)
                file.seek(-len(head), os.SEEK_CUR)
