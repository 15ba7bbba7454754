"""How fast a large training stops on a signal, and the cost of saving its state.

Run by ``make stopping``. A model of the size of word-large with Adam, whose state is three times
the model's size, is repeatedly trained, sent SIGINT or SIGTERM at a random moment, and resumed; the
time from the signal to the end of the process is measured. Then the state that it left is written
repeatedly: the cost of saving is the time of one save, relative to the time between two saves.
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import tempfile
import time
from pathlib import Path

from large_corpus import generate
from watched import reports, start, wait_for_report

from rnnlm_cli import checkpoint
from rnnlm_cli.config.checkpoint import CheckpointConfig

CONFIG = """
corpus: {train: text.txt, max_vocabulary: 10000}
model:
  embedding_size: 650
  hidden_size: 650
  layers: 2
  dropout: {input: 0.5, hidden: 0.5, output: 0.5}
training: {epochs: 1000, batch_size: 20, bptt: 35, report_every: 1, optimizer: {kind: adam}}
checkpoint: {path: m.pkl}
"""


def stop(directory: Path, number: signal.Signals, after: float) -> float:
    """Resume, send a signal after the first report; return the seconds until the end."""
    before = len(reports(directory))
    process = start(directory, "--resume")
    wait_for_report(directory, process, more_than=before)
    if process.poll() is not None:
        raise SystemExit("training failed")
    time.sleep(after)
    begin = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate()
    seconds = time.monotonic() - begin
    if process.returncode != 128 + number or "--resume" not in said:
        raise SystemExit(f"{number.name}: exited with {process.returncode}: {said}")
    return seconds


def main() -> None:
    """Stop and resume; save; print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10, help="for each signal")
    options = parser.parse_args()
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        generate(directory / "text.txt", 5e6)
        (directory / "c.yaml").write_text(CONFIG, encoding="utf-8")
        for number in (signal.SIGINT, signal.SIGTERM):
            took = [stop(directory, number, rng.uniform(0, 2)) for _ in range(options.times)]
            print(
                f"{number.name}: {options.times} times, the end after "
                f"{statistics.median(took):.2f} s (median), {max(took):.2f} s at most",
                flush=True,
            )
        path = directory / "m.last.pkl"
        stored = checkpoint.load(str(path))
        took = []
        for _ in range(options.times):
            begin = time.monotonic()
            checkpoint.save(str(directory / "again.pkl"), stored.model, stored.training_state)
            took.append(time.monotonic() - begin)
        size, seconds = path.stat().st_size / 1e6, statistics.median(took)
    share = seconds / CheckpointConfig(path="m.pkl").every_seconds
    print(f"saving {size:,.0f} MB: {seconds:.2f} s (median), {share:.2%} of the time between saves")


if __name__ == "__main__":
    main()
