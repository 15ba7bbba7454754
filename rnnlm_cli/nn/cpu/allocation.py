"""Reuse of memory from block to block."""

from __future__ import annotations

import ctypes
import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Constants of glibc's malloc.h."""

KEPT_BYTES = 1_000_000_000
"""Maximum free memory to keep at the end of the heap."""

LARGEST_CHUNK = 32 * 1024 * 1024
"""Arrays up to this size come from the heap; it is glibc's maximum."""


class _Kept(threading.local):
    """Each thread's memory, by name and type."""

    def __init__(self) -> None:
        self.arrays: dict[tuple[str, np.dtype[Any]], npt.NDArray[Any]] = {}


_kept = _Kept()


def kept_array(name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return an uninitialized array in memory that this thread keeps for the next call.

    Large allocations are slow, because the system clears each page. Each thread has its own
    memory, so threads can share a model; the memory is freed when the thread ends.

    Args:
        name: What the memory is for; the next call with this name in this thread overwrites it.
        shape: The array's shape.
        dtype: The array's type.
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

    By default freed memory returns to the system, which clears every page again for the next
    block. That takes a tenth of a step of a small character model. Peak memory grows little.

    Returns:
        Whether the C library has this setting; glibc does.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return False
    return bool(
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES) == 1 and mallopt(M_MMAP_THRESHOLD, LARGEST_CHUNK) == 1
    )
