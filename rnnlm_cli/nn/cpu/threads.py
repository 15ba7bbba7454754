"""Work on several cores: NumPy releases the GIL in its loops and products.

Our own threads run whole chunks in parallel; the threads of BLAS would synchronize at every
product. The two kinds do not mix: after a product, BLAS threads keep spinning for a while on the
cores that ours need. So BLAS is limited to one thread for a whole block.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, reduce
from itertools import pairwise
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from rnnlm_cli.nn.cuda import products
from rnnlm_cli.nn.device import on_device
from rnnlm_cli.system.arrays import Array

Result = TypeVar("Result")
Item = TypeVar("Item")

THREAD_PRODUCT = 2_000_000
"""Minimum number of multiplications per thread."""


ENVIRONMENT = "RNNLM_THREADS"
"""Environment variable with the number of threads to use."""

MOST_THREADS = 1024


def use_threads(count: int | None = None) -> None:
    """Set the number of threads of this process; it limits BLAS as well.

    Sums are divided among the threads, so results with another number differ by rounding.

    Args:
        count: At least 1; ``None`` for the number of available cores. ``RNNLM_THREADS`` takes
            precedence.

    Raises:
        ValueError: ``RNNLM_THREADS`` is not a whole number from 1 to 1024.
    """
    _chosen.threads = _from_environment() or count
    if _chosen.threads is not None:
        _blas().limit(limits=_chosen.threads)


def blas_libraries() -> list[dict[str, str]]:
    """Return ``name``, ``version`` and ``kernel`` of each loaded BLAS; empty if unknown."""
    return [
        {
            "name": str(library["internal_api"]),
            "version": str(library.get("version") or ""),
            "kernel": str(library.get("architecture") or ""),
        }
        for library in _blas().info()
        if library["user_api"] == "blas"
    ]


def core_count() -> int:
    """Return the number of threads to use: the one set, else the number of available cores."""
    return _chosen.threads or _from_environment() or available_cores()


@cache
def available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _from_environment() -> int | None:
    value = os.environ.get(ENVIRONMENT, "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= MOST_THREADS):
        raise ValueError(
            f"{ENVIRONMENT}: {value[:40]!r} is not a whole number from 1 to {MOST_THREADS}; "
            "set it to the number of threads to use, or unset it"
        )
    return int(value)


def split_rows(rows: int, parts: int) -> list[slice]:
    """Split ``rows`` into at most ``parts`` contiguous, non-empty slices of nearly equal size."""
    parts = max(1, min(parts, rows))
    cuts = [rows * k // parts for k in range(parts + 1)]
    return [slice(start, stop) for start, stop in pairwise(cuts)]


def in_parallel(work: Callable[[int], Result], parts: int) -> Sequence[Result]:
    """Return ``work(k)`` for every part, each computed on its own thread.

    Nested calls do not start more threads: they run on the calling thread.
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
    """Whether this thread may use other cores."""
    return core_count() > 1 and not getattr(_thread, "busy", False)


@contextmanager
def on_this_thread() -> Iterator[None]:
    """Let this thread use no other cores: it hands work to a device, one piece after another."""
    before = getattr(_thread, "busy", False)
    _thread.busy = True
    try:
        yield
    finally:
        _thread.busy = before


def product(left: Array, right: Array, out: Array | None = None) -> Array:
    """Matrix product ``(..., N, K) @ (..., K, M)``, divided among the cores if it is large.

    For code where BLAS is limited to one thread. Splits rows or columns, whichever are more. Arrays
    on a device are multiplied there.
    """
    if on_device(left):
        return products.product(left, right, out)
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
    """Pass each item through all stages and return the results; each stage has its own thread.

    While a stage processes one item, the stage before it processes the next. Each stage gets the
    items in order.

    Args:
        stages: At most one per core.
        items: The inputs of the first stage.
    """
    if len(stages) == 1 or len(items) == 1 or not free_cores():
        return [reduce(lambda item, stage: stage(item), stages, item) for item in items]
    queues: list[SimpleQueue[Any]] = [SimpleQueue() for _ in range(len(stages) + 1)]
    for item in items:
        queues[0].put(item)

    def work(number: int) -> None:
        stage, done = stages[number], queues[number + 1]
        for _ in items:
            item = queues[number].get()
            if item is _FAILED:
                done.put(_FAILED)
                return
            try:
                done.put(stage(item))
            except BaseException:
                done.put(_FAILED)  # the next stage must not wait forever
                raise

    in_parallel(work, len(stages))
    return [queues[-1].get() for _ in items]


class _Chosen:
    """The number of threads set by ``use_threads``."""

    threads: int | None = None


_chosen = _Chosen()


class Shared(ABC):
    """A context that several threads may be in at once; the first begins it, the last ends it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    def __enter__(self) -> None:
        """Begin, unless another thread is inside."""
        with self._lock:
            if not self._inside:
                self._begin()
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        """End, unless another thread is inside."""
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._end()

    @abstractmethod
    def _begin(self) -> None:
        """Called before the first thread is inside."""

    @abstractmethod
    def _end(self) -> None:
        """Called after the last one has left."""


class SingleThreadedBlas(Shared):
    """Limits BLAS to one thread while at least one thread is inside.

    The limit holds for the whole process. If each thread restored the value that it found, two
    overlapping threads could leave the limit set, or lift it while the other still computes.
    """

    _limit: Any

    def _begin(self) -> None:
        _release_control()
        self._limit = _blas().limit(limits=1)

    def _end(self) -> None:
        _release_control()
        self._limit.restore_original_limits()
        _release_control()


single_threaded_blas = SingleThreadedBlas()
"""The limit of this process; enter it around whole passes."""


def _release_control() -> None:
    """Let any thread set the limit; since threadpoolctl 3.8 only the first one to set it may."""
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
