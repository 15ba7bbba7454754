"""Storage for the ids of a text: in memory, or in a file."""

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
from rnnlm_cli.text.reader import Source, file_of
from rnnlm_cli.text.readers import ONE, Readers

Ids = npt.NDArray[Any]

Stored = Ids | FileArray
"""Numbers in memory or in a file; ``numpy.asarray`` of a part brings it into memory."""

PREFIX = ".rnnlm-"
"""Prefix of the names of scratch directories."""

NUMBERS, IDS, MARKER = "numbers", "ids.npy", "rnnlm-scratch"
"""The files in a scratch directory."""

MARK = b"scratch folder of rnnlm, process "
"""First bytes of the marker; earlier versions left markers with the same bytes."""

CHUNK = 1 << 22
"""Tokens per chunk when a text is on disk."""


class Storage(Protocol):
    """Keeps the ids of one text.

    Attributes:
        readers: The processes that read it together.
    """

    readers: Readers

    def collect(self, parts: Iterable[array[int]]) -> Stored:
        """Store the numbers of a text's types, part by part."""

    def new_ids(self, tokens: int, dtype: npt.DTypeLike) -> Stored:
        """Return an array ``(N,)`` to be filled with ids."""

    def finish(self, ids: Stored, own: range) -> None:
        """Complete the ids, after each process has filled in its ``own``."""


class InMemory:
    """Storage for texts of ordinary size."""

    readers = ONE

    def collect(self, parts: Iterable[array[int]]) -> npt.NDArray[np.uint32]:
        """Concatenate the parts."""
        numbers = array("I")
        for part in parts:
            numbers.extend(part)
        return np.frombuffer(numbers, np.uintc)

    def new_ids(self, tokens: int, dtype: npt.DTypeLike) -> Ids:
        """Return an uninitialized array."""
        return np.empty(tokens, dtype)

    def finish(self, ids: Stored, own: range) -> None:
        """All are there."""


class OnDisk:
    """Storage for large texts: memory holds one chunk at a time, besides the system's cache.

    Several processes keep the numbers of their parts each, and the ids in one file per machine.

    Attributes:
        ids_path: The ``.npy`` file that holds the ids.
    """

    def __init__(self, directory: Path, readers: Readers = ONE) -> None:
        """Store everything in a directory.

        Args:
            directory: It needs room for four bytes per token, and for the ids.
            readers: The processes that read the text together, each with a directory.
        """
        self.readers = readers
        self._numbers_path = directory / NUMBERS
        found = readers.gather((readers.hosts[readers.rank], str(directory)))
        own = next(
            rank
            for rank, (host, name) in enumerate(found)
            if host == readers.hosts[readers.rank] and Path(name).is_dir()
        )
        self._keepers = readers.gather(own)  # of each process, who keeps the ids that it has
        self.ids_path = Path(found[own][1]) / IDS

    @property
    def keeps(self) -> bool:
        """Whether this process keeps the ids of its machine; it removes its directory last."""
        return self._keepers[self.readers.rank] == self.readers.rank

    def collect(self, parts: Iterable[array[int]]) -> Stored:
        """Write the parts to a file, one after another."""
        file, numbers = OpenFile(self._numbers_path, "w+b"), 0
        for part in parts:
            file.write(part, numbers * part.itemsize)
            numbers += len(part)
        return FileArray(file, np.uintc, numbers)

    def new_ids(self, tokens: int, dtype: npt.DTypeLike) -> Stored:
        """Return an array in a file, to be filled."""
        created = FileArray.create(self.ids_path, dtype, tokens) if self.keeps else None
        self.readers.gather(None)
        found = created or FileArray.load(self.ids_path, "r+b")
        self.readers.gather(None)
        return found

    def finish(self, ids: Stored, own: range) -> None:
        """Give each machine the ids that processes of other machines have."""
        if len(set(self._keepers)) > 1:
            longest = max(self.readers.gather(len(own)))
            for chunk in chunks(longest):
                part = own[chunk]
                sent = part.start, np.asarray(ids[part.start : part.stop])
                for keeper, (start, values) in zip(
                    self._keepers, self.readers.gather(sent), strict=True
                ):
                    if self.keeps and keeper != self.readers.rank:
                        ids[start : start + len(values)] = values
        self.readers.gather(None)


@contextmanager
def scratch_directory(beside: Path | None) -> Iterator[Path]:
    """Create a directory that is removed afterwards; its files stay readable while open.

    A marker file in it, locked by this process, identifies it. Directories that killed processes
    left are removed.

    Args:
        beside: The parent directory; ``None`` for the system's temporary directory.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=beside) as name:
        directory = Path(name)
        with (directory / "new marker").open("xb") as marker:
            marker.write(MARK + b"%d\n" % os.getpid())
            marker.flush()
            try_lock(marker.fileno())
            if os.name == "posix":  # elsewhere an open file keeps its name, and nothing is swept
                # renamed after locking, so that other processes always find it locked
                (directory / "new marker").rename(directory / MARKER)
                _sweep(directory)
            yield directory


def _sweep(own: Path) -> None:
    """Remove scratch directories that killed processes left next to our own.

    Only those with an unlocked marker of ours and no other files are removed. If our own marker can
    be locked twice, the file system has no locks, and nothing is removed.
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
    """Whether a file is our marker and its process has ended."""
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
    """Yield slices of at most ``CHUNK`` tokens that cover ``tokens`` tokens."""
    for start in range(0, tokens, CHUNK):
        yield slice(start, min(start + CHUNK, tokens))


def count(numbers: Stored, types: int) -> npt.NDArray[np.int64]:
    """Return how often each number occurs in an array, ``(types,)``."""
    found = np.zeros(types, np.int64)
    for chunk in chunks(len(numbers)):
        found += np.bincount(np.asarray(numbers[chunk]), minlength=types)
    return found


def is_large(sources: Sequence[Source], most: int) -> bool:
    """Whether a text of regular files has at least ``most`` bytes, decompressed."""
    files = [file_of(source) for source in sources]
    if not all(file is not None and os.path.isfile(file.path) for file in files):
        return False
    left = most
    for file in files:
        if file is not None and left > 0:
            left -= file.size(left)
    return left <= 0


def sha256(numbers: Stored) -> hashlib._Hash:
    """Return the SHA-256 of the numbers' bytes."""
    digest = hashlib.sha256()
    for chunk in chunks(len(numbers)):
        digest.update(np.asarray(numbers[chunk]).data)
    return digest
