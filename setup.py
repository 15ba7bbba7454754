"""Builds the kernels in C where there is a compiler; everything else is in setup.cfg.

The kernels are optional: without a C compiler the package is installed without them, and runs in
NumPy. ``RNNLM_PURE=1`` leaves them out, for a wheel that fits every machine.
"""

from __future__ import annotations

import os
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

SOURCES = Path("rnnlm_cli/nn/engines/c")

LEVELS = {
    "x86_64": {"v3": ["-march=x86-64-v3"], "v4": ["-march=x86-64-v4"]},
    "aarch64": {"aarch64": []},
    "arm64": {"aarch64": []},  # the same, as macOS names it
}
"""For each kind of processor, the levels of the kernels, and what tells the compiler of them."""

FILES = {"level": [], "update": ["-ffp-contract=off"]}
"""The files that are compiled once per level, and what each needs (see ``update.h``)."""

FLAGS = ["-std=gnu11", "-O3", "-g0", "-fno-math-errno", "-Wall", "-Wextra"]


class BuildKernels(build_ext):
    """Compiles the kernels once per level and links all levels into one library.

    The library uses nothing of Python's, so it fits all versions of it; it is loaded by ctypes.
    """

    def build_extension(self, ext: Extension) -> None:
        """Compile and link; an error leaves the kernels out, with a warning."""
        levels = LEVELS[self.processor()]
        sources = {str(SOURCES / "level.c"): []}
        for file, own in FILES.items():
            for level, flags in levels.items():
                sources[str(SOURCES / f"{file}_{level}.c")] = [*flags, *own]
        objects: list[str] = []
        for source, flags in sources.items():
            objects += self.compiler.compile(
                [source], output_dir=self.build_temp, extra_postargs=[*FLAGS, *flags]
            )
        path = self.get_ext_fullpath(ext.name)
        self.compiler.link_shared_object(objects, path, libraries=["m"])

    def get_ext_filename(self, fullname: str) -> str:
        """Return a name without a version of Python."""
        return os.path.join(*fullname.split(".")) + ".so"

    def processor(self) -> str:
        """Return the processor that is built for, as in ``linux-x86_64``."""
        return self.plat_name.rpartition("-")[2]


class Wheel(bdist_wheel):
    """A wheel with the kernels fits every version of Python on one kind of machine."""

    def get_tag(self) -> tuple[str, str, str]:
        """Return the tags of the wheel's name."""
        return "py3", "none", super().get_tag()[2]


kernels = Extension(
    "rnnlm_cli.nn.engines._kernels",
    sources=[str(path) for path in sorted(SOURCES.glob("*.c"))],
    depends=[str(path) for path in sorted(SOURCES.glob("*.h"))],
    optional=True,
)

setup(
    ext_modules=[] if os.environ.get("RNNLM_PURE") == "1" else [kernels],
    cmdclass={"build_ext": BuildKernels, "bdist_wheel": Wheel},
)
