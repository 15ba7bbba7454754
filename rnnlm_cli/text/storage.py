"""Where the ids of a text are kept: in memory, or in a file."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rnnlm_cli.locks import try_lock
from rnnlm_cli.text.file_array import FileArray, OpenFile

Ids = npt.NDArray[Any]

Stored = Ids | FileArray
"""Numbers in memory or in a file; ``numpy.asarray`` of a part brings it into memory."""

PREFIX = ".rnnlm-"
"""Of the names of scratch folders."""

CHUNK = 1 << 22
"""So many tokens are worked on at a time where they are on disk."""


class Storage(Protocol):
    """Keeps the ids of one text."""

    def collect(self, parts: Iterable[array[int]]) -> Stored:
        """Keep running numbers, as they come, until the ids are made of them."""

    def new_ids(self, tokens: int, dtype: npt.DTypeLike) -> Stored:
        """Return an array ``(N,)`` to be filled with ids."""


class InMemory:
    """The place for texts of ordinary size."""

    def collect(self, parts: Iterable[array[int]]) -> npt.NDArray[np.uint32]:
        """Put them one after another."""
        numbers = array("I")
        for part in parts:
            numbers.extend(part)
        return np.frombuffer(numbers, np.uintc)

    def new_ids(self, tokens: int, dtype: npt.DTypeLike) -> Ids:
        """Return an empty array."""
        return np.empty(tokens, dtype)


class OnDisk:
    """The place for large texts: memory holds a chunk at a time, and what the system spares.

    Attributes:
        ids_path: The ``.npy`` file that holds the ids.
    """

    def __init__(self, folder: Path) -> None:
        """Keep everything in a folder.

        Args:
            folder: Where there is room for four bytes a token, and the ids.
        """
        self._numbers_path = folder / "numbers"
        self.ids_path = folder / "ids.npy"

    def collect(self, parts: Iterable[array[int]]) -> Stored:
        """Write them one after another."""
        file, numbers = OpenFile(self._numbers_path, "w+b"), 0
        for part in parts:
            file.write(part, numbers * part.itemsize)
            numbers += len(part)
        return FileArray(file, np.uintc, numbers)

    def new_ids(self, tokens: int, dtype: npt.DTypeLike) -> Stored:
        """Return an array in a file, to be filled."""
        return FileArray.create(self.ids_path, dtype, tokens)


@contextmanager
def scratch_folder(beside: Path | None) -> Iterator[Path]:
    """Give a folder that is gone afterwards; a file of it that is still open stays readable.

    One that a killed process left is removed.

    Args:
        beside: Where to make it; ``None`` for the system's own place.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=beside) as folder, _locked(folder):
        _sweep(Path(folder))
        yield Path(folder)


@contextmanager
def _locked(folder: str | Path) -> Iterator[bool]:
    """Lock a folder; give whether no other process has it."""
    if os.name != "posix":  # where a folder cannot be opened
        yield False
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield try_lock(descriptor)
    finally:
        os.close(descriptor)


def _sweep(own: Path) -> None:
    """Remove the folders beside one's own that killed processes left: no one has them locked.

    One of less than a minute may be about to be locked; one of another user stays. Where one's own
    can be locked twice there are no locks, and all stay.
    """
    with _locked(own) as free:
        if free:
            return
    for left in own.parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > 60 and not left.is_symlink():
                with _locked(left) as free:
                    if free:
                        shutil.rmtree(left)


def chunks(tokens: int) -> Iterator[slice]:
    """Cut so many tokens into what is worked on at a time."""
    for start in range(0, tokens, CHUNK):
        yield slice(start, min(start + CHUNK, tokens))


def count(numbers: Stored, types: int) -> npt.NDArray[np.int64]:
    """Return how often each number stands in an array, ``(types,)``."""
    found = np.zeros(types, np.int64)
    for chunk in chunks(len(numbers)):
        found += np.bincount(np.asarray(numbers[chunk]), minlength=types)
    return found


def sha256(numbers: Stored) -> hashlib._Hash:
    """Return the SHA-256 of the bytes of numbers."""
    digest = hashlib.sha256()
    for chunk in chunks(len(numbers)):
        digest.update(np.asarray(numbers[chunk]).data)
    return digest


def total_size(paths: Iterable[str]) -> int:
    """Return the bytes of files together; 0 where one is no regular file."""
    sizes = [os.stat(path).st_size if os.path.isfile(path) else 0 for path in paths]
    return sum(sizes) if all(sizes) else 0
