"""TensorBoard's event file, read back; a training that is killed at each write of it."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import UsageError
from rnnlm_cli.train import recovery
from rnnlm_cli.train.appended import AppendedFile
from rnnlm_cli.train.events import RolledBack
from rnnlm_cli.train.lock import RunLock
from rnnlm_cli.train.start import Start, begin
from rnnlm_cli.train.tensorboard import EventFile, histogram

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 4, hidden_size: 4}
training:
  epochs: 2
  batch_size: 4
  bptt: 10
  report_every: 1
  on_nan: rollback
  tensorboard: runs
  sample: {length: 3}
  optimizer: {learning_rate: 1.0}
checkpoint: {path: out/m.pkl, every_seconds: 0.000001}
"""
LINES = 15
EVENTS = Path("runs/m/events.out.tfevents.rnnlm")


class KilledError(BaseException):
    """Stands in for SIGKILL."""


def prepared(*overrides, **how):
    """A training whose fourth step fails once."""
    run = begin(load_config("c.yaml", overrides), **how)
    loss = run.model.output.loss_and_gradients

    def bad_once(h, targets, rng=None):
        found = loss(h, targets, rng)
        progress = run.trainer.progress
        bad = progress.step == 3 and progress.rate_factor == 1
        return found._replace(nats=np.nan) if bad else found

    run.model.output.loss_and_gradients = bad_once
    return run


def records(path=EVENTS):
    """Step, tag and value of all records, without those that a clock sets."""
    event_pb2 = pytest.importorskip("tensorboardX.proto.event_pb2")
    data, found = path.read_bytes(), []
    while data:
        size = int.from_bytes(data[:8], "little")
        event = event_pb2.Event.FromString(data[12 : 12 + size])
        data = data[16 + size :]
        found += [
            (event.step, value.tag, value.SerializeToString())
            for value in event.summary.value
            if value.tag != "train/tokens_per_second"
        ]
    return found


def killed_at(patch, number):
    """Kill the program at its n-th write; an appended entry may be incomplete then."""
    count = iter(range(1, 10_000))

    def torn(self, data):
        if next(count) == number:
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            raise KilledError
        return append(self, data)

    def save(*args):
        if next(count) == number:
            raise KilledError
        return write(*args)

    append, write = AppendedFile.append, checkpoint.save
    patch.setattr(AppendedFile, "append", torn)
    patch.setattr(checkpoint, "save", save)
    return count


@pytest.fixture
def rolls_back_to_the_second_step(folder, monkeypatch):
    pytest.importorskip("tensorboardX")
    monkeypatch.setattr(recovery, "ROLLBACK_STEPS", 2)


@pytest.mark.bitwise
def test_after_a_kill_at_any_write_each_step_is_there_once(
    rolls_back_to_the_second_step, monkeypatch
):
    with monkeypatch.context() as patch:
        count = killed_at(patch, 0)
        events = list(prepared().events())
        assert sum(isinstance(event, RolledBack) for event in events) == 1
        writes = next(count) - 1
    expected, size = records(), EVENTS.stat().st_size
    steps = [step for step, tag, _ in expected if tag == "train/nats_per_token"]
    assert steps == list(range(1, len(steps) + 1))
    validated = [(step, tag) for step, tag, _ in expected if tag == "perplexity/valid"]
    assert [step for step, _ in validated] == [len(steps) // 2, len(steps)]
    assert (len(steps), "weights/layer0.weight_hh") in {(step, tag) for step, tag, _ in expected}
    for number in range(1, writes + 1, 7):
        shutil.rmtree("out")
        shutil.rmtree("runs")
        with monkeypatch.context() as patch:
            killed_at(patch, number)
            with pytest.raises(KilledError):
                list(prepared().events())
        list(prepared(start=Start.RESUME).events())
        found = records()
        differing = [pair for pair in zip(found, expected, strict=False) if pair[0] != pair[1]]
        assert (number, differing, len(found)) == (number, [], len(expected))
        # of equal size, so that a TensorBoard that is running goes on at the right byte
        assert EVENTS.stat().st_size == size


def test_tensorboard_reads_what_the_log_has(folder):
    pytest.importorskip("tensorboardX")
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    ended = list(prepared("training.on_nan=stop", "training.max_steps=3").events())[-1]
    found = reader.EventAccumulator("runs/m", {"histograms": 0, "tensors": 0})
    found.Reload()
    losses = found.Scalars("train/nats_per_token")
    assert [loss.step for loss in losses] == [1, 2, 3]
    model = checkpoint.load("out/m.pkl").model
    (valid,) = found.Scalars("perplexity/valid")
    assert (valid.step, valid.value) == (3, pytest.approx(model.history[0].valid, rel=1e-6))
    assert ended.best_epoch == 1
    weights = model.network.params["layer0.weight_hh"].value
    (hist,) = found.Histograms("weights/layer0.weight_hh")
    assert hist.histogram_value.num == weights.size
    assert sum(hist.histogram_value.bucket) == weights.size
    assert hist.histogram_value.max == pytest.approx(weights.max(), rel=1e-6)


def test_a_histogram_by_hand():
    found = histogram(np.array([[0.0, 1.0], [1.0, 64.0]], np.float32))
    assert found["bucket_limits"] == list(range(1, 65))
    assert found["bucket_counts"] == [1, 2, *[0] * 61, 1]
    assert (found["min"], found["max"], found["sum"], found["sum_squares"]) == (0, 64, 66, 4098)


def test_a_damaged_file_is_cut_after_its_last_whole_record(folder):
    pytest.importorskip("tensorboardX")
    file = EventFile("events")
    file.cut(0)
    file.scalars(1, {"a": 1.0, "b": None})
    whole = file.length
    file.append(b"\xff" * 30)
    file.cut(10**9)
    assert file.length == whole
    assert [(step, tag) for step, tag, _ in records(Path("events"))] == [(1, "a")]
    file.close()


def test_the_event_file_of_another_training_is_not_continued_or_shared(folder):
    pytest.importorskip("tensorboardX")
    events = prepared("training.tensorboard=null").events()
    next(events)
    events.close()
    EVENTS.parent.mkdir(parents=True)
    EVENTS.write_bytes(b"another training's")
    with pytest.raises(UsageError, match="the training that is resumed did not write it"):
        prepared(start=Start.RESUME)
    with pytest.raises(UsageError, match=r"events.out.tfevents.rnnlm: already exists"):
        prepared("checkpoint.path=b/m.pkl")
    run = prepared("checkpoint.path=b/m.pkl", start=Start.OVERWRITE)
    other = prepared("checkpoint.path=c/m.pkl", start=Start.OVERWRITE)
    Path("b").mkdir()
    lock = RunLock(run.files)
    with pytest.raises(UsageError, match=r"in use by another .* another training\.tensorboard"):
        next(other.events())
    lock.close()


def test_without_the_package_nothing_is_begun(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(UsageError, match=r"tensorboardX is not installed.*\[tensorboard\]"):
        prepared()
    assert not Path("out").exists()
