"""What each option of ``task.kind: translation`` is worth: sums and dates, one change at a time.

Run by ``make translation``; an hour on two cores. Corpora are generated where there are none. Every
model is trained as ``configs/addition.yaml`` or ``configs/dates.yaml`` says, but for the options,
and translates the held-out test text. A model that is trained is not trained again, so the script
may be stopped and started again. ``--epochs N`` trains for fewer epochs.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from pathlib import Path
from typing import Any, NamedTuple

from rnnlm_cli import Translator
from rnnlm_cli.commands.main import run

ROOT = Path(__file__).parents[1]
WORK = ROOT / "checkpoints" / "translation"


class Form(NamedTuple):
    """One training."""

    corpus: str
    reverse_source: bool
    peeky: bool
    attention: str | None

    @property
    def name(self) -> str:
        """Its name in the table."""
        parts = ["reversed source"] * self.reverse_source + ["peeky decoder"] * self.peeky
        return ", ".join([*parts, *["attention"] * bool(self.attention)]) or "neither"

    @property
    def path(self) -> str:
        """Its checkpoint."""
        flags = (self.reverse_source, self.peeky, bool(self.attention))
        return str(WORK / f"{self.corpus}-{''.join(str(int(flag)) for flag in flags)}.pkl")


FORMS = [
    Form("addition", False, False, None),
    Form("addition", True, False, None),
    Form("addition", False, True, None),
    Form("addition", True, True, None),
    Form("dates", True, False, None),
    Form("dates", False, False, "dot"),
    Form("dates", True, False, "dot"),
]


def train(form: Form, epochs: int | None) -> Translator:
    """Train a model, go on with one that was stopped, or load one that is trained."""
    changes: dict[str, Any] = {
        "task.reverse_source": form.reverse_source,
        "task.peeky": form.peeky,
        "task.attention": form.attention,
        "checkpoint.path": form.path,
    }
    if epochs is not None:
        changes["training.epochs"] = epochs
    config = ROOT / "configs" / f"{form.corpus}.yaml"
    return Translator.train(config, overrides=changes, resume=True)


def main() -> None:
    """Print a row per model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, help="instead of those of the configs")
    epochs = parser.parse_args().epochs
    os.chdir(ROOT)
    for corpus in ("addition", "dates"):
        if not Path(f"corpora/{corpus}.train.tsv").exists() and run(["corpus", corpus]) != 0:
            raise SystemExit(f"rnnlm corpus {corpus} failed")
    print("| corpus | options | epochs | exact match | perplexity | minutes |")
    print("|---|---|---|---|---|---|")
    for form in FORMS:
        model = train(form, epochs)
        found = model.evaluate(split="test")
        history = model.model.history
        log = Path(form.path).with_suffix(".jsonl").read_text(encoding="utf-8")
        seconds = json.loads(log.splitlines()[-1])["seconds"]
        share, perplexity = found.exact / found.lines, math.exp(found.nats / found.tokens)
        print(
            f"| {form.corpus} | {form.name} | {len(history)} | {share:.2%} | {perplexity:.4f} "
            f"| {seconds / 60:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
