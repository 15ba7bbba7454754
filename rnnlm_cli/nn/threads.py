"""Work on several cores: NumPy lets go of the interpreter's lock in its loops and products.

Threads of our own run whole chunks side by side, where BLAS would make them wait for each other
at every product. The two kinds do not mix: after a product, the threads of BLAS go on spinning
for a while, on the cores that ours need. So BLAS is held to one thread around a whole block.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
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
    """Return ``work(k)`` of every part, each computed on a thread of its own."""
    if parts == 1:
        return [work(0)]
    floating_point_errors = np.geterr()  # a thread has its own settings

    def run(part: int) -> Result:
        with np.errstate(**floating_point_errors):
            return work(part)

    return list(_pool().map(run, range(parts)))


def one_blas_thread() -> AbstractContextManager[Any]:
    """Hold BLAS to one thread for the time being."""
    limiter: AbstractContextManager[Any] = _blas().limit(limits=1)
    return limiter


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(core_count(), thread_name_prefix="rnnlm")


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()
