"""Each claim of the course notes, put to the test: small trainings, three seeds each.

Run by ``make claims``; takes about an hour on one core. It trains what ``docs/logs/claims.json``
lacks, one model at a time, measures what needs no training (``claim_checks.py``), and writes
``docs/claims.md`` from ``claims_page.md`` (``claim_page.py``). It may be stopped and started again.

    python benchmarks/claims.py                 # everything
    python benchmarks/claims.py --only depth    # the trainings of one group
    python benchmarks/claims.py --page          # only the page, from the log

All models come from ``configs/ptb-lstm.yaml``, with one thing changed at a time: the first 4,000
lines of Penn Treebank, its 1,000 most frequent words, B = 10, T = 20, two epochs, one thread.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
LOG = ROOT / "docs" / "logs" / "claims.json"
WORK = ROOT / "checkpoints" / "claims"
SEEDS = (1, 2, 3)
LINES = {"train": 4_000, "few": 1_000, "valid": 500}
"""Lines of the excerpts; ``few`` is for the trainings that must overfit."""

BASE = [
    "corpus.max_vocabulary=1000",
    "training.batch_size=10",
    "training.bptt=20",
    "training.epochs=2",
    "training.threads=1",
    "corpus.test=null",
]
ADAM = "training.optimizer={kind: adam, learning_rate: 2e-3}"
TWO = "model.layers=2"
FEW = [TWO, "training.epochs=8", f"corpus.train={WORK / 'few.txt'}"]
DROPOUT = "model.dropout={input: 0.3, hidden: 0.3, output: 0.3}"
VARIATIONAL = "model.dropout={input: 0.3, hidden: 0.3, output: 0.3, variational: true}"


class Run(NamedTuple):
    """A model that is trained with each seed.

    Attributes:
        group: The runs that are compared.
        name: Its name in the page and in the log.
        changed: What differs from the base.
        variant: A row of ``claim_variants.VARIANTS``; empty for the program as it ships.
    """

    group: str
    name: str
    changed: list[str]
    variant: str = ""


class Prediction(NamedTuple):
    """What a claim says about two runs, written down before they were trained.

    Attributes:
        claim: Its number in the notes.
        words: What is predicted.
        low: The run that is said to have the lower validation perplexity.
        high: The other one.
        equal: That they do not differ by more than seeds do, instead.
    """

    claim: int
    words: str
    low: str
    high: str
    equal: bool = False


RUNS = [
    Run("base", "LSTM", []),
    *(Run("depth", f"{n} layers", [f"model.layers={n}"]) for n in (2, 3, 4)),
    *(
        Run("depth", f"{n} layers, residual", [f"model.layers={n}", "model.residual=true"])
        for n in (2, 3, 4)
    ),
    Run("dropout", "few lines, no dropout", FEW),
    Run("dropout", "few lines, in depth", [*FEW, DROPOUT]),
    Run("dropout", "few lines, variational", [*FEW, VARIATIONAL]),
    Run("dropout", "few lines, new masks in time", [*FEW, VARIATIONAL], "new-masks"),
    Run("tying", "tied", ["model.tie_weights=true"]),
    Run("cells", "GRU", ["model.cell=gru"]),
    Run("cells", "LSTM, Adam", [ADAM]),
    Run("cells", "GRU, Adam", ["model.cell=gru", ADAM]),
    Run("cells", "RNN, Adam", ["model.cell=rnn", ADAM]),
    Run("clipping", "no clipping", ["training.clip_norm=null"]),
    Run(
        "clipping",
        "no clipping, rate 1",
        ["training.clip_norm=null", "training.optimizer={kind: sgd, learning_rate: 1}"],
    ),
    Run(
        "clipping",
        "RNN, Adam, no clipping",
        ["model.cell=rnn", ADAM, "training.clip_norm=null"],
    ),
    Run("clipping", "without 1e-6", [], "without-1e-6"),
    *(
        Run(
            "truncation",
            f"T = {t}, B = {200 // t}",
            [f"training.bptt={t}", f"training.batch_size={200 // t}"],
        )
        for t in (5, 10, 40)
    ),
    Run(
        "truncation",
        "T = 5, B = 40, zero state",
        ["training.bptt=5", "training.batch_size=40", "training.stateful=false"],
    ),
    Run("truncation", "T = 20, B = 10, zero state", ["training.stateful=false"]),
    Run(
        "loop",
        "one word",
        ["training.bptt=1", "training.batch_size=200", "training.stateful=false"],
    ),
    *(
        Run("weights", f"uniform {a}", [f"model.initialization={{kind: uniform, scale: {a}}}"])
        for a in (0.01, 0.1, 0.5)
    ),
    Run("bias", "forget bias 1", ["model.forget_bias=1"]),
    Run("sides", "single lines, forward", ["training.lines=independent"]),
    Run("sides", "single lines, both sides", ["model.direction=bidirectional"]),
]

PREDICTIONS = [
    Prediction(1, "a loop is better than one word without a loop", "LSTM", "one word"),
    Prediction(2, "clipping is needed by an LSTM with SGD at 20", "LSTM", "no clipping"),
    Prediction(2, "clipping is needed by an RNN", "RNN, Adam", "RNN, Adam, no clipping"),
    Prediction(2, "the 1e-6 does not matter", "LSTM", "without 1e-6", equal=True),
    Prediction(3, "10 steps are enough", "T = 10, B = 20", "T = 40, B = 5", equal=True),
    Prediction(3, "the state should run on, T = 5", "T = 5, B = 40", "T = 5, B = 40, zero state"),
    Prediction(3, "the state should run on, T = 20", "LSTM", "T = 20, B = 10, zero state"),
    Prediction(5, "an LSTM is better than an RNN", "LSTM, Adam", "RNN, Adam"),
    Prediction(5, "a GRU is as good, SGD", "GRU", "LSTM", equal=True),
    Prediction(5, "a GRU is as good, Adam", "GRU, Adam", "LSTM, Adam", equal=True),
    Prediction(5, "a forget bias of zero is enough", "LSTM", "forget bias 1", equal=True),
    *(Prediction(6, f"{n} layers are better than one", f"{n} layers", "LSTM") for n in (2, 3, 4)),
    *(
        Prediction(6, f"skip connections help, {n} layers", f"{n} layers, residual", f"{n} layers")
        for n in (2, 3, 4)
    ),
    Prediction(6, "dropout in depth helps", "few lines, in depth", "few lines, no dropout"),
    Prediction(6, "variational dropout helps", "few lines, variational", "few lines, no dropout"),
    Prediction(
        6,
        "new masks in time are worse than one mask",
        "few lines, variational",
        "few lines, new masks in time",
    ),
    Prediction(
        6,
        "new masks in time are worse than no dropout in time",
        "few lines, in depth",
        "few lines, new masks in time",
    ),
    Prediction(6, "tying helps", "tied", "LSTM"),
    Prediction(7, "both sides are better", "single lines, both sides", "single lines, forward"),
    Prediction(8, "1/sqrt(fan in) is better than small weights", "LSTM", "uniform 0.01"),
    Prediction(8, "1/sqrt(fan in) is better than large weights", "LSTM", "uniform 0.5"),
    Prediction(8, "1/sqrt(fan in) is as good as uniform 0.1", "LSTM", "uniform 0.1", equal=True),
]
"""Committed before the first of the trainings was started."""


def slug(name: str) -> str:
    """Return a run's name as one of a file."""
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def read_log() -> dict[str, Any]:
    """Return ``{"runs": {name: {seed: figures}}, "checks": {...}}``."""
    if not LOG.exists():
        return {"runs": {}, "checks": {}}
    found: dict[str, Any] = json.loads(LOG.read_text(encoding="utf-8"))
    return found


def write_log(log: dict[str, Any]) -> None:
    """Replace the log."""
    new = LOG.with_suffix(".new")
    new.write_text(json.dumps(log, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    new.replace(LOG)


def make_excerpts(ptb: Path) -> None:
    """Write the lines that are trained and validated on."""
    WORK.mkdir(parents=True, exist_ok=True)
    for name, lines in LINES.items():
        source = ptb / f"ptb.{'valid' if name == 'valid' else 'train'}.txt"
        with source.open(encoding="utf-8") as file:
            (WORK / f"{name}.txt").write_text("".join(islice(file, lines)), encoding="utf-8")


def command(run: Run, seed: int) -> list[str]:
    """Return the arguments of ``rnnlm`` that train a model."""
    path = WORK / f"{slug(run.name)}-{seed}.pkl"
    texts = [f"corpus.{name}={WORK / name}.txt" for name in ("train", "valid")]
    sets = [*texts, *BASE, *run.changed, f"training.seed={seed}", f"checkpoint.path={path}"]
    words = ["train", "--overwrite", "--config", str(ROOT / "configs" / "ptb-lstm.yaml")]
    return [*words, *(word for setting in sets for word in ("--set", setting))]


def train(run: Run, seed: int) -> dict[str, Any]:
    """Train a model and return its figures; its perplexity is ``None`` if it diverged."""
    program = ["-m", "rnnlm_cli"]
    if run.variant:
        program = [str(Path(__file__).with_name("claim_variants.py")), run.variant]
    done = subprocess.run(
        [sys.executable, *program, *command(run, seed)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1):  # 1: it diverged, which is also a result
        raise SystemExit(done.stderr)
    log = WORK / f"{slug(run.name)}-{seed}.jsonl"
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    norms = [line["gradient_norm"] for line in lines if line["event"] == "step"]
    epochs = [line for line in lines if line["event"] == "epoch"]
    return {
        "valid": lines[-1].get("valid_perplexity") if done.returncode == 0 else None,
        "epochs": [line["valid_perplexity"] for line in epochs],
        "train": [line["train_perplexity"] for line in epochs],
        "norm": {"median": median(norms), "max": max(norms)},
        "seconds": lines[-1].get("seconds"),
    }


def train_missing(runs: list[Run]) -> None:
    """Train what the log lacks: all runs with the first seed, then with the next."""
    for seed in SEEDS:
        for run in runs:
            log = read_log()
            if str(seed) in log["runs"].get(run.name, {}):
                continue
            sys.stderr.write(f"training: {run.name}, seed {seed}\n")
            found = train(run, seed)
            log = read_log()
            log["runs"].setdefault(run.name, {})[str(seed)] = found
            write_log(log)


def perplexities(log: dict[str, Any], name: str) -> list[float]:
    """Return a run's validation perplexities, one per seed; infinite where it diverged."""
    found = [one["valid"] for _, one in sorted(log["runs"][name].items())]
    return [math.inf if value is None else value for value in found]


def outcome(log: dict[str, Any], prediction: Prediction) -> str:
    """Say whether every seed of one run is below every seed of the other."""
    low, high = perplexities(log, prediction.low), perplexities(log, prediction.high)
    if max(low) < min(high):
        return "no: the first is better" if prediction.equal else "as predicted"
    if max(high) < min(low):
        return "no: the second is better" if prediction.equal else "no: the opposite"
    return "as predicted" if prediction.equal else "no clear difference"


def main() -> None:
    """Train what is missing, measure the rest, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ptb", type=Path, default=ROOT / "corpora", help="where ptb.*.txt are")
    parser.add_argument("--only", help="train only one group")
    parser.add_argument("--checks", action="store_true", help="do not train")
    parser.add_argument("--page", action="store_true", help="only write the page")
    options = parser.parse_args()
    if not options.page:
        make_excerpts(options.ptb)
        if not options.checks:
            train_missing([run for run in RUNS if options.only in (None, run.group)])
        from claim_checks import all_checks

        log = read_log()
        log["checks"] = all_checks()
        write_log(log)
    from claim_page import write_page

    write_page()


if __name__ == "__main__":
    main()
