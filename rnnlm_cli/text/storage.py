"""Where the ids of a text are kept: in memory, or in a file."""

from __future__ import annotations

import hashlib
import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rnnlm_cli.system.locks import try_lock
from rnnlm_cli.text.file_array import FileArray, OpenFile
from rnnlm_cli.text.opened import decompressed_size

Ids = npt.NDArray[Any]

Stored = Ids | FileArray
"""Numbers in memory or in a file; ``numpy.asarray`` of a part brings it into memory."""

PREFIX = ".rnnlm-"
"""Of the names of scratch folders."""

NUMBERS, IDS, MARKER = "numbers", "ids.npy", "rnnlm-scratch"
"""The files in one."""

MARK = b"scratch folder of rnnlm, process "
"""How the marker begins."""

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
        self._numbers_path = folder / NUMBERS
        self.ids_path = folder / IDS

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

    A marker in it, locked by this process, tells what it is; one that a killed process left is
    removed.

    Args:
        beside: Where to make it; ``None`` for the system's own place.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=beside) as name:
        folder = Path(name)
        with (folder / "new marker").open("xb") as marker:
            marker.write(MARK + b"%d\n" % os.getpid())
            marker.flush()
            try_lock(marker.fileno())
            if os.name == "posix":  # elsewhere an open file keeps its name, and nothing is swept
                (folder / "new marker").rename(folder / MARKER)  # whoever sees it finds it locked
                _sweep(folder)
            yield folder


def _sweep(own: Path) -> None:
    """Remove what killed processes left beside one's own folder.

    What is removed has our marker, which nobody holds locked, and no other files than ours: any
    other folder of such a name stays. Where one's own marker can be locked twice there are no
    locks, and all stay.
    """
    if _is_abandoned(own / MARKER):
        return
    for left in own.parent.glob(f"{PREFIX}*"):
        if not left.is_symlink() and _is_abandoned(left / MARKER):
            with suppress(OSError):  # of another user, or with other files in it
                for name in (NUMBERS, IDS, MARKER):
                    (left / name).unlink(missing_ok=True)
                left.rmdir()


def _is_abandoned(marker: Path) -> bool:
    """Whether a file is a marker of ours, and its process has ended."""
    try:
        descriptor = os.open(marker, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        is_ours = os.read(descriptor, len(MARK)) == MARK
        return is_ours and try_lock(descriptor)
    except OSError:
        return False
    finally:
        os.close(descriptor)


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


def is_large(paths: Sequence[str], most: int) -> bool:
    """Whether files have so many bytes together, decompressed; not where one is no regular file."""
    sizes = [decompressed_size(path, most) for path in paths]
    return all(sizes) and sum(sizes) >= most


def sha256(numbers: Stored) -> hashlib._Hash:
    """Return the SHA-256 of the bytes of numbers."""
    digest = hashlib.sha256()
    for chunk in chunks(len(numbers)):
        digest.update(np.asarray(numbers[chunk]).data)
    return digest
