"""A training with rollbacks, killed at each of its writes and resumed with either on_nan."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.train import recovery
from rnnlm_cli.train.log import Log
from rnnlm_cli.train.recovery import Recovery
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 6, hidden_size: 6}
training:
  epochs: 2
  batch_size: 4
  bptt: 10
  report_every: 1
  on_nan: rollback
  optimizer: {learning_rate: 1.0}
checkpoint: {path: out/m.pkl, every_seconds: 0.000001}
"""

CLOCK = ("seconds", "tokens_per_second", "date")
BAD_STEPS = {4, 8}
LINES = 27


class KilledError(BaseException):
    """Stands in for SIGKILL."""


@pytest.fixture(autouse=True)
def many_rollback_states(folder, monkeypatch):
    monkeypatch.setattr(recovery, "ROLLBACK_STEPS", 3)


def prepared(*overrides, **how):
    """A training in which some steps always fail until the rate is low enough."""
    run = begin(load_config("c.yaml", overrides), **how)
    loss = run.model.output.loss_and_gradients

    def bad_at_full_rate(h, targets, rng=None):
        found = loss(h, targets, rng)
        step, factor = run.trainer.progress.step + 1, run.trainer.progress.rate_factor
        worse = step in BAD_STEPS and factor > 0.5 ** (1 + (step > 4))
        return found._replace(nats=np.nan) if worse else found

    run.model.output.loss_and_gradients = bad_at_full_rate
    return run


def outcome():
    """The weights, and the log without its clock."""
    lines = [json.loads(line) for line in Path("out/m.jsonl").read_text().splitlines()]
    log = [{k: v for k, v in line.items() if k not in CLOCK} for line in lines]
    params = checkpoint.load("out/m.pkl").model.network.params
    return {name: param.value.tolist() for name, param in params.items()}, log


def killed_at(patch, number):
    """Kill the program at its n-th write: of a model, a state or a line, or a removal.

    A line may be incomplete; a file that is written atomically is missing.
    """
    count = iter(range(1, 10_000))

    def at_once(write):
        def instead(*args):
            if next(count) == number:
                raise KilledError
            return write(*args)

        return instead

    def torn(self, event, values):
        if next(count) == number:
            self._file.write(b'{"event": "st')
            self._file.flush()
            raise KilledError
        return write_line(self, event, values)

    write_line = Log.write
    patch.setattr(checkpoint, "save", at_once(checkpoint.save))
    patch.setattr(Log, "cut", at_once(Log.cut))
    patch.setattr(Log, "write", torn)
    patch.setattr(Recovery, "forget", at_once(Recovery.forget))
    return count


def check_whole(log):
    """Check that each step is logged once, in order, among any other lines."""
    steps = [line["step"] for line in log if line["event"] == "step"]
    assert steps == list(range(1, len(steps) + 1))


def writes_of_a_whole_training(monkeypatch):
    with monkeypatch.context() as patch:
        count = killed_at(patch, 0)
        list(prepared().events())
        return next(count) - 1


def test_a_kill_at_each_write_leaves_no_gap_whatever_it_is_resumed_with(monkeypatch):
    writes = writes_of_a_whole_training(monkeypatch)
    expected = outcome()
    assert [line["event"] for line in expected[1]].count("rollback") == 2
    assert writes > 40
    stopped = 0
    for number in range(1, writes + 1):
        shutil.rmtree("out")
        with monkeypatch.context() as patch:
            killed_at(patch, number)
            with pytest.raises(KilledError):
                list(prepared().events())
        shutil.copytree("out", "killed", dirs_exist_ok=True)
        stopped += meets_a_bad_step("training.on_nan=stop")
        shutil.rmtree("out")
        Path("killed").rename("out")
        list(prepared(start=Start.RESUME).events())
        weights, log = outcome()
        assert (number, log) == (number, expected[1])
        assert weights == expected[0]
        assert sorted(path.name for path in Path("out").iterdir()) == FILES
    assert stopped > 5


FILES = ["m.jsonl", "m.last.pkl", "m.pkl"]


def meets_a_bad_step(override):
    """Resume without rollbacks; return whether that met a bad step. The log is whole before it."""
    try:
        list(prepared(override, start=Start.RESUME).events())
    except DivergedError:
        return True
    finally:
        lines = Path("out/m.jsonl").read_text().splitlines()
        check_whole([json.loads(line) for line in lines])
    return False
