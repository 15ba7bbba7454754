"""The gain of each idea: small models of Penn Treebank, one change at a time.

Run by ``make study``; takes hours. Every model is trained for the same number of epochs from
``configs/ptb-lstm.yaml``, and evaluated exactly on the validation text. A run whose log is complete
is not repeated, so the study may be stopped and started again. ``--jobs 2`` trains two models in
parallel, each on its share of the cores; ``--table`` only prints finished runs; ``--only later``
takes the groups whose name begins so.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import queue
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
LOGS = ROOT / "docs" / "logs" / "study"
WORK = ROOT / "checkpoints" / "study"

WIDE = ["model.embedding_size=200", "model.hidden_size=200"]
TWO = [*WIDE, "model.layers=2"]
TIED = [*TWO, "model.tie_weights=true"]
ADAM = ["training.optimizer={kind: adam, learning_rate: 2e-3}"]

LATER = {
    "nothing": [],
    "output bias begun at the frequencies": ["model.output_bias=unigram"],
    "embedding begun by PPMI": ["model.embedding_start=ppmi"],
    "one cycle": ["training.schedule={kind: one_cycle}"],
    "partial shuffle": ["training.partial_shuffle=true"],
    "moving average of the weights": ["training.averaging={kind: ema, decay: 0.999}"],
    "T varies": ["training.bptt_variable=true"],
    "dropout of words 0.05": ["model.dropout={embedding: 0.05}"],
    "dropout of recurrent weights 0.2": ["model.dropout={weight: 0.2}"],
    "label smoothing 0.05": ["model.output_layer.label_smoothing=0.05"],
    "penalties of activation 1, slowness 0.5": [
        "model.activation_penalty=1",
        "model.slowness_penalty=0.5",
    ],
    "decoding the past 0.001": ["training.past_decode=0.001"],
    "layer-normalized LSTM": ["model.cell=ln_lstm"],
    "Mogrifier LSTM": ["model.cell=mogrifier"],
    "Mogrifier LSTM, rank 40": ["model.cell=mogrifier", "model.mogrifier.rank=40"],
    "SRU": ["model.cell=sru"],
    "nothing, another seed": ["training.seed=2"],
    "partial shuffle, another seed": ["training.partial_shuffle=true", "training.seed=2"],
    "partial shuffle, moving average": [
        "training.partial_shuffle=true",
        "training.averaging={kind: ema, decay: 0.999}",
    ],
    "partial shuffle, moving average, Mogrifier LSTM": [
        "training.partial_shuffle=true",
        "training.averaging={kind: ema, decay: 0.999}",
        "model.cell=mogrifier",
    ],
}
"""What came after the course notes, each by itself, and the best of it together; a second seed
tells what a difference means."""


class Run(NamedTuple):
    """One training."""

    group: str
    name: str
    sets: list[str]


RUNS = [
    Run("cell, 2.09 million parameters", "LSTM, H = 100", []),
    Run(
        "cell, 2.09 million parameters", "GRU, H = 102", ["model.cell=gru", "model.hidden_size=102"]
    ),
    Run(
        "cell, 2.09 million parameters",
        "Elman RNN, H = 106, Adam",
        ["model.cell=rnn", "model.hidden_size=106", *ADAM],
    ),
    Run("cell, 2.09 million parameters", "LSTM, H = 100, Adam", ADAM),
    Run("regularization, 2 x 200", "none", TWO),
    Run(
        "regularization, 2 x 200",
        "dropout 0.2",
        [*TWO, "model.dropout={input: 0.2, hidden: 0.2, output: 0.2}"],
    ),
    Run(
        "regularization, 2 x 200",
        "dropout 0.5",
        [*TWO, "model.dropout={input: 0.5, hidden: 0.5, output: 0.5}"],
    ),
    Run(
        "regularization, 2 x 200",
        "variational dropout 0.2",
        [*TWO, "model.dropout={input: 0.2, hidden: 0.2, output: 0.2, variational: true}"],
    ),
    Run("regularization, 2 x 200", "tied weights", TIED),
    Run(
        "regularization, 2 x 200",
        "tied weights, dropout 0.2",
        [*TIED, "model.dropout={input: 0.2, hidden: 0.2, output: 0.2}"],
    ),
    *(
        Run(
            "depth, H = 100",
            f"{depth} layer{'s' * (depth > 1)}",
            [f"model.layers={depth}"] * (depth > 1),
        )
        for depth in (1, 2, 3, 4)
    ),
    *(
        Run(
            "depth, H = 100",
            f"{depth} layers, residual",
            [f"model.layers={depth}", "model.residual=true"],
        )
        for depth in (2, 3, 4)
    ),
    Run("clipping", "0.25", []),
    Run("clipping", "none", ["training.clip_norm=null"]),
    Run(
        "clipping",
        "none, learning rate 5",
        ["training.clip_norm=null", "training.optimizer={kind: sgd, learning_rate: 5}"],
    ),
    *(
        Run("length of a block", f"T = {steps}", [f"training.bptt={steps}"] * (steps != 35))
        for steps in (5, 10, 20, 35, 70)
    ),
    Run("state between blocks", "carried", []),
    Run("state between blocks", "zero", ["training.stateful=false"]),
    *(Run("later ideas, 2 x 200, tied", name, [*TIED, *sets]) for name, sets in LATER.items()),
]


def slug(run: Run) -> str:
    """Return a name for files; runs with the same settings share it."""
    twin = next(other for other in RUNS if other.sets == run.sets)
    text = f"{twin.group.split(',')[0]} {twin.name}"
    return "".join(c if c.isalnum() else "-" for c in text.lower()).strip("-")


def log_of(run: Run) -> list[dict[str, object]]:
    """Return the lines of a finished run's log; an empty list if there is no log."""
    path = LOGS / f"{slug(run)}.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def train(run: Run, epochs: int) -> None:
    """Train one model, and keep its log."""
    sys.stderr.write(f"training: {run.group}: {run.name}\n")
    path = WORK / f"{slug(run)}.pkl"
    command = [sys.executable, "-m", "rnnlm_cli", "train", "--overwrite", "--config"]
    command.append(str(ROOT / "configs" / "ptb-lstm.yaml"))
    for setting in [f"training.epochs={epochs}", *run.sets, f"checkpoint.path={path}"]:
        command += ["--set", setting]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1):  # 1: it diverged, which is also a result
        raise SystemExit(done.stderr)
    LOGS.mkdir(parents=True, exist_ok=True)
    log = path.with_suffix(".jsonl").read_bytes()
    if done.returncode == 1:
        log += json.dumps({"event": "end", "error": done.stderr.splitlines()[-1]}).encode() + b"\n"
    (LOGS / f"{slug(run)}.jsonl.gz").write_bytes(gzip.compress(log, mtime=0))


def table(runs: list[Run]) -> None:
    """Print one row per finished run."""
    group = ""
    for run in runs:
        log = log_of(run)
        if not log:
            continue
        if run.group != group:
            group = run.group
            print(f"\n| {group} | valid perplexity after each epoch | at the end |\n|---|---|---|")
        epochs = [line for line in log if line["event"] == "epoch"]
        figures = ", ".join(f"{line['valid_perplexity']:.1f}" for line in epochs)
        end = log[-1].get("valid_perplexity")
        shown = f"{end:.2f}" if isinstance(end, float) else "diverged"
        print(f"| {run.name} | {figures} | {shown} |")


def main() -> None:
    """Train what is missing; print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print finished runs")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=1, help="trainings in parallel")
    parser.add_argument("--only", default="", help="groups whose name begins so")
    options = parser.parse_args()
    runs = [run for run in RUNS if run.group.startswith(options.only)]
    if not options.table:
        missing = {slug(run): run for run in runs if not log_of(run)}
        cores = sorted(os.sched_getaffinity(0))
        shares: queue.SimpleQueue[list[int]] = queue.SimpleQueue()
        for job in range(options.jobs):
            shares.put(cores[job :: options.jobs])

        def take_share() -> None:
            os.sched_setaffinity(0, shares.get())  # for this thread and its child processes

        with ThreadPoolExecutor(options.jobs, initializer=take_share) as pool:
            list(pool.map(lambda run: train(run, options.epochs), missing.values()))
    table(runs)


if __name__ == "__main__":
    main()
