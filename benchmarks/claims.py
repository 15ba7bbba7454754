"""Each claim of the course notes, put to the test: small trainings, three seeds each.

Run by ``make claims``; takes about an hour on a busy core. It trains what
``docs/logs/claims.json`` lacks of the table in ``claim_runs.py``, one model at a time, looks into
the trained models (``claim_trained.py``), measures what needs no training (``claim_checks.py``),
and writes ``docs/claims.md`` from ``claims_page.md`` (``claim_page.py``). It may be stopped and
started again.

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
from typing import Any

from claim_runs import BASE, ROOT, RUNS, TYPES, WORK, Prediction, Run

LOG = ROOT / "docs" / "logs" / "claims.json"
SEEDS = (1, 2, 3)
LINES = {"train": 4_000, "few": 1_000, "valid": 500}
"""Lines of the excerpts; ``few`` is for the trainings that must overfit."""


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


def record(run: str, seed: int | str, figures: dict[str, Any]) -> None:
    """Add figures of a training to the log."""
    log = read_log()
    log["runs"].setdefault(run, {}).setdefault(str(seed), {}).update(figures)
    write_log(log)


def make_excerpts(ptb: Path) -> None:
    """Write the lines that are trained and validated on."""
    WORK.mkdir(parents=True, exist_ok=True)
    for name, lines in LINES.items():
        source = ptb / f"ptb.{'valid' if name == 'valid' else 'train'}.txt"
        if not source.exists():
            raise SystemExit(f"{source} is missing; run `rnnlm corpus fetch ptb`, or give --ptb")
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
    both = "model.direction=bidirectional" in run.changed
    measure = "pseudo_perplexity" if both else "perplexity"
    return {
        "valid": lines[-1].get(f"valid_{measure}") if done.returncode == 0 else None,
        "epochs": [line[f"valid_{measure}"] for line in epochs],
        "train": [line[f"train_{measure}"] for line in epochs],
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
            record(run.name, seed, train(run, seed))


def look_at(runs: list[Run]) -> None:
    """Add to the log what is seen in trained models."""
    from claim_trained import LOOKS, hello, words_alone

    import rnnlm_cli

    text = (WORK / "valid.txt").read_text(encoding="utf-8").splitlines()
    known = read_log()["runs"]
    for run in runs:
        for seed, figures in known.get(run.name, {}).items():
            if run.name in LOOKS and "look" not in figures:
                lm = rnnlm_cli.load(WORK / f"{slug(run.name)}-{seed}.pkl", threads=1)
                record(run.name, seed, {"look": LOOKS[run.name](lm, text)})
    if "words alone" not in known:
        read = (WORK / "train.txt").read_text(encoding="utf-8").splitlines()
        record("words alone", 1, {"look": words_alone(read, text, TYPES)})
    for seed in SEEDS:
        if str(seed) not in known.get("hello", {}):
            record("hello", seed, {"look": hello(seed, WORK)})


def perplexities(log: dict[str, Any], name: str) -> list[float]:
    """Return a run's validation perplexities, one per seed; infinite where it diverged."""
    seeds = [one for _, one in sorted(log["runs"][name].items())]
    if name == "one word":  # as one stream its state would run on, which it has not learned
        return [one["look"]["one word"] for one in seeds]
    return [math.inf if one["valid"] is None else one["valid"] for one in seeds]


def outcome(log: dict[str, Any], prediction: Prediction) -> str:
    """Say whether every seed of one run is below every seed of the other."""
    low, high = perplexities(log, prediction.low), perplexities(log, prediction.high)
    if min(len(low), len(high)) < len(SEEDS):
        return "too few seeds"
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
    parser.add_argument("--page", action="store_true", help="only write the page")
    options = parser.parse_args()
    if not options.page:
        from claim_checks import CHECKS

        make_excerpts(options.ptb)
        chosen = [run for run in RUNS if options.only in (None, run.group)]
        train_missing(chosen)
        look_at(chosen)
        write_log({**read_log(), "checks": {name: found() for name, found in CHECKS.items()}})
    from claim_page import write_page

    write_page()


if __name__ == "__main__":
    main()
