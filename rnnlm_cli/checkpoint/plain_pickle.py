"""A pickle of plain values alone, which can neither name nor run any code.

A pickle is a program for a small stack machine, and some of its instructions import and call
whatever the file names. Here only those are admitted that push plain values. The instructions
are held against a table before anything is built; see also pickletools in the standard library.
"""

from __future__ import annotations

import math
import os
import pickle
import re
from typing import IO, Any

import numpy as np

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.nn.layer import Array

PROTOCOL = 4

ARRAY_KEYS = {"dtype", "shape", "data"}
ARRAY_TYPE = re.compile(r"<[fiu][48]|\|[iu]1|<[iu]2")

SIMPLE, PREFIXED = "simple", "prefixed"

OPCODES: dict[bytes, tuple[str, int]] = {
    pickle.PROTO: (SIMPLE, 1),
    pickle.FRAME: (SIMPLE, 8),
    pickle.STOP: (SIMPLE, 0),
    pickle.NONE: (SIMPLE, 0),
    pickle.NEWTRUE: (SIMPLE, 0),
    pickle.NEWFALSE: (SIMPLE, 0),
    pickle.BININT: (SIMPLE, 4),
    pickle.BININT1: (SIMPLE, 1),
    pickle.BININT2: (SIMPLE, 2),
    pickle.LONG1: (PREFIXED, 1),
    pickle.BINFLOAT: (SIMPLE, 8),
    pickle.SHORT_BINUNICODE: (PREFIXED, 1),
    pickle.BINUNICODE: (PREFIXED, 4),
    pickle.BINUNICODE8: (PREFIXED, 8),
    pickle.SHORT_BINBYTES: (PREFIXED, 1),
    pickle.BINBYTES: (PREFIXED, 4),
    pickle.BINBYTES8: (PREFIXED, 8),
    pickle.EMPTY_LIST: (SIMPLE, 0),
    pickle.EMPTY_DICT: (SIMPLE, 0),
    pickle.MARK: (SIMPLE, 0),
    pickle.APPEND: (SIMPLE, 0),
    pickle.APPENDS: (SIMPLE, 0),
    pickle.SETITEM: (SIMPLE, 0),
    pickle.SETITEMS: (SIMPLE, 0),
}
"""Every admitted instruction: the bytes of its argument, or of the length that precedes it.

No memo, so that equal values give equal bytes, whichever objects they are. No tuples: a list
does as well, and nothing nested can then be a key whose hash would recurse.
"""

MOST_CONTAINERS, CONTAINER_BYTES = 1000, 16
"""A list takes one byte in the file and sixty in memory. Sound files have few of them: at most
so many, and one more for every so many bytes."""

_CONTAINERS = {pickle.EMPTY_LIST, pickle.EMPTY_DICT}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise CheckpointError(f"names the code {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        raise CheckpointError("refers to something outside the file")


def dump(value: Any, file: IO[bytes]) -> None:
    """Write dicts, lists, tuples, strings, bytes, numbers, booleans, None and arrays.

    Tuples become lists; an array becomes a dict of dtype, shape and raw bytes. The bytes depend
    on the values alone.

    Raises:
        TypeError: There is something else among them.
    """
    pickler = pickle.Pickler(file, protocol=PROTOCOL)
    pickler.fast = True  # no memo
    pickler.dump(to_plain(value))


def load(file: IO[bytes]) -> Any:
    """Read what ``dump`` wrote, up to the file's end; the arrays cannot be written to.

    Raises:
        CheckpointError: An instruction is not admitted, or the pickle is not well formed.
    """
    start = file.tell()
    verify(file)
    file.seek(start)
    try:
        return from_plain(_Unpickler(file).load())
    except CheckpointError:
        raise
    except Exception as error:  # whatever a malformed program makes the machine stumble over
        raise CheckpointError(f"a malformed pickle ({error})") from None


def verify(file: IO[bytes]) -> None:
    """Hold every instruction against the table, and every size against the bytes that are left.

    What the instructions carry is passed over; the file's end is where the pickle has to end.

    Raises:
        CheckpointError: The first instruction that does not pass.
    """
    start = place = file.tell()
    end = file.seek(0, os.SEEK_END)
    opcode, containers = b"", 0
    while place < end:
        file.seek(place)
        opcode = file.read(1)
        containers += opcode in _CONTAINERS
        if opcode not in OPCODES:
            raise CheckpointError(f"the pickle's instruction {opcode!r} is not admitted")
        kind, size = OPCODES[opcode]
        place += 1 + size
        if kind == PREFIXED:
            place += int.from_bytes(file.read(size), "little")
        if opcode == pickle.STOP and place != end:
            raise CheckpointError("something follows the pickle's end")
    if containers > MOST_CONTAINERS + (end - start) // CONTAINER_BYTES:
        raise CheckpointError(f"the pickle holds {containers:,} lists and dicts, too many for it")
    if place != end or opcode != pickle.STOP:
        raise CheckpointError("the pickle is cut short")


def to_plain(value: Any) -> Any:
    """Turn arrays into dicts and tuples into lists, at any depth.

    Raises:
        TypeError: A value is of another kind.
    """
    if isinstance(value, np.ndarray):
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        return {"dtype": little.dtype.str, "shape": list(value.shape), "data": little.tobytes()}
    if isinstance(value, dict):
        return {key: to_plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(v) for v in value]
    if value is None or type(value) in (str, bytes, bool, int, float):
        return value
    raise TypeError(f"{type(value).__name__} is no plain value")


def from_plain(value: Any) -> Any:
    """Turn the dicts of arrays back into arrays, at any depth.

    Raises:
        CheckpointError: Shape, type and bytes of an array do not go together.
    """
    if isinstance(value, dict):
        if value.keys() == ARRAY_KEYS:
            return _array(value["dtype"], value["shape"], value["data"])
        return {key: from_plain(v) for key, v in value.items()}
    if isinstance(value, list):
        return [from_plain(v) for v in value]
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
        raise CheckpointError("an array's type, shape and bytes do not go together")
    array: Array = np.frombuffer(data, dtype).reshape(shape)
    return array
