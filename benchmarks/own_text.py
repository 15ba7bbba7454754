"""What ``rnnlm init --text`` proposes, against configs made by hand, in the same time.

Each text is trained on for some minutes: once with the proposed config, and with four that were
written by hand (``BY_HAND``), each with as many steps of a falling rate as the time allows. All are
then measured on a text that none has seen, in bits per byte. The time is processor time of one
core, so other work on the machine does not change the result much. A text that is named alone is
trained on without its last twentieth, which is its test text; tiny-shakespeare is one. ``--small``
adds its first 20 kB, ``--other`` a text that has a test text.

    python benchmarks/own_text.py --text shakespeare.txt --small --other ko.train.txt ko.test.txt

With ``--units`` it compares units instead: one network with each (``BY_UNIT``).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import yaml

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run as rnnlm
from rnnlm_cli.config import make_config
from rnnlm_cli.data.texts import read_text
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.train.speed import measured_pace
from rnnlm_cli.train.start import begin

ADAM = {"kind": "adam", "learning_rate": 0.002}
FALLING = {"optimizer": ADAM, "schedule": {"kind": "linear"}, "clip_norm": 1.0}

BY_HAND: dict[str, dict[str, Any]] = {
    "characters, LSTM 256": {
        "corpus": {"unit": "char"},
        "model": {"embedding_size": 64, "hidden_size": 256, "dropout": {"output": 0.2}},
        "training": {**FALLING, "batch_size": 50, "bptt": 50},
    },
    "characters, GRU 96": {
        "corpus": {"unit": "char"},
        "model": {
            "cell": "gru",
            "embedding_size": 32,
            "hidden_size": 96,
            "dropout": {"input": 0.1, "output": 0.4},
        },
        "training": {**FALLING, "batch_size": 10, "bptt": 50},
    },
    "2,000 subwords, LSTM 256": {
        "corpus": {"unit": "subword", "subword": {"kind": "bpe", "size": 2000}},
        "model": {"embedding_size": 128, "hidden_size": 256, "dropout": {"output": 0.1}},
        "training": {**FALLING, "batch_size": 20, "bptt": 35},
    },
    "1,000 subwords, GRU 256": {
        "corpus": {"unit": "subword", "subword": {"kind": "bpe", "size": 1000}},
        "model": {"cell": "gru", "embedding_size": 128, "hidden_size": 256},
        "training": {**FALLING, "batch_size": 32, "bptt": 35},
    },
}
"""What somebody who knows such networks would try first."""

PROPOSED = "proposed"

SAME_MODEL = {"cell": "gru", "embedding_size": 128, "hidden_size": 256}
SAME_TRAINING = {**FALLING, "optimizer": ADAM | {"learning_rate": 0.005}, "batch_size": 32}


def unit(name: str, bptt: int, kind: str = "bpe", size: int = 0) -> dict[str, Any]:
    """Return a config with a unit, and blocks of so many tokens."""
    corpus: dict[str, Any] = {"unit": name}
    if size:
        corpus["subword"] = {"kind": kind, "size": size}
    return {
        "corpus": corpus,
        "model": dict(SAME_MODEL),
        "training": {**SAME_TRAINING, "bptt": bptt},
    }


BY_UNIT = {
    "char": unit("char", 64),
    "jamo": unit("jamo", 100),
    "subword, 1,000 (BPE)": unit("subword", 35, size=1000),
    "subword, 2,000 (BPE)": unit("subword", 35, size=2000),
    "subword, 4,000 (BPE)": unit("subword", 35, size=4000),
    "subword, 2,000 (unigram)": unit("subword", 35, "unigram", 2000),
    "prose": unit("prose", 35),
    "word": unit("word", 35),
}

MOST_EPOCHS = 60
SMALL_BYTES = 20_000
TEST_SHARE = 0.05
SHARED_OUT = 0.95
"""Share of the time for the steps of a config that was made by hand."""


class Text(NamedTuple):
    """A text to train on, and one of the same kind to measure on."""

    name: str
    train: Path
    test: Path


def main() -> None:
    """Train all, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", type=Path, action="append", default=[])
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--other", type=Path, nargs=2, action="append", default=[])
    parser.add_argument("--units", action="store_true")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)  # how it calls itself
    options = parser.parse_args()
    if options.one:
        name, train, test, seed, directory = options.one
        print(json.dumps(one(name, train, test, int(seed), 60 * options.minutes, directory)))
        return
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(options.jobs) as pool:
        texts = list(texts_of(options, Path(directory)))
        names = list(BY_UNIT) if options.units else [PROPOSED, *BY_HAND]
        jobs = [(text, name, seed) for text in texts for name in names for seed in options.seeds]
        results = pool.map(lambda job: run(*job, options, directory), jobs)
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for (text, name, seed), result in zip(jobs, results, strict=True):
            print(f"{text.name}, {name}, seed {seed}: {result}", file=sys.stderr)
            found.setdefault((text.name, name), []).append(result)
    for text in texts:
        print_table(text.name, {name: found[text.name, name] for name in names})


def print_table(text: str, results: Mapping[str, list[dict[str, Any]]]) -> None:
    """Print the figures of one text, a line for each config."""
    means = {name: fmean(one["bits_per_byte"] for one in all) for name, all in results.items()}
    print(f"\n{text}:")
    if PROPOSED in means:
        best = min(means[name] for name in BY_HAND)
        print(f"proposed / best by hand = {means[PROPOSED] / best:.3f}")
    print("\n| config | bits per byte, by seed | mean | parameters | unknown tokens |")
    print("|---|---|---|---|---|")
    for name, all in results.items():
        each = ", ".join(f"{one['bits_per_byte']:.3f}" for one in all)
        parameters, unknown = all[0]["parameters"], all[0]["unknown_rate"]
        print(f"| {name} | {each} | {means[name]:.3f} | {parameters:,} | {unknown:.2%} |")


def texts_of(options: argparse.Namespace, directory: Path) -> Iterator[Text]:
    """Yield the texts: those without their end, the beginning of the first, and the others."""
    parts: dict[str, tuple[bytes, bytes]] = {}
    for path in options.text:
        content = path.read_bytes()
        cut = content.rfind(b"\n", 0, int(len(content) * (1 - TEST_SHARE))) + 1
        parts[path.name] = content[:cut], content[cut:]
        if options.small and path == options.text[0]:
            small = content[:SMALL_BYTES], content[SMALL_BYTES : 3 * SMALL_BYTES]
            parts[f"first 20 kB of {path.name}"] = small
    for number, (name, data) in enumerate(parts.items()):
        paths = [directory / f"{number}.{use}.txt" for use in ("train", "test")]
        for path, one_text in zip(paths, data, strict=True):
            path.write_bytes(one_text)
        yield Text(name, *paths)
    for train, test in options.other:
        yield Text(train.name, train, test)


def run(
    text: Text, name: str, seed: int, options: argparse.Namespace, directory: str
) -> dict[str, Any]:
    """Train one config in a process of its own, on one core."""
    with tempfile.TemporaryDirectory(dir=directory) as own:
        arguments = ["--minutes", str(options.minutes), "--one", name]
        arguments += [str(text.train.resolve()), str(text.test.resolve()), str(seed), own]
        done = subprocess.run(
            [sys.executable, __file__, *arguments],
            env=os.environ | {"RNNLM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(
    name: str, train: str, test: str, seed: int, seconds: float, directory: str
) -> dict[str, Any]:
    """Make or take a config, train it, and measure it; all times are processor times."""
    time.monotonic = time.process_time
    os.chdir(directory)
    if name == PROPOSED:
        values = proposed(train, seconds)
    else:
        values = by_hand((BY_HAND | BY_UNIT)[name], train, seconds)
    values["training"]["seed"] = seed
    config = make_config(values)
    before = time.process_time()
    for _ in begin(config, use_cache=False).events():
        pass
    took = time.process_time() - before
    model = checkpoint.load(config.checkpoint.path).model
    measured = evaluate(model, read_text(config, test, model.codec, model.vocabulary))
    return {
        "bits_per_byte": measured.figures.bits_per_byte,
        "seconds": round(took, 1),
        "parameters": model.network.parameter_count,
        "unknown_rate": measured.unknown / measured.tokens,
        "config": {"model": values["model"], "training": values["training"]},
    }


def proposed(train: str, seconds: float) -> dict[str, Any]:
    """Let ``rnnlm init`` write a config for a text, and read it."""
    assert rnnlm(["init", "--text", train, "--minutes", str(seconds / 60)]) == 0
    (path,) = Path("configs").glob("*.yaml")
    values: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    values["corpus"]["train"], values["checkpoint"]["path"] = train, "m.pkl"
    return values


def by_hand(config: Mapping[str, Any], train: str, seconds: float) -> dict[str, Any]:
    """Add the length of the training, as ``rnnlm train --dry-run`` would tell it."""
    valid = 0.1 if os.path.getsize(train) < 10 * SMALL_BYTES else TEST_SHARE
    values: dict[str, Any] = {name: dict(section) for name, section in config.items()}
    values["corpus"] |= {"train": train, "valid": valid}
    values["checkpoint"] = {"path": "m.pkl"}
    session = begin(make_config(values), dry=True)
    pace, blocks = measured_pace(session.config, session.texts, 2.0), len(session.blocks)
    each, last = pace.epoch_end or 0.0, pace.final or 0.0
    step = (pace.step or 0.0) + each / blocks
    steps = int((SHARED_OUT * seconds - each - last) / step)
    steps = max(1, min(MOST_EPOCHS * blocks, steps))
    values["training"] |= {"epochs": -(-steps // blocks), "max_steps": steps}
    return values


if __name__ == "__main__":
    main()
