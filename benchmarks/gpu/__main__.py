"""Checks and measures the engine for CUDA devices: ``make gpu``, on a machine without a network.

Each part is a program of its own with a limit of time, so that one that fails or hangs takes
nothing from the others. All that they print is in ``log.txt``; ``table.md`` has the outcome of each
part and the figures. The limits add up to 8 minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
NEEDED = ("click", "hypothesis", "msgspec", "numpy", "pytest", "threadpoolctl", "tqdm", "yaml")
"""What the tests and the program import; what a machine lacks comes from the wheels."""

FIGURES = "| "
"""The beginning of lines that are for the table."""


class Part(NamedTuple):
    """A program to run.

    Attributes:
        name: In the table.
        arguments: Of Python.
        seconds: The limit.
    """

    name: str
    arguments: Sequence[str]
    seconds: float


def tests(*arguments: str) -> list[str]:
    """Return the arguments for some tests, on the device."""
    return ["-m", "pytest", "-p", "no:cacheprovider", "--durations=3", "-rs", *arguments]


def parts(texts: Path | None, weights: Path | None) -> list[Part]:
    """Return all parts in their order: what is right first, then what is fast.

    Args:
        texts: Where Penn Treebank's texts are.
        weights: The course notes' weights (``BetterRnnlm`` or ``Rnnlm``), pickled.
    """
    matrix = "tests/nn/test_engines.py", "tests/model/test_pytorch_goldens.py"
    found = [
        Part("versions and card", ["-m", "benchmarks.gpu.card"], 30),
        Part("kernels against NumPy", tests("tests/nn/cuda"), 60),
        Part("engine matrix, goldens", tests(*matrix, "-k", "cuda or device"), 80),
        Part("trainings, resume, parity", tests("tests/train/test_device.py"), 80),
    ]
    if texts is not None:
        given = [str(texts)] if weights is None else [str(texts), str(weights)]
        found.append(Part("Penn Treebank", ["-m", "benchmarks.gpu.ptb", *given], 70))
    found.append(Part("speed and memory", ["-m", "benchmarks.gpu.speed"], 120))
    if texts is not None and shutil.which("mpiexec") and find_spec("mpi4py"):
        found.append(Part("two ranks", ["-m", "benchmarks.gpu.ranks", str(texts)], 40))
    return found


def run(part: Part, log: Path, environment: dict[str, str]) -> tuple[str, list[str]]:
    """Run a part; return how it ended, and its lines for the table."""
    begun = time.monotonic()
    with log.open("a+", encoding="utf-8") as file:
        file.write(f"\n===== {part.name}\n")
        file.flush()
        start = file.tell()
        program = [sys.executable, "-u", *part.arguments]
        try:
            done = subprocess.run(
                program,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=environment,
                timeout=part.seconds,
                check=False,
            )
            outcome = "done" if done.returncode == 0 else f"failed ({done.returncode})"
        except subprocess.TimeoutExpired:
            outcome = f"stopped after {part.seconds:g} s"
        file.seek(start)
        printed = file.read()
    print(f"===== {part.name}: {outcome}\n{printed[-4000:]}", flush=True)
    figures = [line for line in printed.splitlines() if line.startswith(FIGURES)]
    return f"{outcome}, {time.monotonic() - begun:.0f} s", figures


def run_all(wanted: Sequence[Part], out: Path, environment: dict[str, str]) -> bool:
    """Run parts one after another, and write the table after each; return whether all are done."""
    out.mkdir(parents=True, exist_ok=True)
    log = out / "log.txt"
    log.write_text("", encoding="utf-8")
    outcomes, figures = ["| part | outcome |", "|---|---|"], list[str]()
    for part in wanted:
        outcome, lines = run(part, log, environment)
        outcomes.append(f"| {part.name} | {outcome} |")
        figures += ["", f"## {part.name}", "", *lines] if lines else []
        table = "\n".join([*outcomes, *figures, ""])
        (out / "table.md").write_text(table, encoding="utf-8")
    print("\n".join([*outcomes, *figures]))
    return all(" | done" in line for line in outcomes[2:])


def with_packages(wheels: Path | None) -> dict[str, str]:
    """Return the environment of the parts; what this Python lacks is installed from wheels.

    Raises:
        SystemExit: Something is missing, and there are no wheels of it.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    path = [str(ROOT)]
    if missing:
        if wheels is None:
            sys.exit(f"missing: {', '.join(missing)}; give their wheels (make gpu-wheels)")
        target = tempfile.mkdtemp(prefix="gpu-packages-")
        files = [str(path) for path in sorted(wheels.glob("*.whl"))]
        how = ["--quiet", "--no-index", "--no-deps", "--target", target]
        subprocess.run([sys.executable, "-m", "pip", "install", *how, *files], check=True)
        path.append(target)
    before = os.environ.get("PYTHONPATH")
    own = {"RNNLM_REAL_DEVICE": "1"}  # tests do not take what stands in for a device
    return {
        **os.environ,
        **own,
        "PYTHONPATH": os.pathsep.join([*path, *([before] if before else [])]),
    }


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="directory of log and table")
    parser.add_argument("--wheels", type=Path, help="directory of wheels that this Python lacks")
    parser.add_argument("--ptb", type=Path, help="directory of ptb.train.txt, .valid and .test")
    parser.add_argument("--weights", type=Path, help="the course notes' weights")
    parser.add_argument("--only", action="append", help="parts whose name contains this")
    options = parser.parse_args()
    wanted = [
        part
        for part in parts(options.ptb, options.weights)
        if options.only is None or any(one in part.name for one in options.only)
    ]
    if not wanted:
        names = ", ".join(part.name for part in parts(options.ptb, options.weights))
        parser.error(f"--only: no part has such a name; there are {names}")
    sys.exit(not run_all(wanted, options.out, with_packages(options.wheels)))


if __name__ == "__main__":
    main()
