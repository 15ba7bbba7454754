"""Where the arrays of a block come from: memory that the last block gave back."""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Of glibc's malloc.h."""

KEPT_BYTES = 1_000_000_000
"""Free memory at the end of the heap up to which it is kept."""

LARGEST_CHUNK = 32 * 1024 * 1024
"""Arrays up to this size come from the heap; glibc admits no more."""


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
