"""Work on several cores: NumPy lets go of the interpreter's lock in its loops and products.

Threads of our own run whole chunks side by side, where BLAS would make them wait for each other
at every product. The two kinds do not mix: after a product, the threads of BLAS go on spinning
for a while, on the cores that ours need. So BLAS is held to one thread around a whole block.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, reduce
from itertools import pairwise
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from rnnlm_cli.system.arrays import Array

Result = TypeVar("Result")
Item = TypeVar("Item")

THREAD_PRODUCT = 2_000_000
"""Fewer multiplications than so many are not worth a thread."""


ENVIRONMENT = "RNNLM_THREADS"
"""The environment variable that says how many threads to use."""

MOST_THREADS = 1024


def use_threads(count: int | None = None) -> None:
    """Choose how many threads this process computes with; BLAS uses no more anywhere.

    Sums are divided among the threads, so that another number gives figures that differ by
    rounding.

    Args:
        count: At least 1; ``None`` for as many as there are cores to use. ``RNNLM_THREADS``
            takes precedence over it.

    Raises:
        ValueError: ``RNNLM_THREADS`` is not a whole number from 1 to 1024.
    """
    _chosen.threads = _from_environment() or count
    if _chosen.threads is not None:
        _blas().limit(limits=_chosen.threads)


def core_count() -> int:
    """Return how many threads to use: those chosen, else the cores this process may use."""
    return _chosen.threads or _from_environment() or available_cores()


@cache
def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _from_environment() -> int | None:
    said = os.environ.get(ENVIRONMENT, "")
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= MOST_THREADS):
        raise ValueError(
            f"{ENVIRONMENT}: {said[:40]!r} is not a whole number from 1 to {MOST_THREADS}; "
            "set it to the number of threads to use, or unset it"
        )
    return int(said)


def split_rows(rows: int, parts: int) -> list[slice]:
    """Cut rows into so many contiguous parts of nearly equal size, none of them empty."""
    parts = max(1, min(parts, rows))
    cuts = [rows * k // parts for k in range(parts + 1)]
    return [slice(start, stop) for start, stop in pairwise(cuts)]


def in_parallel(work: Callable[[int], Result], parts: int) -> Sequence[Result]:
    """Return ``work(k)`` of every part, each computed on a thread of its own.

    What is called from such a thread has no other cores to spread to, and stays on it.
    """
    if parts == 1 or not free_cores():
        return [work(part) for part in range(parts)]
    floating_point_errors = np.geterr()  # a thread has its own settings

    def run(part: int) -> Result:
        _thread.busy = True
        with np.errstate(**floating_point_errors):
            return work(part)

    return list(_pool().map(run, range(parts)))


def free_cores() -> bool:
    """Whether this thread may spread its work to other cores."""
    return core_count() > 1 and not getattr(_thread, "busy", False)


def product(left: Array, right: Array, out: Array | None = None) -> Array:
    """Matrix product ``(..., N, K) @ (..., K, M)``, its rows or columns divided among the cores.

    For large products where BLAS itself is held to one thread; of rows and columns what is more.
    """
    (rows, inner), columns = left.shape[-2:], right.shape[-1]
    if out is None:
        shape = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
        out = np.empty((*shape, rows, columns), left.dtype)
    worth = min(core_count(), out.size * inner // THREAD_PRODUCT)
    if worth < 2 or not free_cores():
        np.matmul(left, right, out=out)
        return out
    by_row = rows >= columns
    cuts = split_rows(rows if by_row else columns, worth)

    def work(part: int) -> None:
        cut = cuts[part]
        if by_row:
            np.matmul(left[..., cut, :], right, out=out[..., cut, :])
        else:
            np.matmul(left, right[..., cut], out=out[..., cut])

    in_parallel(work, len(cuts))
    return out


def pipeline(stages: Sequence[Callable[[Item], Item]], items: Sequence[Item]) -> list[Item]:
    """Return what all stages make of each item, every stage on a thread of its own.

    While a stage has an item, the stage before has the next one. A stage gets the items in order.

    Args:
        stages: At most as many as there are cores.
        items: What the first stage gets.
    """
    if len(stages) == 1 or len(items) == 1 or not free_cores():
        return [reduce(lambda item, stage: stage(item), stages, item) for item in items]
    belts: list[SimpleQueue[Any]] = [SimpleQueue() for _ in range(len(stages) + 1)]
    for item in items:
        belts[0].put(item)

    def work(number: int) -> None:
        stage, done = stages[number], belts[number + 1]
        for _ in items:
            item = belts[number].get()
            if item is _FAILED:
                done.put(_FAILED)
                return
            try:
                done.put(stage(item))
            except BaseException:
                done.put(_FAILED)  # so that nobody waits for ever
                raise

    in_parallel(work, len(stages))
    return [belts[-1].get() for _ in items]


class _Chosen:
    """What ``use_threads`` chose."""

    threads: int | None = None


_chosen = _Chosen()


class SingleThreadedBlas:
    """Limits BLAS to one thread while at least one thread is inside.

    The limit belongs to the process: if each thread restored what it found on entering, two that
    overlap would leave the other's limit behind, or lift it while the other still computes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._limit: Any = None

    def __enter__(self) -> None:
        """Set the limit, if nobody has."""
        with self._lock:
            if not self._inside:
                _release_control()
                self._limit = _blas().limit(limits=1)
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        """Restore the number of threads, if nobody else is inside."""
        with self._lock:
            self._inside -= 1
            if not self._inside:
                _release_control()
                self._limit.restore_original_limits()
                _release_control()


single_threaded_blas = SingleThreadedBlas()
"""The limit of this process; hold it around whole passes."""


def _release_control() -> None:
    """Let any thread set the limit: from version 3.8 on, only the first one that did may."""
    for library in _blas().lib_controllers:
        if release := getattr(library, "clear_controlling_thread", None):
            release(force=True)


_thread = threading.local()
_FAILED = object()


def _pool() -> ThreadPoolExecutor:
    return _pool_of(core_count())


@cache
def _pool_of(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="rnnlm")


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()
