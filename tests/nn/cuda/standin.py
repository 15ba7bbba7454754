"""NumPy in CuPy's place, as strict as CuPy is, and the kernels' own source compiled as C.

An array "on the device" is an ``ndarray`` of a class of its own. As with CuPy's, NumPy's functions
work on it, and a function of it and of a plain array is an error. What waits for the device is
counted. A kernel is called with arguments that are checked against its source.
"""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np

COMPILER = shutil.which("gcc") or shutil.which("cc")
HEADER = Path(__file__).with_name("emulated.h")


class Array(np.ndarray):
    """An array that is on the device."""

    waits = 0

    @property
    def data(self):
        """Where it lies, as CuPy says it."""
        return SimpleNamespace(ptr=self.ctypes.data)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        assert Stream.recorded is None, f"{ufunc.__name__} is not in the graph"
        _same_place(inputs, out or ())
        if out is not None:
            kwargs["out"] = tuple(np.ndarray.view(one, np.ndarray) for one in out)
        found = getattr(ufunc, method)(*map(_plain, inputs), **kwargs)
        return out[0] if out else _there(found)

    def __array_function__(self, func, types, args, kwargs):
        _same_place(_inner(args) + _inner(kwargs.values()), ())
        found = func(*_plain(args), **{name: _plain(one) for name, one in kwargs.items()})
        if func is np.empty_like:
            found.fill(np.nan)  # nobody reads what was not written
        return _there(found)

    def __setitem__(self, places, value):
        _same_place((value,), ())
        super().__setitem__(places, value)

    def __getitem__(self, places):
        found = super().__getitem__(places)
        return found if isinstance(found, Array) else _there(found)

    def __float__(self):
        Array.waits += 1
        return float(_plain(self))

    def __bool__(self):
        Array.waits += 1
        return bool(_plain(self))

    def tolist(self):
        raise TypeError("a device's array was read without asnumpy")


def _inner(values):
    return [x for one in values for x in (one if isinstance(one, list | tuple) else [one])]


def _plain(value):
    if isinstance(value, list | tuple):
        return type(value)(map(_plain, value))
    return value.view(np.ndarray) if isinstance(value, Array) else value


def _there(value):
    if isinstance(value, list | tuple):
        return type(value)(map(_there, value))
    if isinstance(value, np.generic):
        value = np.asarray(value)
    return value.view(Array) if isinstance(value, np.ndarray) else value


def _same_place(values, out):
    for value in [*values, *out]:
        if isinstance(value, np.ndarray) and not isinstance(value, Array):
            raise TypeError("an array of NumPy's where a device's is needed")


def asnumpy(array):
    Array.waits += 1
    return np.array(_plain(array))


def asarray(array, dtype=None):
    return np.array(_plain(array), dtype).view(Array)


def dot(left, right, out=None):
    _same_place((left, right), () if out is None else (out,))
    if out is None:
        return np.dot(_plain(left), _plain(right)).view(Array)
    assert out.flags.c_contiguous
    assert (out.dtype, out.shape) == (left.dtype, (len(left), right.shape[1]))
    now_or_later(lambda: np.dot(_plain(left), _plain(right), out=_plain(out)))
    return out


def parameters(source, name):
    """The types of a kernel's parameters."""
    listed = re.search(rf"^KERNEL {name}\(([^)]*)\)", source, re.MULTILINE)[1]
    return [re.sub(r"const |\w+$", "", " ".join(one.split())).strip() for one in listed.split(",")]


class RawModule:
    """Kernels, compiled as C into ``folder``."""

    folder: Path  # set by the fixture

    def __init__(self, code, options):
        self.code = code
        (real,) = (one.partition("=")[2] for one in options if one.startswith("-DREAL="))
        self.real = {"float": np.float32, "double": np.float64}[real]
        library = self.folder / f"kernels_{real}.so"
        if not library.exists():
            unit = library.with_suffix(".c")
            unit.write_text(f"#define REAL {real}\n{HEADER.read_text()}\n{code}")
            flags = ["-std=gnu11", "-O1", "-ffp-contract=off", "-shared", "-fPIC"]
            warnings = ["-Wall", "-Werror", "-Wno-unused"]
            command = [COMPILER, *flags, *warnings, str(unit), "-o", str(library), "-lm"]
            subprocess.run(command, check=True)
        self.library = ctypes.CDLL(str(library))

    def get_function(self, name):
        types, call = parameters(self.code, name), getattr(self.library, name)
        call.restype = None

        def launch(grid, block, arguments):
            assert grid[0] > 0
            assert block[0] & (block[0] - 1) == 0
            assert len(arguments) == len(types), name
            checked = [self.argument(*pair) for pair in zip(arguments, types, strict=True)]
            now_or_later(lambda: call(*checked))

        return launch

    def argument(self, value, kind):
        """Check an argument as the device would not."""
        if kind.endswith("*"):
            if not isinstance(value, Array):
                assert repr(value) == repr(np.uint64(0))
                return ctypes.c_void_p(None)
            needed = {"real *": self.real, "double *": np.float64, "integer *": np.int64}[kind]
            assert value.dtype == needed
            assert value.flags.c_contiguous
            return ctypes.c_void_p(value.ctypes.data)
        wanted = {"integer": int, "double": float, "wide": np.uint64}[kind]
        assert type(value) is wanted, (kind, value)
        of_c = {"integer": ctypes.c_longlong, "double": ctypes.c_double}
        return of_c.get(kind, ctypes.c_ulonglong)(int(value) if kind != "double" else value)


class Blas:
    """The functions of cuBLAS that are called, on NumPy's arrays at the given addresses."""

    def __init__(self):
        self.workspace = None
        self.computed = set()

    def cublasCreate_v2(self, handle):
        handle._obj.value = 1
        return 0

    def cublasSetStream_v2(self, handle, stream):
        self.workspace = None
        return 0

    def cublasSetWorkspace_v2(self, handle, address, size):
        self.workspace = address.value
        return 0

    def cublasGemmEx(self, handle, op_a, op_b, m, n, k, alpha, *arguments):
        """``C = A B``, each by columns."""
        a, type_a, lda, b, type_b, ldb, beta, c, type_c, ldc, compute, algorithm = arguments
        dtype, computes = [(np.float32, (68, 75, 77)), (np.float64, (70,))][type_c]
        assert self.workspace is not None
        assert type_a == type_b == type_c
        assert compute in computes
        assert algorithm == -1
        assert (alpha._obj.value, beta._obj.value) == (1, 0)
        self.computed.add(compute)
        left = columns_at(a, *((k, m) if op_a else (m, k)), lda, dtype)
        right = columns_at(b, *((n, k) if op_b else (k, n)), ldb, dtype)
        out = columns_at(c, m, n, ldc, dtype)
        left, right = left.T if op_a else left, right.T if op_b else right
        now_or_later(lambda: np.copyto(out, left @ right))
        return 0


def columns_at(address, rows, columns, leading, dtype):
    """A matrix in memory, column after column."""
    size = leading * (columns - 1) + rows
    memory = (ctypes.c_char * (size * np.dtype(dtype).itemsize)).from_address(address.value)
    flat = np.frombuffer(memory, dtype)
    step = flat.itemsize
    return np.lib.stride_tricks.as_strided(flat, (rows, columns), (step, leading * step))


class Stream:
    """Records launches and products instead of doing them, while it captures."""

    recorded = None

    def __init__(self, non_blocking):
        assert non_blocking

    def __enter__(self):
        pass

    def __exit__(self, *error):
        pass

    def begin_capture(self):
        Stream.recorded = []

    def end_capture(self):
        work, Stream.recorded = Stream.recorded, None
        return SimpleNamespace(launch=lambda: [one() for one in work])


class OutOfMemoryError(MemoryError):
    """The device is full."""

    def __init__(self, size, total, limit=0):
        super().__init__(f"Out of memory allocating {size:,} bytes")


def now_or_later(work):
    """Do it, or record it."""
    if Stream.recorded is None:
        work()
    else:
        Stream.recorded.append(work)


def module():
    """A module that stands for CuPy."""
    runtime = SimpleNamespace(
        getDeviceCount=lambda: 1,
        getDevice=lambda: 0,
        getDeviceProperties=lambda number: {"name": b"Stand-in"},
        memGetInfo=lambda: (6_000_000_000, 8_000_000_000),
    )
    pool = SimpleNamespace(
        used_bytes=lambda: 2_000_000_000,
        total_bytes=lambda: 3_000_000_000,
        free_all_blocks=lambda: None,
    )
    synchronized = SimpleNamespace(synchronize=lambda: None)
    chosen = {}
    kinds = SimpleNamespace(COMPUTE_TYPE_TF32=7, COMPUTE_TYPE_DEFAULT=1)
    core = SimpleNamespace(
        _routines_linalg=kinds, set_compute_type=lambda dtype, kind: chosen.update({dtype: kind})
    )
    return SimpleNamespace(
        chosen=chosen,
        _core=core,
        ndarray=Array,
        asarray=asarray,
        asnumpy=asnumpy,
        stack=np.stack,
        dot=dot,
        matmul=np.matmul,
        empty=lambda shape, dtype: np.empty(shape, dtype).view(Array),
        RawModule=RawModule,
        cuda=SimpleNamespace(
            runtime=runtime,
            Stream=Stream,
            memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
            Device=lambda: synchronized,
            get_current_stream=lambda: SimpleNamespace(ptr=id(Stream.recorded)),
        ),
        get_default_memory_pool=lambda: pool,
    )
