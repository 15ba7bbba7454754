"""What classifiers learn: which source a line comes from, and tiny cases with a known answer.

    python benchmarks/tasks.py sources --data DIRECTORY    # PTB, tiny-shakespeare; minutes
    python benchmarks/tasks.py lengths [--picture FILE]    # brackets in longer and longer lines

``sources`` makes lines of five sources, trains in one direction and in two, and compares with a
bag-of-words logistic regression (scikit-learn, which is only needed here). ``lengths`` trains an
LSTM, a GRU and an Elman network on short lines and asks them about longer ones.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnnlm_cli import Classifier
from rnnlm_cli.corpora.brackets import brackets
from rnnlm_cli.corpora.prose import sentences
from rnnlm_cli.corpora.python_docs import docstrings, topics

WORDS = (6, 30)
"""Least and most words of a line."""


def plain(text: str) -> str:
    """Return words in lower case alone, so that no source is known by its marks.

    The Penn Treebank has no capital letter, no punctuation, ``N`` for numbers and ``<unk>``.
    """
    words = re.findall(r"[a-z]+", text.lower().replace("<unk>", " "))
    return " ".join(word for word in words if word != "n")


def lines_of(name: str, data: Path) -> Iterator[str]:
    """Yield the lines of a source."""
    import sysconfig

    library = Path(sysconfig.get_path("stdlib"))
    if name == "treebank":
        yield from (data / "ptb" / "ptb.train.txt").read_text(encoding="utf-8").splitlines()
    elif name == "shakespeare":
        text = (data / "tinyshakespeare.txt").read_text(encoding="utf-8")
        yield from (" ".join(part.split("\n")[1:]) for part in text.split("\n\n"))
    elif name == "reference":
        for text in topics(library / "pydoc_data" / "topics.py"):
            yield from sentences(text)
    else:  # docstrings of one part of the library
        inside = {"asyncio", "concurrent", "multiprocessing"}
        for path in sorted(library.rglob("*.py")):
            parts = set(path.relative_to(library).parts)
            if parts & {"test", "tests", "site-packages", "dist-packages"}:
                continue
            if bool(parts & inside) == (name == "parallel"):
                for text in docstrings(path):
                    yield from sentences(text)


def make_sources(data: Path, folder: Path, most: int) -> None:
    """Write ``sources.{train,valid,test}.tsv``: as many lines of each source, in no order."""
    rows = []
    draw = random.Random(1)
    for name in ("treebank", "shakespeare", "reference", "library", "parallel"):
        found = list(dict.fromkeys(map(plain, lines_of(name, data))))
        kept = [one for one in found if WORDS[0] <= len(one.split()) <= WORDS[1]]
        draw.shuffle(kept)
        rows += [f"{name}\t{line}" for line in kept[:most]]
        print(f"{name:<12} {len(kept[:most]):>6,} lines of {len(kept):,}")
    draw.shuffle(rows)
    held = len(rows) // 10
    parts = {"valid": rows[:held], "test": rows[held : 2 * held], "train": rows[2 * held :]}
    for part, lines in parts.items():
        (folder / f"sources.{part}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def config(folder: Path, name: str, text: str, **model: Any) -> dict[str, Any]:
    """Return a config."""
    state = model.pop("state", "last")
    training = model.pop("training", {})
    return {
        "task": {"kind": "classification", "state": state},
        "corpus": {part: str(folder / f"{text}.{part}.tsv") for part in ("train", "valid", "test")}
        | {"min_count": 2},
        "model": {"cell": "lstm", "embedding_size": 64, "hidden_size": 64} | model,
        "training": {
            "epochs": 6,
            "batch_size": 32,
            "clip_norm": 1.0,
            "optimizer": {"kind": "adam", "learning_rate": 0.003},
            "schedule": {"kind": "linear"},
        }
        | training,
        "checkpoint": {"path": str(folder / f"{name}.pkl")},
    }


def sources(arguments: argparse.Namespace) -> None:
    """Train on five sources, and print a table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_sources(arguments.data, folder, arguments.lines)
        print(f"\n{'model':<40} {'accuracy':>8} {'macro F1':>8} {'seconds':>8}")
        bag_of_words(folder)
        drop = {"dropout": {"input": 0.3, "output": 0.3}}
        for said, model in (
            ("one direction, last state", {}),
            ("one direction, mean", {"state": "mean"}),
            ("both directions, last states", {"direction": "bidirectional"}),
            ("both directions, mean", {"direction": "bidirectional", "state": "mean"}),
        ):
            start = time.perf_counter()
            training = {"epochs": arguments.epochs}
            made = config(folder, "m", "sources", training=training, **drop, **model)
            found = Classifier.train(made, overwrite=True).evaluate(split="test")
            row(said, found.accuracy, found.macro_f1, time.perf_counter() - start)


def bag_of_words(folder: Path) -> None:
    """Fit a logistic regression on counts of words, as scikit-learn has it."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import accuracy_score, f1_score
    except ImportError:
        print("bag of words: skipped, scikit-learn is not installed")
        return
    start = time.perf_counter()
    parts = {}
    for part in ("train", "test"):
        text = (folder / f"sources.{part}.tsv").read_text(encoding="utf-8")
        parts[part] = list(zip(*(line.split("\t") for line in text.splitlines()), strict=True))
    words = TfidfVectorizer(token_pattern=r"\S+", min_df=2)
    model = LogisticRegression(C=10.0, max_iter=1000)
    model.fit(words.fit_transform(parts["train"][1]), parts["train"][0])
    found, right = model.predict(words.transform(parts["test"][1])), parts["test"][0]
    seconds = time.perf_counter() - start
    row(
        "bag of words, logistic regression",
        accuracy_score(right, found),
        f1_score(right, found, average="macro"),
        seconds,
    )


def row(name: str, accuracy: float, macro_f1: float, seconds: float) -> None:
    """Print a row of the table."""
    print(f"{name:<40} {accuracy:8.2%} {macro_f1:8.4f} {seconds:8.0f}", flush=True)


LENGTHS = (16, 20, 30, 40, 60, 80, 120)


def lengths(arguments: argparse.Namespace) -> None:
    """Train on lines of at most 20 brackets, and print the accuracy on longer ones."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part, lines in brackets(arguments.lines)._asdict().items():
            text = "\n".join(lines) + "\n"
            (folder / f"brackets.{part}.tsv").write_text(text, encoding="utf-8")
        for length in LENGTHS:
            found = brackets(400, length - 4, length, seed=2)
            text = "\n".join(line for part in found for line in part) + "\n"
            (folder / f"{length}.tsv").write_text(text, encoding="utf-8")
        print(f"{'brackets':<10}" + "".join(f"{length:>8}" for length in LENGTHS))
        curves = {}
        for cell in ("lstm", "gru", "rnn"):
            small = {"cell": cell, "embedding_size": 4, "hidden_size": 16}
            training = {"epochs": arguments.epochs}
            made = config(folder, cell, "brackets", training=training, **small)
            made["training"]["optimizer"]["learning_rate"] = 0.01
            model = Classifier.train(made, overwrite=True)
            curves[cell] = [model.evaluate(folder / f"{n}.tsv").accuracy for n in LENGTHS]
            print(f"{cell:<10}" + "".join(f"{one:8.1%}" for one in curves[cell]), flush=True)
        if arguments.picture:
            draw(curves, arguments.picture)


def draw(curves: dict[str, list[float]], path: str) -> None:
    """Draw accuracy by length."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.add_subplot()
    for cell, values in curves.items():
        axes.plot(LENGTHS, values, marker="o", label=cell)
    axes.axvspan(2, 20, alpha=0.1)
    axes.set(xlabel="brackets in a line (trained on the shaded lengths)", ylabel="accuracy")
    axes.axhline(0.5, linewidth=0.5)
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Run one of the comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("sources")
    one.add_argument("--data", type=Path, required=True)
    one.add_argument("--lines", type=int, default=4_000, help="most lines per source")
    one.add_argument("--epochs", type=int, default=6)
    one.set_defaults(run=sources)
    other = commands.add_parser("lengths")
    other.add_argument("--lines", type=int, default=10_000)
    other.add_argument("--epochs", type=int, default=12)
    other.add_argument("--picture")
    other.set_defaults(run=lengths)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
