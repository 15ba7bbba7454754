"""Write small checkpoints, and what they gave, as test data for later versions.

Run once, by the version of rnnlm whose files are to be kept: what is committed is of format
version 1, and must not be written again. Of each configuration there are a model and the state of
a training that was stopped in the middle of its second epoch, the log until then, the perplexity
of a text under that model, and the weights at the end of a training that was never stopped.
"""

import contextlib
import io
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run as rnnlm
from rnnlm_cli.config import load_config
from rnnlm_cli.train.events import StepDone
from rnnlm_cli.train.poll import Stopped
from rnnlm_cli.train.start import Start, begin

STOPPED_AFTER = 19
"""Steps: in the middle of the second epoch of each training."""

MODELS = {
    "lstm-tied": ("model: {cell: lstm, tie_weights: true}", "optimizer: {learning_rate: 2.0}"),
    "lstm-momentum": (
        "model: {cell: lstm, layers: 2, dropout: {input: 0.1, hidden: 0.2, output: 0.3}}",
        "optimizer: {kind: momentum, learning_rate: 0.5}",
    ),
    "gru": ("model: {cell: gru}", "optimizer: {kind: adam, learning_rate: 0.01}"),
    "bidirectional": (
        "model: {cell: rnn, direction: bidirectional}",
        "optimizer: {kind: adam, learning_rate: 0.01}",
    ),
    "adaptive": (
        "model: {cell: lstm, output_layer: {kind: adaptive, cutoffs: [6, 12], shrink: 2}}",
        "optimizer: {kind: adam, learning_rate: 0.01}",
    ),
    "char": (
        "model: {cell: lstm}",
        "optimizer: {kind: adam, learning_rate: 0.01}",
        "unit: char, lowercase: true",
    ),
}

CONFIG = """\
corpus: {{train: train.txt, valid: valid.txt, min_count: 2{corpus}}}
{model}
training: {{epochs: 3, batch_size: {batch}, bptt: 6, report_every: 5, {training}}}
checkpoint: {{path: {name}.pkl}}
"""


def write_texts() -> None:
    """Write a training text of sentences from a small grammar, and another to validate on."""
    rng = np.random.default_rng(7)
    subjects, verbs = ["I", "you", "세영", "the cat"], ["see", "hear", "say", "know"]
    objects, ends = ["hello", "goodbye", "it", "everything", "naïveté"], [".", "?", "!"]
    for name, lines in (("train", 40), ("valid", 12)):
        text = "".join(
            f"{rng.choice(subjects)} {rng.choice(verbs)} {rng.choice(objects)} {rng.choice(ends)}\n"
            for _ in range(lines)
        )
        Path(f"{name}.txt").write_text(text + f"once {name}ed\n", encoding="utf-8")


def write_config(name: str, model: str, training: str, corpus: str = "") -> None:
    """Write NAME.yaml."""
    model = model.replace("{", "{embedding_size: 6, hidden_size: 8, ", 1)
    text = CONFIG.format(
        name=name,
        model=model,
        training=training,
        corpus=f", {corpus}" if corpus else "",
        batch=10 if corpus else 3,
    )
    Path(f"{name}.yaml").write_text(text, encoding="utf-8")


def train(name: str, stop_after: int | None) -> None:
    """Train, to the end or to a step."""
    run = begin(load_config(f"{name}.yaml", []), Start.OVERWRITE)
    steps = 0

    def poll() -> None:
        if steps == stop_after:
            raise Stopped

    try:
        for event in run.events(poll):
            steps += isinstance(event, StepDone)
    except Stopped:
        assert 0 < run.trainer.progress.block < len(run.blocks)
        assert run.trainer.progress.epoch == 1


def write_goldens(name: str) -> float:
    """Write the files of one training; return the perplexity of the text under its model."""
    train(name, None)
    final = checkpoint.load(f"{name}.last.pkl").model.network
    np.savez(f"{name}.final.npz", **{key: p.value for key, p in final.params.items()})
    train(name, STOPPED_AFTER)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert rnnlm(["eval", "perplexity", "--checkpoint", f"{name}.pkl", "--json"]) == 0
    values = json.loads(printed.getvalue())
    return float(next(values[key] for key in values if key.endswith("perplexity")))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    os.chdir(folder)
    write_texts()
    for name, parts in MODELS.items():
        write_config(name, *parts)
    figures = {name: write_goldens(name) for name in MODELS}
    Path("perplexity.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(".rnnlm", ignore_errors=True)
