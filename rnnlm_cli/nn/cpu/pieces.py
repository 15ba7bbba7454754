"""Element-wise work on large arrays, piece by piece, on all cores.

A piece of each array fits in a core's cache, so that each array is read from memory once, however
many NumPy calls the work takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rnnlm_cli.nn.cpu.threads import core_count, in_parallel, split_rows
from rnnlm_cli.nn.device import on_device
from rnnlm_cli.system.arrays import Array

Result = TypeVar("Result")

PIECE = 65_536
"""Values of each array per piece."""

THREAD_PIECES = 4
"""Minimum pieces per thread."""


def in_pieces(work: Callable[..., Result], *arrays: Array) -> list[Result]:
    """Call ``work`` with the same piece of each array; return its results in order.

    The pieces depend on the size alone, so the results are the same on any number of cores. Arrays
    on a device are one piece.

    Args:
        work: Takes a view ``(n,)`` of each array; may write into it.
        arrays: Contiguous, of one size.

    Raises:
        ValueError: An array is not contiguous, so that its pieces would be copies.
    """
    if not all(array.flags.c_contiguous for array in arrays):
        raise ValueError("in_pieces needs contiguous arrays")
    flat = [array.reshape(-1) for array in arrays]
    if on_device(arrays[0]):
        return [work(*flat)]
    size = flat[0].size
    starts = range(0, size, PIECE)
    shares = split_rows(len(starts), min(core_count(), len(starts) // THREAD_PIECES))

    def run(part: int) -> list[Result]:
        own = starts[shares[part]]
        return [work(*(array[start : start + PIECE] for array in flat)) for start in own]

    return [result for results in in_parallel(run, len(shares)) for result in results]
