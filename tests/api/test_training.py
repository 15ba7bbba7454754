"""Training from Python writes what the command line writes."""

from pathlib import Path

import numpy as np
import pytest
import yaml

import rnnlm_cli
from rnnlm_cli import ConfigError, Stopped, UsageError
from rnnlm_cli.commands.main import run
from rnnlm_cli.config import load_config
from rnnlm_cli.nn.cpu import threads
from rnnlm_cli.train.events import Ended, EpochDone, StepDone

CONFIG = "configs/hello.yaml"
MODEL = Path("checkpoints/hello.pkl")


def at(path, epochs=5):
    """Overrides for a short training of its own."""
    return {"checkpoint.path": f"checkpoints/{path}", "training.epochs": epochs}


def weights(lm):
    return {name: param.value for name, param in lm.model.network.params.items()}


def same_weights(one, other):
    one, other = weights(one), weights(other)
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


@pytest.mark.bitwise
def test_the_model_is_that_of_the_command_line(hello):
    command = ["train", "--config", CONFIG, "--set", "training.epochs=20", "--overwrite"]
    assert run(command) == 0
    expected = MODEL.read_bytes()
    lm = rnnlm_cli.train(CONFIG, overrides={"training.epochs": 20}, overwrite=True)
    assert MODEL.read_bytes() == expected
    assert lm.path == str(MODEL)
    again = rnnlm_cli.load(MODEL)
    assert lm.generate("you", length=3, seed=1) == again.generate("you", length=3, seed=1)


@pytest.mark.bitwise
def test_a_config_may_be_a_file_a_mapping_or_an_object(hello):
    plain = yaml.safe_load(Path(CONFIG).read_text(encoding="utf-8"))
    plain["corpus"]["train"] = Path("corpora/hello.txt")  # relative to the working directory
    one = rnnlm_cli.train(plain, overrides=at("one.pkl"))
    assert plain["training"]["epochs"] == 200
    other = rnnlm_cli.train(load_config(CONFIG), overrides=at("other.pkl"))
    third = rnnlm_cli.train(Path(CONFIG), overrides=at("third.pkl"))
    assert same_weights(one, other)
    assert same_weights(one, third)
    assert len(one.model.history) == 5


def test_events_are_handed_on(hello):
    events = []
    lm = rnnlm_cli.train(CONFIG, overrides=at("m.pkl"), on_event=events.append)
    assert sum(isinstance(event, StepDone) for event in events) == 5
    assert [e.record for e in events if isinstance(e, EpochDone)] == lm.model.history
    assert isinstance(events[-1], Ended)


@pytest.mark.bitwise
def test_a_training_that_is_stopped_is_resumed(hello):
    whole = rnnlm_cli.train(CONFIG, overrides=at("whole.pkl", 6))
    steps = []

    def stop(event):
        steps.append(event)
        if isinstance(event, StepDone) and event.step == 3:
            raise Stopped

    with pytest.raises(Stopped):
        rnnlm_cli.train(CONFIG, overrides=at("m.pkl", 6), on_event=stop)
    assert max(e.step for e in steps if isinstance(e, StepDone)) == 3
    with pytest.raises(UsageError, match="resume=True to continue or overwrite=True to start"):
        rnnlm_cli.train(CONFIG, overrides=at("m.pkl", 6))
    events = []
    lm = rnnlm_cli.train(CONFIG, overrides=at("m.pkl", 6), resume=True, on_event=events.append)
    assert next(e.step for e in events if isinstance(e, StepDone)) == 4
    assert same_weights(lm, whole)
    # what has ended is returned as it is
    again = rnnlm_cli.train(CONFIG, overrides=at("m.pkl", 6), resume=True, on_event=stop)
    assert same_weights(again, whole)


def test_after_another_error_the_files_are_free(hello):
    def fail(event):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        rnnlm_cli.train(CONFIG, overrides=at("m.pkl"), on_event=fail)
    rnnlm_cli.train(CONFIG, overrides=at("m.pkl"), overwrite=True)
    assert caught.tb  # which would have kept the generator alive


WRONG = [
    ({"overrides": {"training.epochs": 0}}, "training.epochs"),
    ({"overrides": {"training.speed": 1}}, "speed"),
    ({"overrides": {"training.epochs": object()}}, "is not a plain value"),
    ({"config": {"corpus": {}}}, "config: corpus.train is missing"),
    ({"config": {"corpus": {"train": {1}}, "checkpoint": 3}}, "config"),
    ({"config": {"corpus": object()}}, "config: .*plain values"),
    ({"config": "none.yaml"}, "none.yaml: No such file"),
    ({"config": 3}, "config: 3 is not text"),
    ({"resume": True, "overwrite": True}, "resume and overwrite: exclude each other"),
    ({"resume": 1}, "resume: 1 is not True or False"),
]


@pytest.mark.parametrize(("values", "message"), WRONG, ids=[m for _, m in WRONG])
def test_what_is_wrong_is_named_in_pythons_words(hello, values, message):
    with pytest.raises(UsageError, match=message) as caught:
        rnnlm_cli.train(**{"config": CONFIG, **values})
    assert "--" not in str(caught.value)
    assert isinstance(caught.value, ConfigError) or "config" not in values or values["config"] == 3


@pytest.fixture
def unchosen(monkeypatch):
    """Leave the number of threads as it was."""
    monkeypatch.delenv("RNNLM_THREADS", raising=False)
    threads._from_environment.cache_clear()
    monkeypatch.setattr(threads._chosen, "threads", None)
    with threads._blas().limit(limits=None):
        yield monkeypatch
    monkeypatch.delenv("RNNLM_THREADS", raising=False)
    threads._from_environment.cache_clear()


def test_threads_are_chosen_when_a_model_is_loaded(hello, unchosen):
    rnnlm_cli.load(MODEL, threads=3)
    assert threads.core_count() == 3
    rnnlm_cli.load(MODEL)
    assert threads.core_count() == 3
    for wrong in (0, 1025, 1.5, "2", True):
        with pytest.raises(UsageError, match=r"threads: .* is not a whole number from 1 to 1,024"):
            rnnlm_cli.load(MODEL, threads=wrong)


@pytest.mark.parametrize("name", ["RNNLM_THREADS", "RNNLM_ENGINE"])
def test_what_the_environment_asks_for_and_cannot_be_is_said(hello, unchosen, name):
    unchosen.setenv(name, "many")
    threads._from_environment.cache_clear()
    for ask in (lambda: rnnlm_cli.load(MODEL), lambda: rnnlm_cli.train(CONFIG, overwrite=True)):
        with pytest.raises(UsageError, match=f"{name}: 'many' is not"):
            ask()
