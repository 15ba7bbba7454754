"""Where the ids of a text are kept: in memory, or in a file that is mapped into it."""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import NO_ROOM, named
from rnnlm_cli.locks import try_lock
from rnnlm_cli.text.opened import decompressed_size

Ids = npt.NDArray[Any]

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

    def collect(self, parts: Iterable[array[int]]) -> npt.NDArray[np.uint32]:
        """Keep running numbers, as they come, until the ids are made of them."""

    def new_ids(self, tokens: int, dtype: npt.DTypeLike) -> Ids:
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

    def collect(self, parts: Iterable[array[int]]) -> npt.NDArray[np.uint32]:
        """Write them one after another."""
        with self._numbers_path.open("wb") as file, named(self._numbers_path):
            for part in parts:
                part.tofile(file)
        if not self._numbers_path.stat().st_size:
            return np.empty(0, np.uint32)
        return np.memmap(self._numbers_path, np.uint32, "r")

    def new_ids(self, tokens: int, dtype: npt.DTypeLike) -> Ids:
        """Return an empty array in a file."""
        if not tokens:
            return np.empty(0, dtype)
        ids = np.lib.format.open_memmap(self.ids_path, "w+", dtype, (tokens,))
        reserve(self.ids_path)
        return ids


def reserve(path: Path) -> None:
    """Have room on the disk for all of a file, where the system can.

    Writing to a mapped file for which there is no room would end the process.

    Raises:
        OSError: There is no room.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    with path.open("rb+") as file, named(path):
        try:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        except OSError as error:  # not every file system can
            if error.errno in NO_ROOM:
                raise


@contextmanager
def scratch_folder(beside: Path | None) -> Iterator[Path]:
    """Give a folder that is gone afterwards; a file of it that is still mapped stays readable.

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


def count(numbers: npt.NDArray[Any], types: int) -> npt.NDArray[np.int64]:
    """Return how often each number stands in an array, ``(types,)``."""
    found = np.zeros(types, np.int64)
    for chunk in chunks(len(numbers)):
        found += np.bincount(numbers[chunk], minlength=types)
    return found


def is_large(paths: Sequence[str], most: int) -> bool:
    """Whether files have so many bytes together, decompressed; not where one is no regular file."""
    sizes = [decompressed_size(path, most) for path in paths]
    return all(sizes) and sum(sizes) >= most
