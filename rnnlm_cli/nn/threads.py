"""Work on several cores: NumPy lets go of the interpreter's lock in its loops and products.

Where each core has products of its own to do, BLAS itself is held to one thread: two threads
that run whole chunks side by side do not wait for each other at every product.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeVar

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

Result = TypeVar("Result")


@cache
def core_count() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def split_rows(rows: int, parts: int) -> list[slice]:
    """Cut rows into so many contiguous parts of nearly equal size, none of them empty."""
    parts = max(1, min(parts, rows))
    cuts = [rows * k // parts for k in range(parts + 1)]
    return [slice(start, stop) for start, stop in pairwise(cuts)]


def in_parallel(work: Callable[[int], Result], parts: int) -> Sequence[Result]:
    """Return ``work(k)`` of every part, each computed on a thread and with a core of its own."""
    if parts == 1:
        return [work(0)]
    with _blas().limit(limits=1):
        return list(_pool().map(work, range(parts)))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(core_count(), thread_name_prefix="rnnlm")


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()
