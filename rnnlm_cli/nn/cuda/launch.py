"""The kernels of ``c/``, compiled at first use and launched by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnlm_cli.nn import device
from rnnlm_cli.system.arrays import Array

REALS = {"float32": "float", "float64": "double"}
"""C's name of each type."""

OPTIONS = ("-std=c++17", "-fmad=false")
"""Of the compiler. A product and a sum are rounded one after the other, as NumPy rounds them."""

FILES = [
    *("common.h", "elman.cu", "lstm.cu", "gru.cu", "softmax.cu", "dropout.cu"),
    *("sums.cu", "clip.cu", "update.cu"),
]

SOURCES = Path(__file__).parent / "c"

THREADS = 256
"""Per block, a power of two (``common.h``)."""

MOST_BLOCKS = 1024
"""Per launch. Fixed, so that sums do not depend on the card."""

NULL = np.uint64(0)
"""A pointer to nothing, as an argument."""


def source() -> str:
    """Return the source of all kernels, for a ``REAL`` that an option defines."""
    return "\n".join((SOURCES / name).read_text(encoding="utf-8") for name in FILES)


class Kernels:
    """The kernels for one type of values."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        """Prepare; the first launch compiles.

        Args:
            dtype: float32 or float64.
        """
        cupy = device.cupy()
        real = f"-DREAL={REALS[np.dtype(dtype).name]}"
        self._module = cupy.RawModule(code=source(), options=(*OPTIONS, real))
        self._found: dict[str, Any] = {}

    def launch(self, name: str, blocks: int, *arguments: Any) -> None:
        """Launch a kernel.

        Args:
            name: Of the kernel.
            blocks: How many blocks of ``THREADS`` threads would have one element or row each.
            arguments: Contiguous arrays, numbers, ``None`` for a null pointer.
        """
        if name not in self._found:
            self._found[name] = self._module.get_function(name)
        own = tuple(NULL if one is None else one for one in arguments)
        self._found[name]((max(1, min(blocks, MOST_BLOCKS)),), (THREADS,), own)


@cache
def kernels(dtype: np.dtype[Any]) -> Kernels:
    """Return the kernels for a type."""
    return Kernels(dtype)


def each(name: str, count: int, example: Array, *arguments: Any) -> None:
    """Launch a kernel with a thread per element; ``example`` has the type.

    Args:
        name: Of the kernel.
        count: The number of elements, also the kernel's last argument unless it has its own.
        example: An array of the kernel's type.
        arguments: The kernel's.
    """
    kernels(example.dtype).launch(name, -(-count // THREADS), *arguments)


def each_row(name: str, rows: int, example: Array, *arguments: Any) -> None:
    """Launch a kernel with a block per row."""
    kernels(example.dtype).launch(name, rows, *arguments)
