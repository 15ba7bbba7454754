"""The kernels' tests under the compiler's sanitizers: addresses, undefined behaviour, threads.

Run by ``make sanitize``, on Linux with GCC. For each sanitizer the kernels are built in a copy of
the package, and the sanitizer's library is loaded before Python, which is not built with it: so it
watches the kernels and the memory that they get, and nothing else. A finding ends a test with a
report.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

TESTS = ("tests/nn/test_compiled.py", "tests/nn/test_engines.py", "tests/nn/test_shared_model.py")

SANITIZERS = {
    "address,undefined": "libasan.so",
    "thread": "libtsan.so",
}
"""What the compiler is told, and the library that must come first."""

OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=0",  # Python frees nothing at its end
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:ignore_noninstrumented_modules=1",
}


def build(copy: Path, sanitizer: str) -> None:
    """Build the kernels in place, in a copy of the tree."""
    flag = f"-fsanitize={sanitizer}"
    environment = os.environ | {"CFLAGS": f"{flag} -fno-sanitize-recover", "LDFLAGS": flag}
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace", "--force"]
    subprocess.run(command, cwd=copy, env=environment, check=True)
    if not (copy / "rnnlm_cli/nn/engines/_kernels.so").exists():
        sys.exit(f"the kernels were not built with {flag}")


def test(copy: Path, library: str) -> int:
    """Run the tests with the sanitizer's library; return the exit status."""
    path = subprocess.check_output(["gcc", f"-print-file-name={library}"], text=True).strip()
    environment = os.environ | OPTIONS | {"LD_PRELOAD": path, "PYTHONPATH": str(copy)}
    # -s: a report is not captured; -R: the thread sanitizer has fixed places for its memory
    command = [
        "setarch",
        "-R",
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-s",
        "-p",
        "no:xdist",
        *TESTS,
    ]
    return subprocess.run(command, cwd=copy, env=environment, check=False).returncode


def main() -> None:
    """Build and test with each sanitizer."""
    failed = []
    for sanitizer, library in SANITIZERS.items():
        print(f"with -fsanitize={sanitizer}", flush=True)
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name, "copy")
            ignored = shutil.ignore_patterns(".git", ".venv*", "__pycache__", "_kernels.so", "docs")
            shutil.copytree(ROOT, copy, symlinks=True, ignore=ignored)
            build(copy, sanitizer)
            if test(copy, library):
                failed.append(sanitizer)
    sys.exit(f"findings with {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
