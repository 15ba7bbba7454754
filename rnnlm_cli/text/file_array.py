"""Numbers in a file, used like an array ``(N,)`` but read as they are needed.

They are not mapped into memory: where a mapped file is cut short by another program, or its disk
fails, the system ends the process without a word. Reading gives an error that can be told.
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
    """A file that is closed when nothing refers to it any more.

    So it can be renamed or removed meanwhile, as a scratch file is.
    """

    def __init__(self, path: Path, mode: str) -> None:
        """Open it.

        Raises:
            OSError: It cannot be opened.
        """
        self.path = path
        self.raw: IO[bytes] = path.open(mode, buffering=0)
        weakref.finalize(self, self.raw.close)

    def read(self, values: Values, place: int) -> None:
        """Fill an array with what stands at a place.

        Raises:
            CorpusError: The file ends there: it was cut short.
            OSError: It cannot be read.
        """
        rest = memoryview(values.view(np.uint8).data)
        with named(self.path):
            while rest:
                data = self._read(len(rest), place)
                if not data:
                    raise CorpusError(
                        f"{self.path}: was cut short by another program while it was read; run "
                        "the command again, which reads the text again"
                    )
                rest[: len(data)] = data
                rest, place = rest[len(data) :], place + len(data)

    def _read(self, size: int, place: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self.raw.fileno(), size, place)
        self.raw.seek(place)
        return self.raw.read(size)

    def write(self, data: bytes | array[int], place: int) -> None:
        """Write at a place.

        Raises:
            OSError: There is no room.
        """
        rest = memoryview(data).cast("B")
        with named(self.path):
            self.raw.seek(place)
            while rest:
                rest = rest[self.raw.write(rest) :]


class FileArray:
    """A part of a file as an array: a slice is a part again, ``numpy.asarray`` reads it.

    Attributes:
        dtype: Of the numbers.
    """

    def __init__(self, file: OpenFile, dtype: npt.DTypeLike, length: int, offset: int = 0) -> None:
        """Take a part of an open file.

        Args:
            file: The file.
            dtype: Of the numbers.
            length: How many.
            offset: Bytes before the first.
        """
        self.dtype = np.dtype(dtype)
        self._file, self._length, self._offset = file, length, offset

    @classmethod
    def create(cls, path: Path, dtype: npt.DTypeLike, length: int) -> FileArray:
        """Begin a new ``.npy`` file, whose numbers are still to be written.

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
        return cls(file, dtype, length, file.raw.tell())

    @classmethod
    def load(cls, path: Path) -> FileArray:
        """Open a ``.npy`` file of one dimension.

        Raises:
            OSError: It cannot be opened.
            ValueError: It is no such file, or has more or fewer bytes than it says.
        """
        file = OpenFile(path, "rb")
        if np.lib.format.read_magic(file.raw) != (1, 0):
            raise ValueError(f"{path}: is no .npy file of version 1.0")
        (length,), _, dtype = np.lib.format.read_array_header_1_0(file.raw)
        found = cls(file, dtype, length, file.raw.tell())
        if dtype.hasobject or os.fstat(file.raw.fileno()).st_size != found._offset + found.nbytes:
            raise ValueError(f"{path}: does not hold what it says")
        return found

    def __len__(self) -> int:
        return self._length

    @property
    def nbytes(self) -> int:
        """Bytes of all numbers."""
        return self._length * self.dtype.itemsize

    @overload
    def __getitem__(self, key: slice) -> FileArray: ...

    @overload
    def __getitem__(self, key: Values) -> Values: ...

    def __getitem__(self, key: slice | Values) -> FileArray | Values:
        """Return a part, or the numbers at places ``(T, B)``.

        Each column of the places is read in one go, so that they should lie side by side.

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
        """Read all of it.

        Raises:
            CorpusError: The file was cut short.
            OSError: It cannot be read.
        """
        values = self._read(0, self._length)
        return values if dtype is None else values.astype(dtype, copy=False)

    def __setitem__(self, part: slice, values: Values) -> None:
        """Write numbers.

        Raises:
            OSError: There is no room for them.
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
