"""A pickle of plain values only, which can neither name nor run any code.

A pickle is a program for a small stack machine, and some of its instructions import and call
whatever the file names. Files are written by Python's own pickler and read by the machine below,
which lacks those instructions (pickletools in the standard library describes each). It counts what
it builds, so that the memory used for a forged file stays in proportion to the file's size.
"""

from __future__ import annotations

import math
import os
import pickle
import re
import struct
from collections.abc import Callable
from typing import IO, Any

import numpy as np

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.system.arrays import Array

PROTOCOL = 4

ARRAY_KEYS = {"dtype", "shape", "data"}
ARRAY_TYPE = re.compile(r"<[fiu][48]|\|[iu]1|<[iu]2")

DEEPEST = 100
"""Maximum nesting of lists and dicts; valid files have fewer than ten levels."""

MOST_CONTAINERS, CONTAINER_BYTES = 1000, 16
"""A list takes one byte in the file and sixty in memory. Valid files have few lists and dicts: at
most 1000, plus one per 16 bytes."""

MOST_ON_STACK = 100_000
"""Maximum stack size. Python's pickler appends 1000 values at a time, so valid files need few."""


def dump(value: Any, file: IO[bytes]) -> None:
    """Write dicts, lists, tuples, strings, bytes, numbers, booleans, None and arrays.

    Tuples become lists; an array becomes a dict of dtype, shape and raw bytes. Equal values give
    equal bytes.

    Raises:
        TypeError: A value has another type, or a key is not a string.
    """
    pickler = pickle.Pickler(file, protocol=PROTOCOL)
    pickler.fast = True  # no memo: the bytes do not depend on object identity
    pickler.dump(to_plain(value))


def load(file: IO[bytes]) -> Any:
    """Read what ``dump`` wrote, up to the file's end; the arrays are read-only.

    Raises:
        CheckpointError: An instruction is not allowed, the pickle is malformed, or it would take
            too much memory for its size.
    """
    return from_plain(_Machine(file).run())


class _Machine:
    """The stack machine of a pickle, with only the instructions that build plain values.

    It has no memo and no tuples: lists suffice, and keys are strings, whose hashes a file cannot
    make collide.
    """

    def __init__(self, file: IO[bytes]) -> None:
        start = file.tell()
        self._left = size = file.seek(0, os.SEEK_END) - start
        file.seek(start)
        self._file = file
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._containers = MOST_CONTAINERS + size // CONTAINER_BYTES  # that may still be built

    def run(self) -> Any:
        """Run the program; return the one value that it leaves on the stack."""
        try:
            while (opcode := self.take(1)) != pickle.STOP:
                if opcode not in INSTRUCTIONS:
                    raise CheckpointError(f"the pickle's instruction {opcode!r} is not allowed")
                INSTRUCTIONS[opcode](self)
        except (IndexError, UnicodeDecodeError) as error:  # empty stack, not UTF-8
            raise CheckpointError(f"a malformed pickle ({error})") from None
        if self._left:
            raise CheckpointError("there are bytes after the pickle's end")
        if len(self._stack) != 1 or self._marks:
            raise CheckpointError("the pickle does not end with one value")
        return self._stack[0]

    def check_protocol(self) -> None:
        """Refuse a pickle of a later protocol than ``dump`` writes."""
        if (version := self.take(1)[0]) > PROTOCOL:
            raise CheckpointError(f"the pickle's protocol is {version}, at most {PROTOCOL} is read")

    def take(self, size: int) -> bytes:
        """Read the next ``size`` bytes of the file."""
        if size > self._left:
            raise CheckpointError("the pickle is truncated")
        self._left -= size
        return self._file.read(size)

    def take_prefixed(self, width: int) -> bytes:
        """Read bytes that are preceded by their count, an integer of ``width`` bytes."""
        return self.take(int.from_bytes(self.take(width), "little"))

    def push(self, value: Any) -> None:
        """Push a value."""
        if len(self._stack) == MOST_ON_STACK:
            raise CheckpointError("the pickle puts too many values on the stack")
        self._stack.append(value)

    def push_container(self, value: list[Any] | dict[str, Any]) -> None:
        """Push an empty list or dict."""
        self._containers -= 1
        if self._containers < 0:
            raise CheckpointError("the pickle has too many lists and dicts for its size")
        self.push(value)

    def mark(self) -> None:
        """Mark where the values of the next ``APPENDS`` or ``SETITEMS`` start."""
        self._marks.append(len(self._stack))

    def append(self, values: list[Any]) -> None:
        """Append values to the list on top."""
        if type(self._stack[-1]) is not list:
            raise CheckpointError("the pickle appends to a value that is not a list")
        self._stack[-1].extend(values)

    def set_items(self, values: list[Any]) -> None:
        """Add alternating keys and values to the dict on top."""
        keys = values[::2]
        if type(self._stack[-1]) is not dict or len(values) % 2:
            raise CheckpointError("the pickle sets items of a value that is not a dict")
        if not all(type(key) is str for key in keys):
            raise CheckpointError("the pickle holds a key that is not text")
        self._stack[-1].update(zip(keys, values[1::2], strict=True))

    def pop(self, count: int) -> list[Any]:
        """Pop ``count`` values from the top."""
        if count > len(self._stack):
            raise IndexError("too few values")
        return self._pop_from(len(self._stack) - count)

    def pop_marked(self) -> list[Any]:
        """Pop the values since the last mark."""
        return self._pop_from(self._marks.pop())

    def _pop_from(self, place: int) -> list[Any]:
        values = self._stack[place:]
        del self._stack[place:]
        return values


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")  # as the pickler encodes


def _integer(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


def _unsigned(data: bytes) -> int:
    return int.from_bytes(data, "little")


INSTRUCTIONS: dict[bytes, Callable[[_Machine], object]] = {
    pickle.PROTO: lambda m: m.check_protocol(),
    pickle.FRAME: lambda m: m.take(8),
    pickle.NONE: lambda m: m.push(None),
    pickle.NEWTRUE: lambda m: m.push(True),
    pickle.NEWFALSE: lambda m: m.push(False),
    pickle.BININT: lambda m: m.push(_integer(m.take(4))),
    pickle.BININT1: lambda m: m.push(_unsigned(m.take(1))),
    pickle.BININT2: lambda m: m.push(_unsigned(m.take(2))),
    pickle.LONG1: lambda m: m.push(_integer(m.take_prefixed(1))),
    pickle.BINFLOAT: lambda m: m.push(struct.unpack(">d", m.take(8))[0]),
    pickle.SHORT_BINUNICODE: lambda m: m.push(_text(m.take_prefixed(1))),
    pickle.BINUNICODE: lambda m: m.push(_text(m.take_prefixed(4))),
    pickle.BINUNICODE8: lambda m: m.push(_text(m.take_prefixed(8))),
    pickle.SHORT_BINBYTES: lambda m: m.push(m.take_prefixed(1)),
    pickle.BINBYTES: lambda m: m.push(m.take_prefixed(4)),
    pickle.BINBYTES8: lambda m: m.push(m.take_prefixed(8)),
    pickle.EMPTY_LIST: lambda m: m.push_container([]),
    pickle.EMPTY_DICT: lambda m: m.push_container({}),
    pickle.MARK: lambda m: m.mark(),
    pickle.APPEND: lambda m: m.append(m.pop(1)),
    pickle.APPENDS: lambda m: m.append(m.pop_marked()),
    pickle.SETITEM: lambda m: m.set_items(m.pop(2)),
    pickle.SETITEMS: lambda m: m.set_items(m.pop_marked()),
}
"""Every allowed instruction: what it reads from the file and does with the stack."""


def to_plain(value: Any) -> Any:
    """Turn arrays into dicts and tuples into lists, at any depth.

    Raises:
        TypeError: A value has another type, or a key is not a string.
    """
    if isinstance(value, np.ndarray):
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        return {"dtype": little.dtype.str, "shape": list(value.shape), "data": little.tobytes()}
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            raise TypeError("a key is not a string")
        return {key: to_plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(v) for v in value]
    if value is None or type(value) in (str, bytes, bool, int, float):
        return value
    raise TypeError(f"{type(value).__name__} is not a plain value")


def from_plain(value: Any, depth: int = 0) -> Any:
    """Turn the dicts of arrays back into arrays, at any depth, in place.

    Raises:
        CheckpointError: Shape, type and bytes of an array do not match, or lists and dicts are
            nested more than ``DEEPEST`` deep.
    """
    if depth > DEEPEST:
        raise CheckpointError(f"it holds lists or dicts more than {DEEPEST} deep")
    if isinstance(value, dict):
        if value.keys() == ARRAY_KEYS:
            return _array(value["dtype"], value["shape"], value["data"])
        for key, inner in value.items():
            value[key] = from_plain(inner, depth + 1)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            value[place] = from_plain(inner, depth + 1)
    return value


def _array(dtype: Any, shape: Any, data: Any) -> Array:
    sound = (
        isinstance(dtype, str)
        and ARRAY_TYPE.fullmatch(dtype) is not None
        and isinstance(data, bytes)
        and isinstance(shape, list)
        and len(shape) <= 4
        and all(type(n) is int and n > 0 for n in shape)
        and math.prod(shape) * np.dtype(dtype).itemsize == len(data)
    )
    if not sound:
        raise CheckpointError("an array's type, shape and bytes do not match")
    array: Array = np.frombuffer(data, dtype).reshape(shape)
    return array
