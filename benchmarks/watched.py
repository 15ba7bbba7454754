"""Trainings in separate processes, watched from outside while they run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np


def output_of(
    command: Sequence[str | Path],
    directory: str | Path | None = None,
    environment: dict[str, str] | None = None,
) -> str:
    """Run a command to its end; return what it printed.

    Args:
        command: The program and its arguments.
        directory: Where it runs.
        environment: Its variables, if not those of this process.

    Raises:
        SystemExit: It failed; with the end of its standard error.
    """
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed: {done.stderr[-2000:]}")
    return done.stdout


class Sample(NamedTuple):
    """What a process had at one moment."""

    seconds: float
    anonymous: float  # MB
    files: int


class Watched(NamedTuple):
    """Measurements of a training."""

    started: float  # seconds until the first report
    samples: list[Sample]
    last: str  # figures of its last report

    def __str__(self) -> str:
        """Return one line; the slope is that of a straight line through the training's samples."""
        steady = [s for s in self.samples if s.seconds > self.started + 5] or self.samples[-1:]
        slope = 0.0
        if len(steady) > 2:
            seconds, megabytes = zip(*((s.seconds, s.anonymous) for s in steady), strict=True)
            slope = float(np.polyfit(seconds, megabytes, 1)[0])
        return (
            f"first report after {self.started:.0f} s, anonymous memory at most "
            f"{max(s.anonymous for s in self.samples):,.1f} MB, while training "
            f"{max(s.anonymous for s in steady):,.1f} MB with a slope of {60 * slope:+.4f} MB per "
            f"minute; {steady[0].files} files open at first, {steady[-1].files} at last, "
            f"{max(s.files for s in steady)} at most; {self.last}"
        )


def start(directory: Path, how: str, ranks: int | None = None) -> subprocess.Popen[str]:
    """Start a directory's training, ``c.yaml``.

    Args:
        directory: Where.
        how: ``--resume`` or ``--overwrite``.
        ranks: The number of ranks, with a core each; ``None`` for one process with all cores.
    """
    command = [sys.executable, "-m", "rnnlm_cli", "train", "--config", "c.yaml", how]
    if ranks is not None:
        command = with_a_core_each(command, ranks)
    return subprocess.Popen(
        command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def launcher() -> str:
    """Return the mpiexec of this Python's environment, or any other."""
    return shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or "mpiexec"


def with_a_core_each(command: list[str], ranks: int) -> list[str]:
    """Return the command line that runs a command as several ranks, with a core each."""
    cores = sorted(os.sched_getaffinity(0))
    if ranks > len(cores):
        raise SystemExit(f"{ranks} ranks need a core each; there are {len(cores)}")
    parts = ([":", "-n", "1", "taskset", "-c", str(core), *command] for core in cores[:ranks])
    return [launcher(), *list(chain.from_iterable(parts))[1:]]


def reports(directory: Path) -> list[str]:
    """Return the lines about steps in the log ``m.jsonl`` of a directory."""
    log = directory / "m.jsonl"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [line for line in lines if line.startswith('{"event": "step"')]


def wait_for_report(directory: Path, process: subprocess.Popen[str], more_than: int = 0) -> None:
    """Wait until the log has more reports than it had, or the process ends."""
    while len(reports(directory)) <= more_than and process.poll() is None:
        time.sleep(0.05)


def rank_0(directory: Path) -> int | None:
    """Return the process of rank 0 in the training of a directory, once it has started."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            environment = (entry / "environ").read_bytes().split(b"\0")
            if b"PMI_RANK=0" in environment and (entry / "cwd").samefile(directory):
                return int(entry.name)
    return None


def watch(
    process: subprocess.Popen[str],
    own: Callable[[], int | None],
    begin: float,
    samples: list[Sample],
) -> None:
    """Sample a process, or the one that it has started, until it ends."""
    while process.poll() is None:
        time.sleep(0.2)
        if (number := own()) is None:
            continue
        try:
            status = Path(f"/proc/{number}/status").read_text(encoding="utf-8")
            kilobytes = int(status.partition("RssAnon:")[2].split()[0])
            files = len(os.listdir(f"/proc/{number}/fd"))
        except (OSError, IndexError):  # it has just ended
            return
        samples.append(Sample(time.monotonic() - begin, kilobytes * 1024 / 1e6, files))


def train(directory: Path, ranks: int | None = None) -> Watched:
    """Train with the directory's ``c.yaml``, and watch; see ``start``."""
    begin, samples = time.monotonic(), list[Sample]()
    (directory / "m.jsonl").unlink(missing_ok=True)  # reports of an earlier training
    process = start(directory, "--overwrite", ranks)
    found: list[int] = [process.pid] if ranks is None else []

    def own() -> int | None:
        if not found and (number := rank_0(directory)) is not None:
            found.append(number)
        return found[0] if found else None

    watcher = threading.Thread(target=watch, args=(process, own, begin, samples))
    watcher.start()
    wait_for_report(directory, process)
    started = time.monotonic() - begin
    _, said = process.communicate()
    watcher.join()
    lines = reports(directory)
    if process.returncode != 0 or not lines:
        raise SystemExit(f"training failed: {said}")
    last = json.loads(lines[-1])
    figures = f"step {last['step']}, {last['tokens_per_second']:,.0f} tokens/s at last"
    return Watched(started, samples, figures)
