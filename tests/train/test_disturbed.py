"""Trainings that the machine disturbs: stopped and continued, moved, read, without locks."""

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
from rnnlm_cli.text import cache
from rnnlm_cli.train.events import Ended, EpochDone
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


def assert_same_weights(path, other):
    found, expected = (checkpoint.load(p).model.network.params for p in (path, other))
    for name, param in expected.items():
        np.testing.assert_array_equal(found[name].value, param.value)


@POSIX
def test_a_process_that_is_stopped_and_continued_ends_as_if_it_never_was(folder):
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


def test_a_folder_that_is_renamed_ends_it_and_what_was_saved_goes_on_there(folder):
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


def test_who_reads_a_model_while_it_is_overwritten_reads_a_whole_one(folder):
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
def test_a_file_system_without_locks_is_borne(folder, monkeypatch, number):
    import errno

    expected = undisturbed()
    asked = []

    def unable(*args):
        asked.append(args)
        raise OSError(getattr(errno, number), "no locks")

    monkeypatch.setattr("fcntl.flock", unable)
    monkeypatch.setattr(cache, "LARGE", 1)
    assert isinstance(train()[-1], Ended)
    assert asked
    assert sorted(os.listdir("out")) == ["m.jsonl", "m.last.pkl", "m.pkl"]
    assert_same_weights("out/m.last.pkl", expected)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write to any folder")
def test_a_read_only_folder_is_left_as_it_is(folder):
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
