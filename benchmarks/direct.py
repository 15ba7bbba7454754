"""What direct n-gram connections are worth for a small network, and what they cost.

Run by ``make direct``; it prints Markdown. All trainings read the beginning of Penn Treebank for
the same number of epochs, with a network of ``--hidden`` units, and are evaluated exactly on the
whole validation text. The default, 2,000 lines and 16 units, takes two minutes on two cores;
``--lines 0 --hidden 100`` is the whole text.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from watched import output_of

CONFIG = """
corpus: {{train: train.txt, valid: {valid}}}
model: {{embedding_size: {hidden}, hidden_size: {hidden}}}
training: {{epochs: {epochs}, optimizer: {{kind: sgd, learning_rate: 20.0}}}}
checkpoint: {{path: m.pkl}}
"""

WAYS = {
    "none": [],
    "order 2": ["model.direct.order=2"],
    "order 3": ["model.direct.order=3"],
    "order 3, 500,000 places": ["model.direct={order: 3, size: 500000}"],
    "none, adaptive": ["model.output_layer={kind: adaptive, cutoffs: [1000, 4000]}"],
    "order 3, adaptive": [
        "model.output_layer={kind: adaptive, cutoffs: [1000, 4000]}",
        "model.direct.order=3",
    ],
}
"""The overrides by what is printed."""


def trained(directory: str, overrides: list[str]) -> tuple[float, float]:
    """Train a model; return its validation perplexity and the seconds it took."""
    command = [sys.executable, "-m", "rnnlm_cli"]
    sets = [word for value in overrides for word in ("--set", value)]
    began = time.monotonic()
    output_of([*command, "train", "--config", "c.yaml", "--overwrite", *sets], directory)
    seconds = time.monotonic() - began
    line = Path(directory, "m.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    return float(line.split('"valid_perplexity": ')[1].split(",")[0].rstrip("}")), seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", default="corpora", help="directory of ptb.train.txt and so on")
    parser.add_argument("--lines", type=int, default=2_000, help="lines to train on; 0 for all")
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=4)
    given = parser.parse_args()
    text = Path(given.text).resolve()
    lines = (text / "ptb.train.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    valid = text / "ptb.valid.txt"
    print("| direct connections | valid perplexity | seconds |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "train.txt").write_text(
            "".join(lines[: given.lines or None]), encoding="utf-8"
        )
        config = CONFIG.format(valid=valid, hidden=given.hidden, epochs=given.epochs)
        Path(directory, "c.yaml").write_text(config, encoding="utf-8")
        for name, overrides in WAYS.items():
            perplexity, seconds = trained(directory, overrides)
            print(f"| {name} | {perplexity:.2f} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
