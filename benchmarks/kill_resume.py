"""Trainings that are killed at random moments and resumed, against one that never was.

Run by ``make kill-resume``. A small model (two layers, dropout, momentum, a falling rate) is
trained once undisturbed. Then again and again a training is started and killed with SIGKILL after a
random time; its state is saved after every block, so that many kills fall into a save. After each
kill a copy of all its files is resumed to the end and compared with the undisturbed one: the model
file byte for byte, the log line by line but for its clock. The killed one itself is resumed and
killed again, until it is through, and then the next one begins.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import numpy as np
from watched import start

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 12, hidden_size: 12, layers: 2, dropout: {input: 0.2, hidden: 0.2}}
training:
  epochs: 4
  batch_size: 4
  bptt: 10
  report_every: 7
  optimizer: {kind: momentum, learning_rate: 1.0}
  schedule: {kind: linear, hold: 0.5}
checkpoint: {path: out/m.pkl, every_seconds: 0.001}
"""

CLOCK = {"seconds", "tokens_per_second"}


def prepare(folder: Path) -> None:
    """Write config and corpus."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(list("abcdefgh"), 7)) for _ in range(300)]
    (folder / "train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "c.yaml").write_text(CONFIG, encoding="utf-8")


def finish(folder: Path) -> None:
    """Train to the end."""
    process = start(folder, "--resume")
    _, errors = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"resuming failed in {folder}: {errors}")


def outcome(folder: Path) -> tuple[bytes, list[dict[str, object]]]:
    """Return what must be equal: the model file, and the log without its clock."""
    lines = (folder / "out/m.jsonl").read_text(encoding="utf-8").splitlines()
    log = [{k: v for k, v in json.loads(line).items() if k not in CLOCK} for line in lines]
    return (folder / "out/m.pkl").read_bytes(), log


def main() -> None:
    """Kill, resume, compare; print the count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as root:
        whole = Path(root, "whole")
        prepare(whole)
        begin = time.monotonic()
        finish(whole)
        longest = time.monotonic() - begin
        expected = outcome(whole)
        kills = equal = temporary = 0
        victims = (Path(root, f"victim{number}") for number in count())
        victim = next(victims)
        prepare(victim)
        while kills < options.kills:
            process = start(victim, "--resume")
            try:
                process.wait(rng.uniform(0, longest))
                victim = next(victims)  # this one came through
                prepare(victim)
                continue
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            kills += 1
            temporary += bool(list(victim.glob("out/*.tmp")))
            copy = Path(root, "copy")
            shutil.copytree(victim, copy)
            finish(copy)
            same = outcome(copy) == expected
            equal += same
            if not same:
                print(f"kill {kills}: the resumed training differs", flush=True)
            shutil.rmtree(copy)
        print(f"{kills} kills, {temporary} of them within a save; {equal} equal to the whole")
        sys.exit(equal != kills)


if __name__ == "__main__":
    main()
