"""The rollback policy alone."""

from pathlib import Path

import pytest

from rnnlm_cli.config import load_config
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.train.recovery import MOST_ROLLBACKS, ROLLBACK_STEPS, Recovery
from rnnlm_cli.train.start import begin

CONFIG = """
corpus: {train: train.txt}
model: {embedding_size: 4, hidden_size: 4}
training: {epochs: 1, batch_size: 2, bptt: 10, optimizer: {learning_rate: 1.0}}
checkpoint: {path: out/m.pkl}
"""


@pytest.fixture
def session(folder):
    return begin(load_config("c.yaml", ["training.on_nan=rollback"]))


def test_when_a_state_is_saved_and_usable(session):
    recovery = session.recovery
    assert [recovery.is_due(step) for step in (1, ROLLBACK_STEPS, 2 * ROLLBACK_STEPS)] == [
        False,
        True,
        True,
    ]
    assert [recovery.can_use(step) for step in (0, 1)] == [False, True]
    stopping = Recovery(load_config("c.yaml"), session.texts)
    assert not stopping.wanted
    assert not stopping.is_due(ROLLBACK_STEPS)
    assert not stopping.can_use(1)


def test_without_rollbacks_the_error_is_raised_again(session):
    error = DivergedError("the loss is nan")
    with pytest.raises(DivergedError) as caught:
        Recovery(load_config("c.yaml"), session.texts).go_back(error, session.trainer)
    assert caught.value is error


def test_a_rollback_halves_the_rate_and_keeps_the_time(session):
    events = session.events()
    next(events)
    progress = session.trainer.progress
    progress.seconds, progress.rate_factor = 50.0, 0.5
    event, lengths = session.recovery.go_back(DivergedError("bad"), session.trainer)
    assert (event.epoch, event.step, event.reason, event.rate_factor) == (1, 0, "bad", 0.25)
    assert lengths.log == len(
        Path(session.files.log).read_text(encoding="utf-8").splitlines(True)[0]
    )
    now = session.trainer.progress
    assert (now.step, now.seconds, now.report_seconds, now.rate_factor) == (0, 50.0, 50.0, 0.25)
    (lost,) = session.recovery.unlogged
    assert lost == {"epoch": 1, "step": 0, "reason": "bad", "rate_factor": 0.25}
    session.recovery.logged()
    assert session.recovery.unlogged == []
    assert session.recovery.rollbacks == [lost]
    events.close()


def test_too_many_rollbacks_are_an_error(session):
    lines = [{"epoch": 1, "step": 0}] * MOST_ROLLBACKS
    recovery = Recovery(session.config, session.texts, lines)
    with pytest.raises(DivergedError, match="bad; training already rolled back 20 times"):
        recovery.go_back(DivergedError("bad"), session.trainer)
