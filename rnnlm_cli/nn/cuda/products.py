"""Products on the device: calls of cuBLAS that a CUDA graph can capture.

CuPy refuses its own calls of cuBLAS while a stream is captured. The library itself can be captured,
so it is called here, with a handle and a workspace of its own: cuBLAS would else allocate one in
every graph. Products of matrices go this way, captured or not, so that both have the same bits; a
call also takes the host a fraction of the time of CuPy's.
"""

from __future__ import annotations

import ctypes
from functools import cache
from threading import RLock
from typing import Any, NamedTuple

import numpy as np

from rnnlm_cli.nn import device
from rnnlm_cli.system.arrays import Array

WORKSPACE = 32 << 20
"""Bytes, as NVIDIA recommends for its newer cards."""

ROUNDED = {"tf32": 77, "bfloat16": 75}
"""cublasComputeType_t of products of float32 whose factors are rounded."""

ONE_AT_A_TIME = RLock()
"""The handle has one stream at a time, and a graph takes what is launched while it is captured."""


class Kind(NamedTuple):
    """How numbers of a type are named to cuBLAS."""

    real: Any  # of ctypes
    data: int  # cudaDataType_t
    compute: int  # cublasComputeType_t


KINDS = {
    np.dtype(np.float32): Kind(ctypes.c_float, 0, 68),
    np.dtype(np.float64): Kind(ctypes.c_double, 1, 70),
}
DEFAULT = -1
"""cublasGemmAlgo_t: cuBLAS chooses."""


class Products:
    """A handle of cuBLAS."""

    def __init__(self, library: Any) -> None:
        """Create the handle.

        Args:
            library: cuBLAS, as ctypes loads it.
        """
        self._library, self._handle = library, ctypes.c_void_p()
        self._call("cublasCreate_v2", ctypes.byref(self._handle))
        self._workspace = device.cupy().empty(WORKSPACE, np.uint8)
        self._stream: int | None = None

    def multiply(self, left: Array, right: Array, out: Array) -> None:
        """Write ``left @ right`` into ``out``, on the current stream.

        cuBLAS counts along columns, in which the arrays are transposed: it is asked for
        ``right^T left^T``.

        Args:
            left: ``(N, K)``, contiguous along rows or columns.
            right: ``(K, M)``, likewise.
            out: ``(N, M)``, contiguous along rows, of the same type.
        """
        (rows, inner), columns = left.shape, right.shape[1]
        kind = KINDS[left.dtype]
        one, zero = kind.real(1), kind.real(0)
        rounded = ROUNDED.get(device.factors()) if left.dtype == np.float32 else None
        turned = [not matrix.flags.c_contiguous for matrix in (right, left)]
        with ONE_AT_A_TIME:
            self._prepare()
            self._call(
                "cublasGemmEx",
                *(self._handle, *map(int, turned), columns, rows, inner),  # 1: CUBLAS_OP_T
                *(ctypes.byref(one), pointer(right), kind.data, inner if turned[0] else columns),
                *(pointer(left), kind.data, rows if turned[1] else inner),
                *(ctypes.byref(zero), pointer(out), kind.data, columns),
                *(rounded or kind.compute, DEFAULT),
            )

    def _prepare(self) -> None:
        """Take the current stream."""
        stream = int(device.cupy().cuda.get_current_stream().ptr)
        if stream != self._stream:
            self._call("cublasSetStream_v2", self._handle, ctypes.c_void_p(stream))
            # a new stream takes the workspace away
            size = ctypes.c_size_t(WORKSPACE)
            self._call("cublasSetWorkspace_v2", self._handle, pointer(self._workspace), size)
            self._stream = stream

    def _call(self, name: str, *arguments: Any) -> None:
        status = getattr(self._library, name)(*arguments)
        if status != 0:
            raise RuntimeError(f"{name} of cuBLAS returned {status}")


def pointer(array: Array) -> ctypes.c_void_p:
    """Return the address of an array on the device."""
    data: Any = array.data  # CuPy's memory pointer, NumPy's memoryview
    return ctypes.c_void_p(data.ptr)


@cache
def products() -> Products | None:
    """Return the handle of this process; ``None`` where the library cannot be called."""
    library = device.blas()
    return None if library is None else Products(library)


def product(left: Array, right: Array, out: Array | None = None) -> Array:
    """Matrix product ``(N, K) @ (K, M)``, or the same for groups, as ``product`` of the CPU."""
    if right.ndim == 3 and len(right) == 1:
        right, out = right[0], None if out is None else out[0]
    own = products()
    matrices = [left, right] if out is None else [left, right, out]
    alike = all(is_laid_out(one) and one.dtype == left.dtype for one in matrices)
    if own is None or not alike or not (out is None or out.flags.c_contiguous):
        return device.multiply(left, right, out)
    if out is None:
        out = np.empty_like(left, order="C", shape=(len(left), right.shape[1]))
    own.multiply(left, right, out)
    return out


def is_laid_out(array: Array) -> bool:
    """Whether cuBLAS can read a matrix where it is."""
    flags = array.flags
    return array.ndim == 2 and array.size > 0 and (flags.c_contiguous or flags.f_contiguous)
