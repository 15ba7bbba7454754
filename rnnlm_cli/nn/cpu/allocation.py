"""Where the arrays of a block come from: memory that the last block gave back."""

from __future__ import annotations

import ctypes
import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Of glibc's malloc.h."""

KEPT_BYTES = 1_000_000_000
"""Free memory at the end of the heap up to which it is kept."""

LARGEST_CHUNK = 32 * 1024 * 1024
"""Arrays up to this size come from the heap; glibc admits no more."""


class _Kept(threading.local):
    """The memory of each thread, by name and type."""

    def __init__(self) -> None:
        self.arrays: dict[tuple[str, np.dtype[Any]], npt.NDArray[Any]] = {}


_kept = _Kept()


def kept_array(name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return an uninitialized array in memory that this thread keeps for the next call.

    Large allocations are slow: the system clears each page. The memory is the calling thread's
    alone, so that threads that share a model do not share it; it goes with the thread.

    Args:
        name: What the memory is for; the next call with this name in this thread overwrites it.
        shape: Of the array.
        dtype: Its type.
    """
    count = math.prod(shape)
    key = name, np.dtype(dtype)
    held = _kept.arrays.get(key)
    if held is None or held.size < count:
        held = np.empty(count, dtype)
        _kept.arrays[key] = held
    found: npt.NDArray[Any] = held[:count].reshape(shape)
    return found


def keep_freed_memory() -> bool:
    """Let the process keep the memory of freed arrays for the next ones.

    By default it goes back to the system, which has to clear every page again when the next block
    asks for it: a tenth of a step of a small character model. Peak memory is little more.

    Returns:
        Whether the C library can be told; glibc can.
    """
    try:
        tell = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return False
    return bool(
        tell(M_TRIM_THRESHOLD, KEPT_BYTES) == 1 and tell(M_MMAP_THRESHOLD, LARGEST_CHUNK) == 1
    )
