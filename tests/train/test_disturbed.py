"""Trainings that the machine disturbs: stopped and continued, moved, read, without locks."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import TrainingError, UsageError
from rnnlm_cli.text import cache
from rnnlm_cli.train import lock
from rnnlm_cli.train.events import Ended, EpochDone, NotExclusive, StepDone
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 8, hidden_size: 8}
training: {epochs: 3, batch_size: 4, bptt: 10, report_every: 5, optimizer: {kind: adam}}
checkpoint: {path: out/m.pkl}
"""

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals, modes and locks as POSIX has them")


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


def train(*overrides, **how):
    return list(prepared(*overrides, **how).events())


def undisturbed():
    train("checkpoint.path=ref/m.pkl")
    return "ref/m.last.pkl"


def log_lines(path):
    """The log without times and paths."""
    lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    skipped = ("seconds", "tokens_per_second", "date", "checkpoint")
    return [{k: v for k, v in line.items() if k not in skipped} for line in lines]


def assert_same_weights(path, other):
    found, expected = (checkpoint.load(p).model.network.params for p in (path, other))
    for name, param in expected.items():
        np.testing.assert_array_equal(found[name].value, param.value)


@POSIX
def test_a_process_that_is_stopped_and_continued_ends_as_if_never_stopped(folder):
    expected = undisturbed()
    command = [sys.executable, "-m", "rnnlm_cli", "train", "--config", "c.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, env=environment, encoding="utf-8"
    ) as process:
        assert "tokens" in process.stderr.readline()
        for _ in range(3):
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            process.send_signal(signal.SIGCONT)
        rest = process.stderr.read()
    assert process.returncode == 0, rest
    assert_same_weights("out/m.last.pkl", expected)


def test_a_renamed_directory_ends_training_which_can_be_resumed_there(folder):
    expected = undisturbed()
    events = prepared().events()
    while not isinstance(next(events), EpochDone):
        pass
    Path("out").rename("moved")
    with pytest.raises(OSError, match="No such file or directory") as caught:
        list(events)
    assert str(caught.value.filename).startswith("out")
    assert not Path("out").exists()
    assert isinstance(train("checkpoint.path=moved/m.pkl", start=Start.RESUME)[-1], Ended)
    assert_same_weights("moved/m.last.pkl", expected)


@pytest.mark.parametrize("at", [StepDone, EpochDone])
def test_a_directory_that_replaces_the_output_directory_stays_empty(folder, at):
    expected = undisturbed()
    events = prepared().events()
    assert isinstance(next(event for event in events if isinstance(event, at)), at)
    Path("out").rename("moved")
    Path("out").mkdir()
    with pytest.raises(TrainingError, match="is another directory now"):
        list(events)
    assert not os.listdir("out")
    Path("out").rmdir()
    Path("moved").rename("out")
    assert isinstance(train(start=Start.RESUME)[-1], Ended)
    assert_same_weights("out/m.last.pkl", expected)
    assert log_lines("out/m.jsonl") == log_lines("ref/m.jsonl")


def test_a_model_read_while_it_is_overwritten_is_complete(folder):
    train()
    ended, wrong, read = threading.Event(), [], 0

    def look():
        nonlocal read
        while not ended.is_set():
            try:
                checkpoint.load("out/m.pkl")
                checkpoint.load("out/m.last.pkl")
                read += 1
            except Exception as error:  # whatever it is, it is told below
                wrong.append(error)

    reader = threading.Thread(target=look)
    reader.start()
    try:
        train("checkpoint.every_seconds=1e-3", start=Start.OVERWRITE)
        while not (read or wrong):
            pass
    finally:
        ended.set()
        reader.join()
    assert not wrong


@POSIX
@pytest.mark.parametrize("number", ["ENOLCK", "ENOTSUP", "ENOSYS", "EINVAL"])
def test_training_works_on_a_file_system_without_locks(folder, monkeypatch, number):
    import errno

    expected = undisturbed()
    asked = []

    def unable(*args):
        asked.append(args)
        raise OSError(getattr(errno, number), "no locks")

    monkeypatch.setattr("fcntl.flock", unable)
    monkeypatch.setattr(cache, "LARGE", 1)
    events = train()
    assert events[0] == NotExclusive("out/m.pkl")
    assert isinstance(events[-1], Ended)
    assert asked
    assert sorted(os.listdir("out")) == ["m.jsonl", "m.last.pkl", "m.pkl"]
    assert_same_weights("out/m.last.pkl", expected)


@POSIX
def test_without_locks_the_first_of_two_trainings_stops(folder, monkeypatch):
    expected = undisturbed()
    monkeypatch.setattr("rnnlm_cli.system.locks.try_lock", lambda descriptor: True)
    monkeypatch.setattr(lock, "try_lock", lambda descriptor: True)
    first = prepared().events()
    while not isinstance(next(first), EpochDone):
        pass
    second = prepared(start=Start.RESUME).events()
    assert isinstance(next(second), NotExclusive)
    with pytest.raises(UsageError, match="in use by another training"):
        list(first)
    assert isinstance(list(second)[-1], Ended)
    assert_same_weights("out/m.last.pkl", expected)
    assert log_lines("out/m.jsonl") == log_lines("ref/m.jsonl")
    assert sorted(os.listdir("out")) == ["m.jsonl", "m.last.pkl", "m.pkl"]


@POSIX
def test_without_locks_a_late_training_does_not_disturb_the_other(folder, monkeypatch):
    monkeypatch.setattr("rnnlm_cli.system.locks.try_lock", lambda descriptor: True)
    monkeypatch.setattr(lock, "try_lock", lambda descriptor: True)
    late = prepared("training.epochs=2").events()
    events = prepared().events()
    while not isinstance(next(events), EpochDone):
        pass
    with pytest.raises(UsageError, match="another training has written it"):
        next(late)
    assert isinstance(list(events)[-1], Ended)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write to any folder")
def test_a_read_only_directory_is_unchanged(folder):
    train()
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    for path in [*Path("out").iterdir(), Path("out")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        for how in ({"start": Start.RESUME}, {"start": Start.OVERWRITE}):
            with pytest.raises(PermissionError, match="out"):
                train("training.epochs=4", **how)
        assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before
        assert checkpoint.load("out/m.pkl").model
    finally:
        Path("out").chmod(0o755)
