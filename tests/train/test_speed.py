"""The expected time of a training, with a clock that advances one second per block."""

from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnlm_cli.config import load_config
from rnnlm_cli.text import cache
from rnnlm_cli.train import speed
from rnnlm_cli.train.blocks import validation_blocks
from rnnlm_cli.train.poll import Stopped
from rnnlm_cli.train.speed import MOST_BLOCKS, Stopwatch, expected_seconds
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt, valid: 0.2}
model: {embedding_size: 3, hidden_size: 3}
training: {epochs: 3, batch_size: 2, bptt: 5}
checkpoint: {path: out/m.pkl}
"""


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    ticks = count()
    monkeypatch.setattr(speed, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))


def dry(*overrides, start=Start.NEW):
    return begin(load_config("c.yaml", overrides), start, dry=True)


def test_it_is_the_time_of_all_steps_and_all_validations(folder):
    session = dry()
    blocks = len(session.blocks)
    each = len(validation_blocks(session.config, session.texts))
    exact = len(validation_blocks(session.config, session.texts, exact=True))
    assert expected_seconds(session) == 3 * (blocks + each) + exact
    assert expected_seconds(dry("training.max_steps=7")) == 7 + each + exact
    assert session.trainer.progress.step == 0


def test_it_keeps_no_ids_of_a_large_text(folder, monkeypatch):
    monkeypatch.setattr(cache, "LARGE", 1)
    dry()
    assert not Path(".rnnlm").exists()
    begin(load_config("c.yaml"))
    assert Path(".rnnlm").exists()


def test_without_a_validation_text_it_is_the_time_of_the_steps(folder):
    session = dry("corpus.valid=null")
    assert expected_seconds(session) == 3 * len(session.blocks)


def test_of_a_training_that_is_resumed_it_is_what_is_left(folder, stop_after):
    stop_after(begin(load_config("c.yaml", ["corpus.valid=null"])), 4)
    session = dry("corpus.valid=null", start=Start.RESUME)
    done = session.trainer.progress.step
    assert done > 0
    assert expected_seconds(session) == 3 * len(session.blocks) - done


def test_it_is_not_known_of_a_training_that_diverges_or_does_not_fit(folder, monkeypatch):
    spread = "model.initialization={kind: uniform, scale: 1e30}"
    assert expected_seconds(dry(spread)) is None
    monkeypatch.setattr(speed, "physical_memory", lambda: 100_000_000)
    assert expected_seconds(dry()) is None


def test_a_stopwatch_leaves_out_the_first_block_unless_it_is_the_only_one(monkeypatch):
    times = iter([10.0, 15.0, 16.0, 17.0, 30.0, 39.0])
    monkeypatch.setattr(speed, "time", SimpleNamespace(monotonic=lambda: next(times)))
    watch = Stopwatch(7.0)
    assert watch.mean is None
    watch.block()
    assert watch.mean == 5.0
    watch.block()
    with pytest.raises(Stopped):
        watch.block()
    assert watch.mean == 1.0
    with pytest.raises(Stopped):
        Stopwatch(9.0).block()


def test_a_stopwatch_ends_after_many_blocks():
    watch = Stopwatch(1e9)
    for _ in range(MOST_BLOCKS - 1):
        watch.block()
    with pytest.raises(Stopped):
        watch.block()
    assert watch.mean == 1.0
