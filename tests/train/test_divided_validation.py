"""Validations that several ranks divide, what follows from them, and a limit of time."""

import threading
import types
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.train import loop
from rnnlm_cli.train.events import EpochDone
from rnnlm_cli.train.group import ALONE
from rnnlm_cli.train.start import begin

CONFIG = """
corpus: {train: train.txt, valid: 0.2}
model: {embedding_size: 5, hidden_size: 5}
training:
  batch_size: 5
  bptt: 4
  epochs: 2
  threads: 1
  engine: blocked
  precision: float64
  optimizer: {kind: sgd, learning_rate: 12}
checkpoint: {path: out/m.pkl}
"""
LINES = 40


def trained(group, *overrides):
    session = begin(load_config("c.yaml", overrides), group=group)
    list(session.events())
    return session.trainer


def check_same(one, others):
    """Each has the history and the weights of one process, to rounding."""
    for trainer in others:
        for found, own in zip(trainer.epochs.history, one.epochs.history, strict=True):
            assert found.valid == pytest.approx(own.valid, rel=1e-8)
            assert (found.learning_rate, found.best) == (own.learning_rate, own.best)
        for name, param in one.model.params.items():
            values = trainer.model.params[name].value
            np.testing.assert_allclose(values, param.value, rtol=0, atol=1e-8, err_msg=name)


def test_a_rate_that_falls_at_plateaus_falls_at_the_same_validations(folder, on_threads):
    how = (
        "training.schedule={kind: plateau, divide_by: 4}",
        "training.optimizer.learning_rate=30",
        "training.validate_every=2",
    )
    one = trained(ALONE, *how, "checkpoint.path=1/m.pkl")
    check_same(one, on_threads(3, lambda group: trained(group, *how)))
    rates = [record.learning_rate for record in one.epochs.history]
    assert rates[0] == 30 > rates[-1]  # it did fall


def test_an_average_begins_at_the_same_validation_and_is_what_is_saved(folder, on_threads):
    how = (
        "training.optimizer={kind: ntasgd, learning_rate: 12, epochs_without_gain: 1}",
        "training.validate_every=2",
    )
    one = trained(ALONE, *how, "checkpoint.path=1/m.pkl")
    others = on_threads(2, lambda group: trained(group, *how))
    check_same(one, others)
    steps = {trainer.optimizer.state()["steps"] for trainer in [one, *others]}
    assert len(steps) == 1
    assert 0 < steps.pop() < one.progress.step
    saved = [checkpoint.load(f"{place}/m.pkl").model.network for place in ("1", "out")]
    for name, param in saved[0].params.items():
        np.testing.assert_allclose(saved[1].params[name].value, param.value, rtol=0, atol=1e-8)


def test_all_ranks_end_at_the_step_at_which_rank_0_has_no_time_left(
    folder, on_threads, monkeypatch
):
    """The clock of each rank goes at a speed of its own."""
    speed = threading.local()

    def monotonic():
        speed.now = getattr(speed, "now", 0.0) + speed.step
        return speed.now

    monkeypatch.setattr(loop, "time", types.SimpleNamespace(monotonic=monotonic))

    def work(group):
        speed.step = (1.0, 0.001, 50.0)[group.rank]
        session = begin(load_config("c.yaml", ["training.max_seconds=4"]), group=group)
        events = [event for event in session.events() if isinstance(event, EpochDone)]
        progress = session.trainer.progress
        return progress.step, progress.seconds, len(events), session.trainer.end_reason

    limit = "the 4 seconds of training.max_seconds"
    assert on_threads(3, work) == [(4, 5.0, 1, limit)] * 3  # one more second to validate
    assert checkpoint.load(Path("out/m.last.pkl")).training_state.ended
