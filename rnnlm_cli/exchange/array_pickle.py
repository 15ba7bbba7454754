"""Reading arrays from an untrusted pickle, without importing any name in it.

NumPy pickles arrays as calls of a few functions. The unpickler here has substitutes for these
functions only. They record their arguments, and the arrays are views of the file's bytes.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import warnings
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.opened import open_regular

MOST_INSTRUCTIONS = 100_000
"""Maximum instructions of a pickle; an array takes about thirty."""

ALLOWED = set(
    """PROTO FRAME STOP MARK POP POP_MARK NONE NEWTRUE NEWFALSE
    INT BININT BININT1 BININT2 LONG LONG1
    STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE
    BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8
    EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3
    PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET
    GLOBAL STACK_GLOBAL REDUCE BUILD""".split()
)

FLOATS = {"f2", "f4", "f8"}


class Substitute:
    """Substitute for a NumPy function; it has no attributes, so that no file can change it."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[..., Any] | None = None) -> None:
        self._call = call

    def __call__(self, *args: Any) -> Any:
        """Run the substitute."""
        if self._call is None:
            raise pickle.UnpicklingError("calls an object that is not a function")
        return self._call(*args)

    def __setstate__(self, state: Any) -> None:
        """Refuse any change."""
        raise pickle.UnpicklingError("changes a function")


class DtypeRecord:
    """A ``numpy.dtype`` as described in the file."""

    __slots__ = ("name", "order")

    def __init__(self, name: Any, *how: Any) -> None:
        self.name = name
        self.order: Any = "="

    def __setstate__(self, state: Any) -> None:
        """Store the byte order."""
        self.order = state[1]

    def resolve(self) -> np.dtype[Any]:
        """Return the dtype, if it is a float type."""
        if type(self.name) is not str or self.name not in FLOATS:
            raise pickle.UnpicklingError("holds an array that is not of floats")
        if self.order not in ("<", ">", "=", "|"):
            raise pickle.UnpicklingError("holds an array of unknown byte order")
        dtype: np.dtype[Any] = np.dtype(self.name).newbyteorder(self.order)
        return dtype


class ArrayRecord:
    """A ``numpy.ndarray`` as described in the file."""

    __slots__ = ("array", "encode")

    def __init__(self, encode: Callable[[Any, Any], bytes]) -> None:
        self.array: Array | None = None
        self.encode = encode

    def __setstate__(self, state: Any) -> None:
        """Build the array from shape, type and content."""
        _, shape, dtype, by_columns, content = state
        if type(content) is str:  # written by Python 2
            content = self.encode(content, "latin1")
        self.array = view(content, dtype, shape, "F" if by_columns is True else "C")


def view(content: Any, dtype: Any, shape: Any, order: Any) -> Array:
    """Return bytes of the file as an array, if their number matches shape and type."""
    if type(content) not in (bytes, bytearray) or type(dtype) is not DtypeRecord:
        raise pickle.UnpicklingError("holds an array without content")
    if type(shape) is not tuple or not all(type(n) is int and n >= 0 for n in shape):
        raise pickle.UnpicklingError("holds an array whose shape is not a tuple of sizes")
    kind = dtype.resolve()
    if len(shape) > 2 or prod(shape) * kind.itemsize != len(content):
        raise pickle.UnpicklingError("holds an array whose shape does not match its content")
    if type(order) is not str or order not in ("C", "F"):
        raise pickle.UnpicklingError("holds an array of unknown layout")
    flat: Array = np.frombuffer(content, kind)
    return flat.reshape(shape) if order == "C" else flat.reshape(shape[::-1]).T


class ArrayUnpickler(pickle.Unpickler):
    """Builds lists, tuples, numbers, strings and arrays."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="latin1")
        self._bytes_left = len(content)  # bytes that may be encoded: at most those of the file

    def find_class(self, module: str, name: str) -> Any:
        """Return the substitute for a name of NumPy; refuse all other names."""
        known: dict[tuple[str, str], Substitute] = {
            ("numpy", "ndarray"): Substitute(),
            ("numpy", "dtype"): Substitute(DtypeRecord),
            ("_codecs", "encode"): Substitute(self._encode),
            ("__builtin__", "bytes"): Substitute(lambda: b""),  # the content of an empty array
        }
        for package in ("numpy.core", "numpy._core"):  # NumPy 1 and 2
            known[f"{package}.multiarray", "_reconstruct"] = Substitute(
                lambda *how: ArrayRecord(self._encode)
            )
            known[f"{package}.numeric", "_frombuffer"] = Substitute(self._from_buffer)
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"asks for {module}.{name}")
        return known[module, name]

    def _encode(self, text: Any, encoding: Any) -> bytes:
        """Replace ``_codecs.encode``, which old protocols use to store bytes."""
        if type(text) is not str or type(encoding) is not str or encoding != "latin1":
            raise pickle.UnpicklingError("encodes a value that is not the content of an array")
        self._bytes_left -= len(text)
        if self._bytes_left < 0:
            raise pickle.UnpicklingError("encodes more than it holds")
        return text.encode("latin1")

    def _from_buffer(self, content: Any, dtype: Any, shape: Any, order: Any) -> ArrayRecord:
        record = ArrayRecord(self._encode)
        record.array = view(content, dtype, shape, order)
        return record


def read_arrays(path: str) -> list[Array]:
    """Read a pickled list of float arrays with at most two dimensions each.

    Raises:
        UsageError: There is no such file.
        CheckpointError: It is not such a list.
    """
    try:
        with open_regular(path) as file:
            content = file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: {reason}; name a file of weights") from None
    try:
        check_instructions(content)
        found = ArrayUnpickler(content).load()
    # all exceptions that a malformed file can cause
    except (pickle.UnpicklingError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise not_arrays(path, error) from None
    except (EOFError, OverflowError, MemoryError, RecursionError) as error:
        raise not_arrays(path, error) from None
    records = found if type(found) is list else [found]
    arrays = [record.array for record in records if type(record) is ArrayRecord]
    if len(arrays) != len(records) or not arrays or any(array is None for array in arrays):
        raise not_arrays(path, "it holds other values")
    return [array for array in arrays if array is not None]


def not_arrays(path: str, reason: object) -> CheckpointError:
    """Return the error for a file that is not a list of arrays."""
    return CheckpointError(f"{path}: not a pickled list of NumPy arrays: {reason}")


def instructions(content: bytes) -> Iterator[tuple[pickletools.OpcodeInfo, Any, int | None]]:
    """Yield each instruction with its argument and its position."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about invalid escapes in damaged strings
        yield from pickletools.genops(content)


def check_instructions(content: bytes) -> None:
    """Refuse instructions that a list of arrays does not need, before any is executed.

    Also refuse sizes beyond the file's end, and memo indices that would make the memo large.

    Raises:
        pickle.UnpicklingError, ValueError: The pickle has such an instruction.
    """
    for number, (instruction, argument, _) in enumerate(instructions(content)):
        if instruction.name not in ALLOWED or number == MOST_INSTRUCTIONS:
            raise pickle.UnpicklingError(f"instruction {number} is {instruction.name}")
        if instruction.name in ("PUT", "LONG_BINPUT") and not 0 <= argument <= MOST_INSTRUCTIONS:
            raise pickle.UnpicklingError(f"instruction {number} has memo index {argument}")
