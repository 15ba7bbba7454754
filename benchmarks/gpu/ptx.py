"""Compiles every kernel to PTX with NVRTC, which needs no device.

Needs ``pip install nvidia-cuda-nvrtc-cu12``. Without a device this is the only real compiler that
the kernels can be given to; ``make gpu-compile``.
"""

from __future__ import annotations

import ctypes
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from rnnlm_cli.nn.cuda.launch import OPTIONS, REALS, source

ARCHITECTURE = "compute_90"
"""That of an H100; CuPy compiles for the card that is there."""


class Nvrtc:
    """NVIDIA's compiler at run time."""

    def __init__(self) -> None:
        """Load it from the package of its wheel.

        Raises:
            SystemExit: The package is not installed.
        """
        spec = find_spec("nvidia.cuda_nvrtc")
        if spec is None or not spec.submodule_search_locations:
            sys.exit("no compiler: pip install nvidia-cuda-nvrtc-cu12")
        (folder,) = (Path(one) / "lib" for one in spec.submodule_search_locations)
        self._library = ctypes.CDLL(str(next(folder.glob("libnvrtc.so.*"))))

    def ptx(self, code: str, options: list[str]) -> str:
        """Return the PTX of a program.

        Raises:
            SystemExit: It has errors; the compiler's words are printed.
        """
        program = ctypes.c_void_p()
        self._check(
            "nvrtcCreateProgram", ctypes.byref(program), code.encode(), b"kernels.cu", 0, None, None
        )
        words = (ctypes.c_char_p * len(options))(*(one.encode() for one in options))
        failed = self._library.nvrtcCompileProgram(program, len(options), words)
        said = self._text("nvrtcGetProgramLogSize", "nvrtcGetProgramLog", program)
        if said.strip():
            print(said)
        if failed:
            sys.exit(f"error {failed}")
        return self._text("nvrtcGetPTXSize", "nvrtcGetPTX", program)

    def _text(self, size: str, what: str, program: ctypes.c_void_p) -> str:
        length = ctypes.c_size_t()
        self._check(size, program, ctypes.byref(length))
        buffer = ctypes.create_string_buffer(length.value)
        self._check(what, program, buffer)
        return buffer.value.decode()

    def _check(self, name: str, *arguments: object) -> None:
        if failed := getattr(self._library, name)(*arguments):
            sys.exit(f"{name}: error {failed}")


def main() -> None:
    """Compile for both types, and print what came of it."""
    compiler, code = Nvrtc(), source()
    asked = set(re.findall(r"^KERNEL (\w+)", code, re.MULTILINE))
    for dtype, real in REALS.items():
        options = [*OPTIONS, f"-DREAL={real}", f"--gpu-architecture={ARCHITECTURE}"]
        ptx = compiler.ptx(code, options)
        found = set(re.findall(r"\.visible \.entry (\w+)\(", ptx))
        if found != asked:
            sys.exit(f"{dtype}: {asked ^ found} are in the source or in the PTX, not in both")
        atomics = re.findall(r"\b(?:atom|red)\.\S+", ptx)
        if atomics:
            sys.exit(f"{dtype}: sums in no fixed order: {atomics}")
        print(f"{dtype}: {len(found)} kernels, {len(ptx):,} bytes of PTX, no atomics")


if __name__ == "__main__":
    main()
