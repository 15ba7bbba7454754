"""Training on a corpus of gigabytes: how soon it starts, and what memory it takes.

Run by ``make large-corpus``. A text with frequencies as words have them is generated, trained on at
the size of word-small, and trained on again, when its ids are on disk already. Memory is sampled
from outside: anonymous (what the process itself holds) and open files. With ``--types`` a text of
that many different words is read instead, of which 50,000 are kept.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

CONFIG = """
corpus: {{train: text.txt, max_vocabulary: {vocabulary}}}
model: {{embedding_size: 100, hidden_size: 100}}
training: {{epochs: 1, max_seconds: {seconds}, report_every: 20}}
checkpoint: {{path: m.pkl}}
"""


class Sample(NamedTuple):
    """What a process had at one moment."""

    seconds: float
    anonymous: float  # MB
    files: int


def generate(path: Path, size: float) -> None:
    """Write a text of so many bytes, of 200,000 types by Zipf's law."""
    rng = np.random.default_rng(0)
    odds = 1 / np.arange(1, 200_001)
    odds /= odds.sum()
    words = np.array([f"w{k:x}" for k in range(200_000)])
    block = words[rng.choice(200_000, 2_000_000, p=odds)].reshape(-1, 20)
    text = "".join(" ".join(line) + "\n" for line in block.tolist()).encode()
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(text)


def generate_types(path: Path, types: int) -> None:
    """Write a text in which most words stand once, and 50,000 more often."""
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, types, 20):
            file.write(" ".join(f"w{k:x}" for k in range(start, start + 20)) + "\n")
            file.write(" ".join(f"w{k % 50_000:x}" for k in range(start, start + 5)) + "\n")


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


def train(folder: Path) -> None:
    """Train; print when it started and what it took."""
    command = [sys.executable, "-m", "rnnlm_cli", "train", "--config", "c.yaml", "--overwrite"]
    begin, samples = time.monotonic(), []
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    watcher = threading.Thread(target=watch, args=(process, begin, samples))
    watcher.start()
    started, last = None, ""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch") and started is None:
            started = time.monotonic() - begin
        last = line.strip()
    watcher.join()
    if process.wait() != 0 or started is None:
        raise SystemExit(f"training failed: {last}")
    steady = [s for s in samples if s.seconds > started + 5] or samples[-1:]
    slope = 0.0
    if len(steady) > 2:
        seconds, megabytes = zip(*((s.seconds, s.anonymous) for s in steady), strict=True)
        slope = float(np.polyfit(seconds, megabytes, 1)[0])
    print(
        f"first report after {started:.0f} s, anonymous memory at most "
        f"{max(s.anonymous for s in samples):,.0f} MB, while training "
        f"{max(s.anonymous for s in steady):,.0f} MB with a slope of {60 * slope:+.3f} MB a "
        f"minute; {steady[0].files} files open at first, {steady[-1].files} at last; {last}",
        flush=True,
    )


def main() -> None:
    """Generate, train twice, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=float, default=2e9)
    parser.add_argument("--seconds", type=float, default=60, help="of training")
    parser.add_argument("--types", type=int, help="a text of so many different words")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        text = folder / "text.txt"
        if options.types:
            generate_types(text, options.types)
        else:
            generate(text, options.bytes)
        vocabulary = 50_000 if options.types else 10_000
        config = CONFIG.format(seconds=options.seconds, vocabulary=vocabulary)
        (folder / "c.yaml").write_text(config, encoding="utf-8")
        print(f"a text of {text.stat().st_size / 1e6:,.0f} MB", flush=True)
        for _ in range(2):
            train(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
