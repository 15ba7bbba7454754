"""One training at a time, even if files are removed meanwhile; only states are ever removed."""

import json
import os
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run as command
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import TrainingError, UsageError
from rnnlm_cli.system.locks import try_lock
from rnnlm_cli.train import lock
from rnnlm_cli.train.events import Ended, EpochDone, LogRestored, StepDone
from rnnlm_cli.train.lock import LockFile
from rnnlm_cli.train.recorder import Recorder
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt}
model: {embedding_size: 8, hidden_size: 8}
training: {epochs: 2, batch_size: 4, bptt: 10, report_every: 1}
checkpoint: {path: out/m.pkl, every_seconds: 0.000001}
"""
LOCK = Path("out/.m.lock")
CLOCK = ("seconds", "tokens_per_second", "date")

pytestmark = pytest.mark.usefixtures("folder")


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


def begun(*overrides, **how):
    """Start a training and stop at its first step."""
    events = prepared(*overrides, **how).events()
    assert isinstance(next(events), StepDone)
    return events


def files():
    return {path.name: path.read_bytes() for path in Path("out").iterdir()}


def log_lines():
    lines = [json.loads(line) for line in Path("out/m.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in CLOCK} for line in lines]


IS_BUSY = r"in use by another training"


@pytest.mark.parametrize("removed", [[], ["m.jsonl"], ["m.pkl", "m.last.pkl"]])
def test_a_second_training_is_refused_even_if_files_were_removed(removed):
    first = begun()
    for name in removed:
        Path(f"out/{name}").unlink(missing_ok=True)
    before = files()
    with pytest.raises(UsageError, match=rf"out/m\.pkl: {IS_BUSY}"):
        begun(start=Start.OVERWRITE)
    assert files() == before
    assert isinstance(list(first)[-1], Ended)


def test_the_lock_is_gone_at_the_end_and_taken_over_after_a_kill():
    assert isinstance(list(begun())[-1], Ended)
    assert not LOCK.exists()
    LOCK.write_bytes(LockFile.MARK + b"1\n")  # a killed process left it
    list(begun(start=Start.OVERWRITE))
    assert not LOCK.exists()
    LOCK.write_bytes(b"")  # killed before it signed
    begun(start=Start.OVERWRITE).close()
    assert not LOCK.exists()


@pytest.mark.parametrize("how", ["file", "link", "pipe", "folder"])
def test_a_file_that_is_not_a_lock_is_neither_taken_nor_removed(how):
    Path("out").mkdir()
    Path("precious").write_text("mine", encoding="utf-8")
    match how:
        case "file":
            LOCK.write_text("mine", encoding="utf-8")
        case "link":
            LOCK.symlink_to("../precious")
        case "pipe":
            os.mkfifo(LOCK)
        case "folder":
            LOCK.mkdir()
    with pytest.raises((UsageError, OSError)):
        begun()
    assert os.path.lexists(LOCK)
    assert Path("precious").read_text(encoding="utf-8") == "mine"
    assert os.listdir("out") == [LOCK.name]


def test_a_lock_that_was_removed_is_taken_again():
    first = begun()
    LOCK.unlink()
    next(first)
    assert LOCK.exists()
    with pytest.raises(UsageError, match=IS_BUSY):
        begun(start=Start.OVERWRITE)
    assert isinstance(list(first)[-1], Ended)


def test_if_another_training_used_the_gap_nothing_more_is_written():
    first = begun()
    LOCK.unlink()
    second = begun(start=Start.OVERWRITE)
    before = files()
    with pytest.raises(UsageError, match=IS_BUSY):
        next(first)
    after = files()
    assert all(after[name] == before[name] for name in ("m.last.pkl", ".m.lock"))
    assert isinstance(list(second)[-1], Ended)


def test_if_another_training_began_and_ended_in_the_gap_its_model_stays():
    first = begun()
    LOCK.unlink()
    list(begun("training.seed=2", start=Start.OVERWRITE))
    before = files()
    with pytest.raises(UsageError, match=r"out/m\.pkl: another training has written it since"):
        next(first)
    assert {name: files()[name] for name in ("m.pkl", "m.last.pkl")} == {
        name: before[name] for name in ("m.pkl", "m.last.pkl")
    }


def test_a_lock_that_its_holder_just_removed_is_taken_again(monkeypatch):
    """The file is opened before and locked after its removal, so the locked file is gone."""
    Path("out").mkdir()
    path, times = str(LOCK), iter((True, False))

    def late(descriptor):
        if next(times):
            os.unlink(path)
        return try_lock(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(lock, "try_lock", late)
        taken = LockFile.take(path)
    assert taken.is_held()
    assert LockFile.take(path) is None
    taken.release()


@pytest.mark.parametrize("linked", ["m.pkl", "m.last.pkl", "m.jsonl"])
def test_trainings_whose_paths_lead_to_the_same_file_exclude_each_other(linked):
    Path("out").mkdir()
    Path("other").mkdir()
    Path(f"other/{linked.replace('m.', 'x.', 1)}").symlink_to(f"../out/{linked}")
    first = begun()
    with pytest.raises(UsageError, match=rf"other/x\.pkl: {IS_BUSY}"):
        begun("checkpoint.path=other/x.pkl", start=Start.OVERWRITE)
    first.close()
    events = begun("checkpoint.path=other/x.pkl", start=Start.OVERWRITE)
    with pytest.raises(UsageError, match=rf"out/m\.pkl: {IS_BUSY}"):
        begun(start=Start.OVERWRITE)
    events.close()
    assert not [*Path("out").glob(".*"), *Path("other").glob(".*")]


def test_a_link_to_a_directory_is_the_same_directory():
    first = begun()
    Path("alias").symlink_to("out")
    with pytest.raises(UsageError, match=IS_BUSY):
        begun("checkpoint.path=alias/m.pkl", start=Start.OVERWRITE)
    first.close()


def test_a_removed_log_is_restored_in_full():
    list(begun())
    expected = log_lines()
    events = begun(start=Start.OVERWRITE)
    next(events)
    Path("out/m.jsonl").unlink()
    seen = list(events)
    assert [event for event in seen if isinstance(event, LogRestored)] == [
        LogRestored("out/m.jsonl")
    ]
    assert log_lines() == expected


def test_a_log_that_is_removed_at_the_end_is_restored_by_a_resume():
    list(begun())
    expected = log_lines()
    events = begun(start=Start.OVERWRITE)
    next(events)
    Path("out/m.jsonl").unlink()
    next(events)
    events.close()  # as if killed
    resumed = prepared(start=Start.RESUME)
    assert resumed.notes == []
    list(resumed.events())
    assert log_lines() == expected


def test_a_file_that_replaces_the_log_stops_training_and_is_unchanged():
    events = begun()
    Path("out/m.jsonl").unlink()
    Path("out/m.jsonl").write_text("mine", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"out/m\.jsonl: another file has taken its place"):
        list(events)
    assert Path("out/m.jsonl").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("left", [0, 100])
def test_a_log_that_lacks_lines_is_reported_at_the_start(left):
    events = begun()
    next(events)
    events.close()
    os.truncate("out/m.jsonl", left)
    resumed = prepared(start=Start.RESUME)
    (said,) = resumed.notes
    assert f"out/m.jsonl: has {left} of the " in said
    assert "bytes that were written until step 2;" in said
    list(resumed.events())
    assert [line["step"] for line in log_lines() if "step" in line][:1] == [3]


def test_the_command_says_that_there_are_no_locks(capsys, monkeypatch):
    monkeypatch.setattr(lock, "locks_hold", lambda path: False)
    assert command(["train", "--config", "c.yaml"]) == 0
    assert "out/m.pkl: this file system has no locks" in capsys.readouterr().err


def test_the_command_says_that_the_log_was_restored(capsys, monkeypatch):
    removed = []

    def removing(self, poll):
        def once():
            if not removed:
                Path("out/m.jsonl").unlink()
                removed.append(True)
            poll()

        return events(self, once)

    events = Session.events
    monkeypatch.setattr(Session, "events", removing)
    assert command(["train", "--config", "c.yaml"]) == 0
    assert "out/m.jsonl: was removed; all of it has been written again" in capsys.readouterr().err


ROLLBACK = "training.on_nan=rollback"


@pytest.mark.parametrize("name", ["m.last.pkl", "m.rollback.pkl"])
@pytest.mark.parametrize("content", ["model", "pickle"])
@pytest.mark.parametrize("on_nan", ["stop", "rollback"])
def test_a_file_with_the_name_of_a_state_that_is_not_one_is_not_replaced(name, content, on_nan):
    list(begun("checkpoint.path=out/f.pkl"))
    for left in Path("out").glob("f.*"):
        if left.name != "f.pkl":
            left.unlink()
    if content == "pickle":
        Path("out/f.pkl").write_bytes(b"\x80\x04N.")
    Path("out/f.pkl").rename(f"out/{name}")
    before = files()
    with pytest.raises(UsageError, match=rf"out/{name}: is not a training state"):
        prepared(f"training.on_nan={on_nan}", start=Start.OVERWRITE)
    assert files() == before


@pytest.mark.parametrize("on_nan", ["stop", "rollback"])
@pytest.mark.parametrize("steps", [0, 3])
def test_a_resume_does_not_remove_a_model_with_the_name_of_its_rollback_state(on_nan, steps):
    list(begun("checkpoint.path=out/f.pkl"))
    events = begun()
    for _ in range(steps):
        next(events)
    events.close()
    Path("out/f.pkl").rename("out/m.rollback.pkl")
    before = files()
    with pytest.raises(UsageError, match=r"out/m\.rollback\.pkl: is not a training state"):
        prepared(f"training.on_nan={on_nan}", start=Start.RESUME)
    assert files() == before


def test_a_damaged_state_can_be_overwritten():
    list(begun())
    content = Path("out/m.last.pkl").read_bytes()
    Path("out/m.last.pkl").write_bytes(content[:-5])
    assert isinstance(list(begun(start=Start.OVERWRITE))[-1], Ended)


def test_the_rollback_state_of_another_training_is_refused_at_the_start():
    list(begun())  # so that there is a model
    begun(ROLLBACK, "training.seed=2", "checkpoint.path=out/f.pkl").close()
    events = begun(ROLLBACK, start=Start.OVERWRITE)
    while not isinstance(next(events), EpochDone):
        pass
    events.close()
    Path("out/f.rollback.pkl").replace("out/m.rollback.pkl")
    with pytest.raises(UsageError, match=r"out/m\.rollback\.pkl: .*training\.seed was 2 and is 1"):
        prepared(ROLLBACK, start=Start.RESUME)


def test_after_a_kill_at_the_last_write_a_resume_removes_the_rollback_state(monkeypatch):
    class KilledError(BaseException):
        pass

    def killed(self):
        if self.ended:
            raise KilledError
        save(self)

    run = prepared(ROLLBACK)
    save = Recorder.save_state
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "save_state", killed)
        with pytest.raises(KilledError):
            list(run.events())
    assert not prepared(ROLLBACK, start=Start.RESUME).finished, "it has not ended"
    assert isinstance(list(begun_again())[-1], Ended)
    assert sorted(files()) == ["m.jsonl", "m.last.pkl", "m.pkl"]


def begun_again():
    return prepared(ROLLBACK, start=Start.RESUME).events()
