"""What several ranks may change of a training, and what that costs in quality.

Run by ``make averaging``; it prints Markdown. All trainings read the beginning of Penn Treebank for
the same number of epochs with the network of ``configs/ptb-lstm.yaml``, and are evaluated exactly:

- weights averaged every K steps (``training.average_every``), by 2 and 4 ranks: perplexity, and the
  bytes that rank 0 sends per epoch;
- larger batches by one process, with the learning rate as it is, in proportion to the batch or to
  its square root (Goyal et al., 2017), warmed up in the first twentieth of the steps.

The default, a seventh of the text for two epochs, takes a quarter of an hour on two cores;
``--lines 0 --epochs 4`` is the whole text.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from watched import launcher, output_of

COUNTED = str(Path(__file__).with_name("counted.py"))
RATE, BATCH, STEPS = 20.0, 20, 35
WARMUP = 20
"""The rate rises in one of so many steps."""

EVERY = (1, 8, 32)
RANKS = (2, 4)
BATCHES = (20, 40, 80, 160)

CONFIG = """
corpus: {{train: train.txt, valid: {valid}}}
model: {{embedding_size: 100, hidden_size: 100}}
training:
  epochs: {epochs}
  batch_size: {batch}
  bptt: 35
  clip_norm: 0.25
  average_every: {every}
  optimizer: {{kind: sgd, learning_rate: {rate}}}
  schedule: {{kind: linear, hold: 0.5, warmup: {warmup}}}
checkpoint: {{path: m.pkl}}
"""


class Outcome(NamedTuple):
    """A finished training."""

    perplexity: float
    steps: int
    seconds: float
    sent: float  # bytes per epoch


class Setting(NamedTuple):
    """The text, and how long it is read."""

    lines: list[str]
    valid: Path
    epochs: int

    @property
    def tokens(self) -> int:
        """Of the text, with the ends of its lines."""
        return sum(len(line.split()) + 1 for line in self.lines)


def train(
    setting: Setting, ranks: int = 1, every: int = 1, batch: int = BATCH, rate: float = RATE
) -> Outcome:
    """Train, and return what came out."""
    steps = setting.epochs * setting.tokens // (batch * STEPS)
    warmup = steps // WARMUP if rate != RATE else 0
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "train.txt").write_text("".join(setting.lines), encoding="utf-8")
        config = CONFIG.format(
            valid=setting.valid.absolute(),
            epochs=setting.epochs,
            batch=batch,
            every=every,
            rate=rate,
            warmup=warmup,
        )
        (directory / "c.yaml").write_text(config, encoding="utf-8")
        command = [sys.executable, COUNTED, "train", "--config", "c.yaml"]
        if ranks > 1:
            command = [launcher(), "-n", str(ranks), *command]
        environment = {**os.environ, "SENT": str(directory / "sent")}
        output_of(command, directory, environment)
        log = (directory / "m.jsonl").read_text(encoding="utf-8").splitlines()
        end = json.loads(log[-1])
        sent = float((directory / "sent").read_text()) if ranks > 1 else 0.0
    return Outcome(end["valid_perplexity"], steps, end["seconds"], sent / setting.epochs)


def averaged(setting: Setting) -> None:
    """Print the perplexities and the bytes with weights averaged every K steps."""
    print("| ranks | average_every | valid perplexity | sent per epoch and rank | seconds |")
    print("|---|---|---|---|---|")
    found = train(setting)
    print(f"| 1 | | {found.perplexity:.2f} | | {found.seconds:.0f} |", flush=True)
    for ranks in RANKS:
        for every in EVERY:
            found = train(setting, ranks, every)
            print(
                f"| {ranks} | {every} | {found.perplexity:.2f} | {found.sent / 1e6:,.0f} MB "
                f"| {found.seconds:.0f} |",
                flush=True,
            )


def larger(setting: Setting) -> None:
    """Print the perplexities with larger batches."""
    print("\n| batch_size | steps | learning rate | valid perplexity | seconds |")
    print("|---|---|---|---|---|")
    for batch in BATCHES:
        times = batch / BATCH
        for factor in dict.fromkeys((1.0, math.sqrt(times), times)):
            rate = RATE * factor
            found = train(setting, batch=batch, rate=rate)
            print(
                f"| {batch} | {found.steps:,} | {rate:.0f}{'' if factor == 1 else ', warmed up'} "
                f"| {found.perplexity:.2f} | {found.seconds:.0f} |",
                flush=True,
            )


def main() -> None:
    """Train; print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="directory with ptb.train.txt")
    parser.add_argument("--lines", type=int, default=6_000, help="of the text; 0 for all")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--part", choices=("averaged", "larger"), action="append")
    options = parser.parse_args()
    with (options.text / "ptb.train.txt").open(encoding="utf-8") as file:
        lines = file.readlines()
    setting = Setting(
        lines[: options.lines or None], options.text / "ptb.valid.txt", options.epochs
    )
    parts = options.part or ["averaged", "larger"]
    print(f"{setting.tokens:,} tokens, {setting.epochs} epochs\n", flush=True)
    if "averaged" in parts:
        averaged(setting)
    if "larger" in parts:
        larger(setting)


if __name__ == "__main__":
    main()
