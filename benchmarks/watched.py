"""Trainings in separate processes, watched from outside while they run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np


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


def start(directory: Path, how: str) -> subprocess.Popen[str]:
    """Start a directory's training, ``c.yaml``; ``how`` is ``--resume`` or ``--overwrite``."""
    command = [sys.executable, "-m", "rnnlm_cli", "train", "--config", "c.yaml", how]
    return subprocess.Popen(
        command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def reports(directory: Path) -> list[str]:
    """Return the lines about steps in the log ``m.jsonl`` of a directory."""
    log = directory / "m.jsonl"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [line for line in lines if line.startswith('{"event": "step"')]


def wait_for_report(directory: Path, process: subprocess.Popen[str], more_than: int = 0) -> None:
    """Wait until the log has more reports than it had, or the process ends."""
    while len(reports(directory)) <= more_than and process.poll() is None:
        time.sleep(0.05)


def watch(process: subprocess.Popen[str], begin: float, samples: list[Sample]) -> None:
    """Sample a process until it ends."""
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            kilobytes = int(status.partition("RssAnon:")[2].split()[0])
            files = len(os.listdir(f"/proc/{process.pid}/fd"))
        except (OSError, IndexError):  # it has just ended
            return
        samples.append(Sample(time.monotonic() - begin, kilobytes * 1024 / 1e6, files))
        time.sleep(0.2)


def train(directory: Path) -> Watched:
    """Train with the directory's ``c.yaml``, and watch."""
    begin, samples = time.monotonic(), list[Sample]()
    (directory / "m.jsonl").unlink(missing_ok=True)  # reports of an earlier training
    process = start(directory, "--overwrite")
    watcher = threading.Thread(target=watch, args=(process, begin, samples))
    watcher.start()
    wait_for_report(directory, process)
    started = time.monotonic() - begin
    _, said = process.communicate()
    watcher.join()
    found = reports(directory)
    if process.returncode != 0 or not found:
        raise SystemExit(f"training failed: {said}")
    last = json.loads(found[-1])
    figures = f"step {last['step']}, {last['tokens_per_second']:,.0f} tokens/s at last"
    return Watched(started, samples, figures)
