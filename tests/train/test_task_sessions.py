"""Trainings of each task: killed anywhere and resumed, or divided, they are the one of one process.

What else is said of a classifier's training is at the end.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model.networks import random_network
from rnnlm_cli.nn.cpu import threads
from rnnlm_cli.tasks import task_of
from rnnlm_cli.train.blocks import trainer_of
from rnnlm_cli.train.group import ALONE
from rnnlm_cli.train.start import Start, begin

CONFIG = """
task: {kind: classification, state: mean}
corpus: {train: labels.tsv, valid: 0.2}
model:
  {direction: bidirectional, cell: gru, embedding_size: 4, hidden_size: 4, dropout: {input: 0.2}}
training: {epochs: 2, batch_size: 7, optimizer: {kind: adam}, report_every: 2, validate_every: 4}
checkpoint: {path: m.pkl}
"""

ONE_WAY = "model.direction=forward"
DROPPED = "model.dropout={embedding: 0.1, input: 0.2, hidden: 0.3, output: 0.2, weight: 0.1}"
TASKS = {
    "classification": (DROPPED, "model.layers=2"),
    "classification, ends": ("task={kind: classification, state: ends}", "model.cell=lstm"),
    "description": (
        "task={kind: description}",
        ONE_WAY,
        "model.dropout={input: 0.2, hidden: 0.3, output: 0.2, variational: true}",
        "model.tie_weights=true",
    ),
    "translation": (
        "task={kind: translation, attention: dot, peeky: true, reverse_source: true}",
        "corpus.train=pairs.tsv",
        ONE_WAY,
        DROPPED,
        "model.layers=2",
    ),
}
"""Changes to the config above."""
LINES = 40


@pytest.fixture
def labels(folder):
    lines = Path("train.txt").read_text(encoding="utf-8").splitlines()
    cut = [line[: 2 * (1 + k % 7)] for k, line in enumerate(lines)]
    rows = [f"{'ab'['a' in line]}\t{line}" for line in cut]
    Path("labels.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    pairs = [f"{line}\t{line[: 1 + k % 5]}" for k, line in enumerate(cut)]
    Path("pairs.tsv").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    return folder


def prepared(path, start=Start.NEW, *overrides):
    return begin(load_config("c.yaml", [f"checkpoint.path={path}", *overrides]), start)


def log(path):
    lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    of_clock = {"seconds", "tokens_per_second", "date", "checkpoint"}
    return [{k: v for k, v in line.items() if k not in of_clock} for line in lines]


class KilledError(BaseException):
    """Stands in for SIGKILL."""


def killed_after(session, polls):
    """Run a session until the poll after some polls; return whether it was killed there."""
    left = iter([False] * polls)

    def poll():
        if next(left, True):
            raise KilledError

    try:
        list(session.events(poll))
    except KilledError:
        return True
    return False


@pytest.mark.bitwise
@pytest.mark.parametrize("name", ["classification", "description", "translation"])
def test_killed_anywhere_and_resumed_it_is_the_same(labels, name):
    """With a state after every step, or only after validations, so that steps are repeated."""
    list(prepared("whole.pkl", Start.NEW, *TASKS[name]).events())
    for number, polls in enumerate([0, 3, 1, 4]):
        seconds = "checkpoint.every_seconds=" + ("0.000001", "300")[number % 2]
        run = prepared("parts.pkl", Start.RESUME, *TASKS[name], seconds)
        assert killed_after(run, polls)
    list(prepared("parts.pkl", Start.RESUME, *TASKS[name]).events())
    one, other = (checkpoint.load_any(f"{name}.pkl").model for name in ("whole", "parts"))
    assert one.labels == other.labels
    assert one.history == other.history
    for key, param in one.network.params.items():
        np.testing.assert_array_equal(param.value, other.network.params[key].value)
    assert log("whole.jsonl") == log("parts.jsonl")


def trained(group, config, texts):
    """The weights that a group trains, the losses of its steps, and those of its validations."""
    rng = np.random.default_rng(1)
    sizes = len(texts.vocabulary), len(texts.labels)
    network = random_network(config, *sizes, rng, np.float64, "blocked")
    run = trainer_of(config, texts, network, group)
    losses = [event.nats_per_token for event in run.run() if hasattr(event, "nats_per_token")]
    valid = [record.valid for record in run.epochs.history]
    return {key: param.value for key, param in network.params.items()}, losses, valid


@pytest.mark.parametrize(("ranks", "lines"), [(2, 5), (3, 2)])  # of three one has no line
@pytest.mark.parametrize("name", TASKS)
def test_several_ranks_end_where_one_process_does(
    labels, name, ranks, lines, on_threads, monkeypatch
):
    monkeypatch.setattr(threads._chosen, "threads", 1)  # ranks are threads, and share the cores
    config = load_config(
        "c.yaml", [*TASKS[name], f"training.batch_size={lines}", "training.max_steps=6"]
    )
    texts = task_of(config).read(config, None, False, False, ALONE)
    values, losses, valid = trained(ALONE, config, texts)
    for rank_values, rank_losses, rank_valid in on_threads(
        ranks, lambda group: trained(group, config, texts)
    ):
        np.testing.assert_allclose(rank_losses, losses, rtol=0, atol=1e-10)
        np.testing.assert_allclose(rank_valid, valid, rtol=0, atol=1e-10)
        for key, value in values.items():
            np.testing.assert_allclose(rank_values[key], value, rtol=0, atol=1e-10, err_msg=key)


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
