"""Do the tests notice a mistake? Mutants of three rooms, each tried with the tests of its room.

Run by ``make mutants``. From all mutants of ``train``, ``checkpoint`` and ``text`` (see
``mutations.py``) a sample is drawn. First each test file of a room runs alone, under coverage, and
must pass; then each mutant is tested with those that reach one of its lines: the one with the
module's name first, then the fastest. A mutant is killed when a test fails or takes too long; the
others are printed. Some of those are equivalent to the original, which only a reader can see.

mutmut and cosmic-ray do not fit: neither draws a sample with a seed nor deletes statements, and
mutmut runs in its own copy of the tree, in one process.
"""

from __future__ import annotations

import argparse
import os
import queue
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import coverage
from mutations import Mutant, mutants

ROOT = Path(__file__).parents[1]
MOST_MEMORY = 8 << 30
"""Limit of a mutant's address space in bytes, since it may request any amount."""


class TestFile(NamedTuple):
    """What is known about a test file after it has run alone."""

    path: str
    seconds: float
    reached: dict[str, set[int]]  # lines by module


def tree(directory: Path) -> Path:
    """Copy what the tests need."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("rnnlm_cli", "tests", "configs"):
        shutil.copytree(ROOT / name, directory / name, symlinks=True, ignore=ignored)
    (directory / "corpora").mkdir()
    for name in ("corpora/hello.txt", "setup.cfg"):
        shutil.copy(ROOT / name, directory / name)
    return directory


@contextmanager
def borrowed(copies: queue.SimpleQueue[Path]) -> Iterator[Path]:
    """Take a copy of the tree that no other job uses, and return it afterwards."""
    directory = copies.get()
    try:
        yield directory
    finally:
        copies.put(directory)


def run(directory: Path, *arguments: str, seconds: float | None = None) -> int | None:
    """Run Python on a copy of the tree; return the exit status, or None past the limit."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(directory),
        "PYTHONDONTWRITEBYTECODE": "1",  # two mutants may have one size and one time
    }
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def alone(directory: Path, path: str) -> TestFile:
    """Run a test file without a mutant, and record the lines it reaches."""
    data = directory / "coverage"
    began = time.monotonic()
    status = run(directory, "-m", "coverage", "run", f"--data-file={data}", *pytest(path))
    seconds = time.monotonic() - began
    if status != 0:
        sys.exit(f"{path} fails without a mutant, run alone")
    combined = coverage.Coverage(data_file=str(data), config_file=str(directory / "setup.cfg"))
    combined.combine([str(directory)])
    found = combined.get_data()
    reached = {
        str(Path(name).relative_to(directory)): set(found.lines(name) or ())
        for name in found.measured_files()
    }
    combined.erase()
    return TestFile(path, seconds, reached)


def pytest(*paths: str) -> list[str]:
    """Return the arguments that run test files in one process, until one fails."""
    return ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *paths]


def that_reach(mutant: Mutant, files: list[TestFile]) -> list[TestFile]:
    """Return the test files that reach a mutant, in the order to run them."""
    own = f"test_{Path(mutant.path).name}"
    reaching = [file for file in files if mutant.lines & file.reached.get(mutant.path, set())]
    return sorted(reaching, key=lambda file: (Path(file.path).name != own, file.seconds))


def outcome(mutant: Mutant, directory: Path, files: list[TestFile]) -> str:
    """Put a mutant into a copy of the tree, test, and take it out again."""
    tests = that_reach(mutant, files)
    if not tests:
        return "not reached"
    module = directory / mutant.path
    original = module.read_bytes()
    module.write_bytes(mutant.source)
    try:
        limit = 3 * sum(file.seconds for file in tests) + 10
        status = run(directory, *pytest(*(file.path for file in tests)), seconds=limit)
    finally:
        module.write_bytes(original)
    return "too long" if status is None else "survived" if status == 0 else "failed"


def sample(rooms: list[str], size: int, seed: int) -> list[Mutant]:
    """Draw from all mutants of some rooms."""
    paths = [
        str(path.relative_to(ROOT))
        for room in rooms
        for path in sorted((ROOT / "rnnlm_cli" / room).rglob("*.py"))
    ]
    every = [mutant for path in paths for mutant in mutants(ROOT, path)]
    print(f"{len(every):,} mutants of {', '.join(rooms)}; {min(size, len(every))} are tried")
    return random.Random(seed).sample(every, min(size, len(every)))


def main() -> None:
    """Draw, try, and print the mutants that no test noticed."""
    parser = argparse.ArgumentParser(description="Do the tests notice a mistake?")
    parser.add_argument("--rooms", nargs="+", default=["train", "checkpoint", "text"])
    parser.add_argument("--mutants", type=int, default=300, help="number of mutants to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="number tried in parallel")
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    drawn = sample(options.rooms, options.mutants, options.seed)
    counts: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(options.jobs) as pool:
        copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for job in range(options.jobs):
            copies.put(tree(Path(directory) / str(job)))

        def measure(path: Path) -> TestFile:
            with borrowed(copies) as copy:
                return alone(copy, str(path.relative_to(ROOT)))

        def attempt(mutant: Mutant) -> None:
            room = Path(mutant.path).parts[1]
            with borrowed(copies) as copy:
                found = outcome(mutant, copy, files[room])
            counts[room, found] += 1
            if found in ("survived", "not reached"):
                print(f"{found}: {mutant}")

        files = {
            room: [*pool.map(measure, sorted((ROOT / "tests" / room).rglob("test_*.py")))]
            for room in options.rooms
        }
        list(pool.map(attempt, drawn))
    outcomes = ["failed", "too long", "survived", "not reached"]
    print("\n| room | mutants | a test failed | took too long | survived | not reached |")
    print("|---|---|---|---|---|---|")
    for room in options.rooms:
        cells = [counts[room, found] for found in outcomes]
        print(f"| {room} | {sum(cells)} | {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
