"""A CUDA device: what is on it, and how arrays get there and back.

The arrays of a network are NumPy's or CuPy's, and most code does not ask which: operators, methods
and NumPy's functions work on both. What does ask is here, and takes an array as the example. CuPy
is imported here alone, and only once a device is asked for, so that without one the functions here
return what they are given.
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import numpy as np

from rnnlm_cli.errors import DeviceMemoryError, UsageError
from rnnlm_cli.system.arrays import Array

Value = TypeVar("Value")

DEVICES = ("cpu", "cuda", "auto")
"""The values of ``training.device``."""

EXTRAS = "pip install 'rnnlm-cli[cuda12]' or 'rnnlm-cli[cuda13]'"


class _Loaded:
    """CuPy, once a device is in use."""

    cupy: Any = None
    factors = "float32"


def cupy() -> Any:
    """Return CuPy, for a device that is there.

    Raises:
        UsageError: CuPy or a device is missing.
    """
    if _Loaded.cupy is None:
        missing = why_none()
        if missing is not None:
            raise UsageError(f"no CUDA device; {missing}")
        _Loaded.cupy = importlib.import_module("cupy")
    return _Loaded.cupy


def why_none() -> str | None:
    """Return why no CUDA device can be used, in a few words; ``None`` if one can."""
    if _Loaded.cupy is not None:
        return None
    try:
        found = importlib.import_module("cupy")
        count = int(found.cuda.runtime.getDeviceCount())
    except ModuleNotFoundError:
        return f"CuPy is not installed: {EXTRAS}"
    except Exception as error:  # CuPy's own classes, which cannot be named without it
        said = str(error).strip().splitlines() or [type(error).__name__]
        return f"CuPy says: {said[0].partition(':')[2].strip() or said[0]}"
    return None if count else "the driver finds none"


def on_device(array: Any) -> bool:
    """Whether an array is on the device."""
    return _Loaded.cupy is not None and isinstance(array, _Loaded.cupy.ndarray)


def to_device(values: Array) -> Array:
    """Return a copy on the device.

    Raises:
        UsageError: There is no device.
        DeviceMemoryError: It is full.
    """
    with explained():
        found: Array = cupy().asarray(values)
    return found


def beside(values: Array, like: Array) -> Array:
    """Return values where ``like`` is: a copy on the device, or the values themselves."""
    if not on_device(like) or on_device(values):
        return values
    found: Array = _Loaded.cupy.asarray(values)
    return found


def to_host(value: Value) -> Value:
    """Return a value with NumPy's arrays in the place of a device's, also nested ones."""
    return value if _Loaded.cupy is None else _to_host(value)


def _to_host(value: Any) -> Any:
    if isinstance(value, _Loaded.cupy.ndarray):
        return _Loaded.cupy.asnumpy(value)
    if isinstance(value, Mapping):
        return {key: _to_host(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_to_host(part) for part in value)
    return value


def numbers(*values: float) -> tuple[float, ...]:
    """Return numbers that may be on the device, ``()`` each, and wait for them once."""
    if not any(on_device(value) for value in values):
        return values
    together = _Loaded.cupy.stack([_Loaded.cupy.asarray(v, np.float64) for v in values])
    return tuple(_Loaded.cupy.asnumpy(together).tolist())


def multiply(left: Array, right: Array, out: Array | None = None) -> Array:
    """CuPy's matrix product, of any layout; ``nn/cuda/products.py`` has those of most."""
    found: Array = _Loaded.cupy.matmul(left, right, out=out)
    return found


def round_factors(precision: str) -> None:
    """Let products of float32 round their factors, or not; sums and results stay float32.

    For the whole process, as CuPy has it. CuPy's own products, those of cells without kernels, know
    TF32 only.

    Args:
        precision: ``tf32`` (10 bits of fraction), ``bfloat16`` (7 bits), or one without rounding.
    """
    _Loaded.factors = precision
    if _Loaded.cupy is None:
        return
    core = _Loaded.cupy._core
    kinds = core._routines_linalg
    kind = kinds.COMPUTE_TYPE_TF32 if precision == "tf32" else kinds.COMPUTE_TYPE_DEFAULT
    core.set_compute_type(np.dtype(np.float32), kind)


@contextmanager
def rounded_factors(precision: str) -> Iterator[None]:
    """``round_factors`` for some work; what follows is as before."""
    before = _Loaded.factors
    round_factors(precision)
    try:
        yield
    finally:
        round_factors(before)


def factors() -> str:
    """Return the precision that ``round_factors`` was given."""
    return _Loaded.factors


def blas() -> Any:
    """Return cuBLAS itself, the copy that CuPy has loaded; ``None`` if it has another name."""
    cuda = cupy().cuda
    cuda.get_cublas_handle()  # loads it
    try:
        return ctypes.CDLL(f"libcublas.so.{cuda.runtime.runtimeGetVersion() // 1000}")
    except OSError:
        return None


class Card(NamedTuple):
    """The device that is in use."""

    name: str
    total: int  # bytes
    free: int  # bytes that no process has
    used: int  # bytes in this process's arrays


def card() -> Card:
    """Return what the device is, and its memory.

    Raises:
        UsageError: There is no device.
    """
    cuda = cupy().cuda
    properties = cuda.runtime.getDeviceProperties(cuda.runtime.getDevice())
    free, total = cuda.runtime.memGetInfo()
    name = properties["name"]
    used = int(cupy().get_default_memory_pool().used_bytes())
    return Card(name.decode() if isinstance(name, bytes) else str(name), total, free, used)


@contextmanager
def explained() -> Iterator[None]:
    """Say in one line how much memory a device has when it is full.

    Raises:
        DeviceMemoryError: In place of the device's own error.
        MemoryError: The memory of the host is full.
    """
    try:
        yield
    except MemoryError as error:
        if _Loaded.cupy is None or not isinstance(error, _Loaded.cupy.cuda.memory.OutOfMemoryError):
            raise
        now = card()
        raise DeviceMemoryError(
            f"out of memory on the device ({now.name}): this process has {now.used / 1e9:.1f} GB "
            f"of its {now.total / 1e9:.1f} GB, and {now.free / 1e9:.1f} GB are free; lower "
            "training.batch_size, training.bptt or model.hidden_size"
        ) from None
