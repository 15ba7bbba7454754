"""Numbers in a file, used like an array ``(N,)`` but read on demand.

The file is not memory-mapped: if another program truncates a mapped file, or its disk fails, the
system kills the process without a message. A failed read raises an error that can be reported.
"""

from __future__ import annotations

import os
import weakref
from array import array
from pathlib import Path
from typing import IO, Any, overload

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import CorpusError, named

Values = npt.NDArray[Any]


class OpenFile:
    """A file that is closed when it is no longer referenced.

    Until then it stays open, so a scratch file can be renamed or removed while in use.
    """

    def __init__(self, path: Path, mode: str) -> None:
        """Open the file.

        Raises:
            OSError: It cannot be opened.
        """
        self.path = path
        self.raw: IO[bytes] = path.open(mode, buffering=0)
        weakref.finalize(self, self.raw.close)

    def read(self, values: Values, place: int) -> None:
        """Fill an array with the bytes at offset ``place``.

        Raises:
            CorpusError: The file ends too early: it was cut short.
            OSError: It cannot be read.
        """
        rest = memoryview(values.view(np.uint8).data)
        with named(self.path):
            while rest:
                data = self._read(len(rest), place)
                if not data:
                    raise CorpusError(
                        f"{self.path}: was cut short by another program while it was read; run "
                        "the command again to read the text again"
                    )
                rest[: len(data)] = data
                rest, place = rest[len(data) :], place + len(data)

    def _read(self, size: int, place: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self.raw.fileno(), size, place)
        self.raw.seek(place)
        return self.raw.read(size)

    def write(self, data: bytes | array[int], place: int) -> None:
        """Write bytes at offset ``place``.

        Raises:
            OSError: The disk is full, for example.
        """
        rest = memoryview(data).cast("B")
        with named(self.path):
            self.raw.seek(place)
            while rest:
                rest = rest[self.raw.write(rest) :]


class FileArray:
    """A part of a file as an array: a slice is another part, ``numpy.asarray`` reads it.

    Attributes:
        dtype: The numbers' type.
    """

    def __init__(self, file: OpenFile, dtype: npt.DTypeLike, length: int, offset: int = 0) -> None:
        """Use a part of an open file.

        Args:
            file: The file.
            dtype: The numbers' type.
            length: How many numbers.
            offset: Number of bytes before the first.
        """
        self.dtype = np.dtype(dtype)
        self._file, self._length, self._offset = file, length, offset

    @classmethod
    def create(cls, path: Path, dtype: npt.DTypeLike, length: int) -> FileArray:
        """Create a ``.npy`` file whose numbers are written later.

        Raises:
            OSError: It cannot be written.
        """
        file = OpenFile(path, "w+b")
        header = {
            "descr": np.lib.format.dtype_to_descr(np.dtype(dtype)),
            "fortran_order": False,
            "shape": (length,),
        }
        with named(path):
            np.lib.format.write_array_header_1_0(file.raw, header)
            found = cls(file, dtype, length, file.raw.tell())
            file.raw.truncate(found._offset + found.nbytes)  # other processes may fill it too
        return found

    @classmethod
    def load(cls, path: Path, mode: str = "rb") -> FileArray:
        """Open a ``.npy`` file of one dimension.

        Args:
            path: The file.
            mode: How to open it.

        Raises:
            OSError: It cannot be opened.
            ValueError: It is not such a file, or its size does not match its header.
        """
        file = OpenFile(path, mode)
        if np.lib.format.read_magic(file.raw) != (1, 0):
            raise ValueError(f"{path}: is not a .npy file of version 1.0")
        (length,), _, dtype = np.lib.format.read_array_header_1_0(file.raw)
        found = cls(file, dtype, length, file.raw.tell())
        if dtype.hasobject or os.fstat(file.raw.fileno()).st_size != found._offset + found.nbytes:
            raise ValueError(f"{path}: its size does not match its header")
        return found

    def __len__(self) -> int:
        return self._length

    @property
    def nbytes(self) -> int:
        """The size of all numbers in bytes."""
        return self._length * self.dtype.itemsize

    @overload
    def __getitem__(self, key: slice) -> FileArray: ...

    @overload
    def __getitem__(self, key: Values) -> Values: ...

    def __getitem__(self, key: slice | Values) -> FileArray | Values:
        """Return a part, or the numbers at indices ``(T, B)``.

        Each column of indices is one read, from the lowest to the highest; keep them close.

        Raises:
            CorpusError: The file was cut short.
            OSError: It cannot be read.
        """
        if isinstance(key, slice):
            start, stop, step = key.indices(self._length)
            assert step == 1
            return FileArray(self._file, self.dtype, max(stop - start, 0), self._place(start))
        found = np.empty(key.shape, self.dtype)
        firsts, stops = key.min(axis=0), key.max(axis=0) + 1
        for k, (first, stop) in enumerate(zip(firsts.tolist(), stops.tolist(), strict=True)):
            found[:, k] = self._read(first, stop)[key[:, k] - first]
        return found

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Values:
        """Read all numbers.

        Raises:
            CorpusError: The file was cut short.
            OSError: It cannot be read.
        """
        values = self._read(0, self._length)
        return values if dtype is None else values.astype(dtype, copy=False)

    def __setitem__(self, part: slice, values: Values) -> None:
        """Write numbers.

        Raises:
            OSError: The disk is full, for example.
        """
        start, stop, _ = part.indices(self._length)
        assert len(values) == stop - start
        self._file.write(values.astype(self.dtype).tobytes(), self._place(start))

    def _read(self, start: int, stop: int) -> Values:
        values = np.empty(stop - start, self.dtype)
        self._file.read(values, self._place(start))
        return values

    def _place(self, number: int) -> int:
        return self._offset + number * self.dtype.itemsize
