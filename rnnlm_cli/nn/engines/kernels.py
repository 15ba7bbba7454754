"""The compiled kernels: the library built from ``nn/engines/c/``, called through ctypes.

The library holds each kernel once per level of the processor (``v3`` and ``v4`` of x86-64, or
``aarch64``); the best level that this processor has is chosen when it is loaded. A call releases
the GIL. Where the package was installed without a C compiler there is no library, and everything
runs in NumPy.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cells.elman import Elman
from rnnlm_cli.nn.cells.gru import GRU
from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.nn.cpu.threads import core_count, in_parallel, split_rows
from rnnlm_cli.nn.engines.structures import Block, Long, MogrifierBlock, Pointer, SruBlock
from rnnlm_cli.system.arrays import Array, Ids

LEVELS = ("v3", "v4", "aarch64")
"""The levels that the library may hold; of those a processor has, the last one is the best."""

ALIGNMENT = 64
"""Bytes of a line of the cache."""

THREAD_WEIGHTS = 500_000
"""Minimum number of weights per thread that multiplies few rows."""

CELLS: dict[type[Cell], str] = {Elman: "elman", LSTM: "lstm", GRU: "gru"}
"""The name in C of each cell that has kernels."""

RANGE = (Long,) * 4
UNITS = (Long,) * 2
SUM_ROWS = (Long, Long, Pointer, Pointer, Long, Long, Pointer)
PRODUCT = (Long, Pointer, Long, Pointer, *(Long,) * 3, Pointer)
PACK = (Pointer, Long, Long, Long, Long, Pointer)
ADAM = (*(Pointer,) * 4, Long, *(ctypes.c_double,) * 6)
SOFTMAX = (Pointer, Long, Long, *(Pointer,) * 6, ctypes.c_double)


class Kernels:
    """The kernels of one level.

    Attributes:
        level: A row of ``LEVELS``.
    """

    def __init__(self, library: ctypes.CDLL, level: str) -> None:
        self.level = level
        self._packed_size = self._function(library, "packed_size", (Long, Long), Long)
        self._pack = self._function(library, "pack", PACK)
        self._adam = self._function(library, "adam", ADAM)
        self._product_packed = self._function(library, "product_packed", PRODUCT)
        self._log_softmax_rows = self._function(
            library, "log_softmax_rows", (Pointer, Long, Long, Pointer)
        )
        self._sum_rows = self._function(library, "sum_rows", SUM_ROWS)
        self._panel = self._function(library, "panel", (), Long)()
        self._softmax_rows = self._function(library, "softmax_rows", SOFTMAX)
        sru = ctypes.POINTER(SruBlock)
        self.sru_forward = self._function(library, "sru_forward", (sru, *RANGE))
        self.sru_backward = self._function(
            library, "sru_backward", (sru, Pointer, Pointer, Pointer, *RANGE)
        )
        mogrifier = ctypes.POINTER(MogrifierBlock)
        self.mogrifier_forward = self._function(library, "mogrifier_forward", (mogrifier, *RANGE))
        self.mogrifier_backward = self._function(
            library, "mogrifier_backward", (mogrifier, Pointer, Pointer, Pointer, *RANGE)
        )
        self.forward = {
            cell: self._function(
                library, f"{cell}_forward", (ctypes.POINTER(Block), *RANGE, *UNITS)
            )
            for cell in CELLS.values()
        }
        self.backward = {
            cell: self._function(
                library,
                f"{cell}_backward",
                (ctypes.POINTER(Block), Pointer, Pointer, Pointer, *RANGE),
            )
            for cell in CELLS.values()
        }

    def packed(self, weights: Array, groups: int = 1) -> Array:
        """Return a copy of ``weights (K, G*N)`` in the order of ``product.h``, group by group."""
        depth, columns = weights.shape[0], weights.shape[1] // groups
        size = self._packed_size(depth, columns)
        packed = aligned((groups, size))
        down, right = (stride // weights.itemsize for stride in weights.strides)
        for group in range(groups):
            first = weights[:, group * columns :]
            self._pack(pointer(first), depth, columns, down, right, pointer(packed[group]))
        return packed

    def split_columns(self, columns: int, parts: int) -> list[slice]:
        """Split the columns of packed weights into at most ``parts`` slices."""
        panel = self._panel
        cuts = split_rows(-(-columns // panel), parts)
        return [slice(cut.start * panel, min(cut.stop * panel, columns)) for cut in cuts]

    def product(self, x: Array, packed: Array, columns: int) -> Array:
        """Return ``x (N, K)`` times packed weights ``(K, columns)``, on all cores."""
        x = np.ascontiguousarray(x, np.float32)
        (rows, depth), out = x.shape, np.empty((len(x), columns), np.float32)
        worth = depth * columns // THREAD_WEIGHTS
        cuts = self.split_columns(columns, min(core_count(), worth))

        def run(part: int) -> None:
            cut = cuts[part].start, cuts[part].stop
            self._product_packed(
                rows, pointer(x), depth, pointer(packed), columns, *cut, pointer(out)
            )

        in_parallel(run, len(cuts))
        return out

    def sum_rows(self, values: Array, index: Ids, count: int) -> Array:
        """Return ``(count, K)``, in row ``n`` the sum of the rows of ``values`` with index ``n``.

        Args:
            values: ``(N, K)`` float32, contiguous.
            index: ``(N,)``, each below ``count``.
            count: The number of sums.
        """
        (rows, columns), sums = values.shape, np.zeros((count, values.shape[1]), np.float32)
        index = np.ascontiguousarray(index, np.int64)
        cuts = self.split_columns(columns, min(core_count(), values.size // THREAD_WEIGHTS))

        def run(part: int) -> None:
            cut = cuts[part].start, cuts[part].stop
            self._sum_rows(rows, columns, pointer(values), pointer(index), *cut, pointer(sums))

        in_parallel(run, len(cuts))
        return sums

    def log_softmax(self, logits: Array, bias: Array) -> None:
        """Replace logits ``(N, V)`` without bias, float32, by log-probabilities."""
        self._log_softmax_rows(pointer(logits), *logits.shape, pointer(bias))

    def adam(self, value: Array, gradient: Array, m: Array, v: Array, *numbers: float) -> None:
        """As ``adam_update`` in ``nn/engines/updates.py``, for a piece of float32.

        ``numbers`` are the fields of ``AdamStep``, in their order.
        """
        self._adam(*map(pointer, (value, gradient, m, v)), value.size, *numbers)

    def exponentiate(self, logits: Array, bias: Array, targets: Ids) -> tuple[Array, Array]:
        """As ``exponentiate`` in ``nn/outputs/softmax.py``, for float32."""
        log_probs, total = np.empty(len(logits), np.float64), np.empty(len(logits), np.float32)
        self._softmax(logits, bias, targets, log_probs, total, None, None, 1)
        return log_probs, total

    def slopes(
        self, logits: Array, bias: Array, targets: Ids, mean_over: int, dbias: Array
    ) -> tuple[Array, Array]:
        """As ``SoftmaxOutput._slopes``, for float32."""
        log_probs, total = np.empty(len(logits), np.float64), np.empty(len(logits), np.float32)
        scale = np.empty_like(total)
        self._softmax(logits, bias, targets, log_probs, total, scale, dbias, mean_over)
        return log_probs, scale

    def _softmax(
        self,
        logits: Array,
        bias: Array,
        targets: Ids,
        log_probs: Array,
        total: Array,
        scale: Array | None,
        dbias: Array | None,
        mean_over: int,
    ) -> None:
        targets = np.ascontiguousarray(targets, np.int64)
        arrays = bias, targets, log_probs, total, scale, dbias
        self._softmax_rows(pointer(logits), *logits.shape, *map(pointer, arrays), mean_over)

    def _function(
        self, library: ctypes.CDLL, name: str, takes: tuple[Any, ...], returns: Any = None
    ) -> Any:
        function = getattr(library, f"{name}_{self.level}")
        function.argtypes, function.restype = takes, returns
        return function


@cache
def library() -> ctypes.CDLL | None:
    """Return the compiled library, or ``None`` where the package was built without it."""
    for path in sorted(Path(__file__).parent.glob("_kernels*.so")):
        try:
            return ctypes.CDLL(str(path))
        except OSError:  # of another machine, or without its C library
            continue
    return None


@cache
def levels() -> tuple[str, ...]:
    """Return the levels that this processor has, the best one last."""
    loaded = library()
    return tuple(level for level in LEVELS if loaded and getattr(loaded, f"has_{level}", int)())


@cache
def kernels(level: str | None = None) -> Kernels | None:
    """Return the kernels of a level, by default of the best one that this processor has.

    There are none where a library was left by an older version of the package.
    """
    loaded, found = library(), levels()
    if loaded is None or not found or (level is not None and level not in found):
        return None
    try:
        return Kernels(loaded, level or found[-1])
    except AttributeError:  # it lacks a function
        return None


def pointer(array: Array | None) -> int | None:
    """Return the address of an array's first value, ``None`` for no array."""
    return None if array is None else array.ctypes.data


def aligned(shape: tuple[int, ...]) -> Array:
    """Return an uninitialized array of float32 that begins with a line of the cache."""
    count = int(np.prod(shape))
    whole = np.empty(count * 4 + ALIGNMENT, np.uint8)
    start = -whole.ctypes.data % ALIGNMENT
    return whole[start : start + count * 4].view(np.float32).reshape(shape)
