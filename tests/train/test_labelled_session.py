"""A classifier's training, stopped anywhere and resumed, is bit for bit the one never stopped."""

import json
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import UsageError
from rnnlm_cli.train.start import Start, begin

CONFIG = """
task: {kind: classification, state: mean}
corpus: {train: labels.tsv, valid: 0.2}
model:
  {direction: bidirectional, cell: gru, embedding_size: 4, hidden_size: 4, dropout: {input: 0.2}}
training: {epochs: 2, batch_size: 7, optimizer: {kind: adam}, report_every: 2, validate_every: 4}
checkpoint: {path: m.pkl}
"""


@pytest.fixture
def labels(folder):
    lines = Path("train.txt").read_text(encoding="utf-8").splitlines()
    cut = [line[: 2 * (1 + k % 7)] for k, line in enumerate(lines)]
    rows = [f"{'ab'['a' in line]}\t{line}" for line in cut]
    Path("labels.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def prepared(path, start=Start.NEW, *overrides):
    return begin(load_config("c.yaml", [f"checkpoint.path={path}", *overrides]), start)


def log(path):
    lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    of_clock = {"seconds", "tokens_per_second", "date", "checkpoint"}
    return [{k: v for k, v in line.items() if k not in of_clock} for line in lines]


@pytest.mark.bitwise
@pytest.mark.parametrize("polls", [0, 5, 12])
def test_stopped_anywhere_and_resumed_it_is_the_same(labels, stop_after, polls):
    list(prepared("whole.pkl").events())
    stop_after(prepared("parts.pkl"), polls)
    list(prepared("parts.pkl", Start.RESUME).events())
    one, other = (checkpoint.load_any(f"{name}.pkl").model for name in ("whole", "parts"))
    assert one.labels == other.labels == ("a", "b")
    assert one.history == other.history
    for name, param in one.network.params.items():
        np.testing.assert_array_equal(param.value, other.network.params[name].value)
    assert log("whole.jsonl") == log("parts.jsonl")


def test_a_resume_needs_the_same_labels(labels, stop_after):
    stop_after(prepared("m.pkl"), 3)
    text = Path("labels.tsv").read_text(encoding="utf-8")
    Path("labels.tsv").write_text(text.replace("b\t", "a\t", 1), encoding="utf-8")
    with pytest.raises(UsageError, match=r"another corpus\.train \(its content has changed\)"):
        prepared("m.pkl", Start.RESUME)


def test_another_training_goes_on_with_labels_and_vocabulary(labels):
    list(prepared("m.pkl").events())
    again = prepared("next.pkl", Start.NEW, "training.init_from=m.pkl")
    first = checkpoint.load_any("m.pkl").model
    assert again.texts.labels == first.labels
    name = "output.weight"
    np.testing.assert_array_equal(again.model.params[name].value, first.network.params[name].value)
    with pytest.raises(UsageError, match=r"task\.kind was classification and is language"):
        prepared("x.pkl", Start.NEW, "training.init_from=m.pkl", "task={kind: language}")


def test_of_equal_accuracies_the_last_is_kept_but_does_not_count_as_better(labels):
    still = "training.optimizer={kind: sgd, learning_rate: 1.0e-30}"  # so all accuracies are equal
    list(
        prepared("still.pkl", Start.NEW, still, "training.epochs=9", "training.patience=2").events()
    )
    history = checkpoint.load_any("still.pkl").model.history
    assert len({record.valid for record in history}) == 1
    assert all(record.best for record in history)
    assert history[-1].epoch < 9  # patience ended it
