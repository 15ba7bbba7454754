"""Engine, precision and threads: recorded, told where they change, refused where they must not."""

import json
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.nn.engines.blocked import Blocked
from rnnlm_cli.nn.engines.choose import AUTO, ENGINES, FASTEST, choose_engine
from rnnlm_cli.train.events import EpochDone
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 8, hidden_size: 8, layers: 2}
training: {epochs: 2, batch_size: 4, bptt: 10, report_every: 5, threads: 1}
checkpoint: {path: out/m.pkl}
"""
pytestmark = pytest.mark.usefixtures("free_choice")
ROUNDING = "figures differ by rounding from a run that was never stopped"


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


def train(*overrides, **how):
    return list(prepared(*overrides, **how).events())


def stopped_after_an_epoch(*overrides):
    events = prepared(*overrides).events()
    while not isinstance(next(events), EpochDone):
        pass
    events.close()


def log(event, path="out/m.jsonl"):
    lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["event"] == event]


def weights(path="out/m.last.pkl"):
    params = checkpoint.load(path).model.network.params
    return {name: param.value for name, param in params.items()}


def test_the_config_names_the_engines_that_exist():
    hint = get_type_hints(TrainingConfig, include_extras=True)["engine"]
    assert set(get_args(get_args(hint)[0])) == {AUTO, *ENGINES}


def test_engines_train_alike_within_rounding(folder):
    train("training.engine=plain", "training.precision=float64")
    plain = weights()
    train("training.engine=blocked", "training.precision=float64", start=Start.OVERWRITE)
    for name, value in weights().items():
        np.testing.assert_allclose(value, plain[name], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("asked", ["plain", "auto"])
def test_log_and_state_name_engine_precision_and_threads(folder, asked):
    train(f"training.engine={asked}")
    engine = FASTEST if asked == "auto" else asked
    level = ENGINES[engine].level
    expected = {"event": "start", "engine": engine, "level": level}
    expected |= {"precision": "float32", "threads": 1, "unit": "word"}
    (first,) = log("start")
    assert json.loads(Path("out/m.jsonl").read_text(encoding="utf-8").splitlines()[0]) == first
    begun = first.pop("date")
    assert first == expected
    state = checkpoint.load("out/m.last.pkl").training_state
    assert (state.engine, state.threads, state.begun) == (engine, 1, begun)


def test_another_engine_and_number_of_threads_are_told_and_logged(folder):
    stopped_after_an_epoch("training.engine=plain")
    session = prepared("training.engine=blocked", "training.threads=2", start=Start.RESUME)
    assert session.notes == [
        f"training.engine was plain and is blocked; {ROUNDING}",
        f"training.threads was 1 and is 2; {ROUNDING}",
    ]
    list(session.events())
    (line,) = log("resume")
    assert (line["engine"], line["threads"]) == ("blocked", 2)
    assert len(log("start")) == 1


def test_another_level_of_the_engine_is_told_and_logged(folder, monkeypatch):
    monkeypatch.setattr(Blocked, "level", "v3")
    stopped_after_an_epoch("training.engine=blocked")
    assert prepared("training.engine=blocked", start=Start.RESUME).notes == []
    monkeypatch.setattr(Blocked, "level", "v4")
    session = prepared("training.engine=blocked", start=Start.RESUME)
    assert session.notes == [f"the level of training.engine was v3 and is v4; {ROUNDING}"]
    list(session.events())
    (line,) = log("resume")
    assert line["level"] == "v4"


def test_auto_stays_what_it_came_to(folder):
    stopped_after_an_epoch("training.engine=plain")
    session = prepared("training.engine=auto", start=Start.RESUME)
    assert session.model.engine.name == "plain"
    assert session.notes == []
    list(session.events())
    assert log("resume") == []


def test_a_number_of_threads_that_is_the_same_is_not_told(folder):
    stopped_after_an_epoch("training.threads=3")
    assert prepared("training.threads=3", start=Start.RESUME).notes == []


def test_another_precision_is_refused(folder):
    stopped_after_an_epoch()
    with pytest.raises(UsageError, match=r"training\.precision was float32 and is float64"):
        prepared("training.precision=float64", start=Start.RESUME)


def test_a_model_of_double_precision_is_saved_loaded_scored_and_resumed(folder):
    wide = "training.precision=float64"
    stopped_after_an_epoch(wide)
    assert {value.dtype for value in weights().values()} == {np.dtype(np.float64)}
    session = prepared(wide, start=Start.RESUME)
    list(session.events())
    resumed = weights()
    train(wide, start=Start.OVERWRITE)
    for name, value in weights().items():
        np.testing.assert_array_equal(resumed[name], value)
    model = checkpoint.load("out/m.pkl").model
    assert evaluate(model, session.texts.valid).perplexity > 1


def test_weights_of_another_precision_can_be_started_from(folder):
    train()
    session = prepared(
        "training.init_from=out/m.pkl", "training.precision=float64", "checkpoint.path=wide.pkl"
    )
    assert session.model.dtype == np.float64
    np.testing.assert_array_equal(
        session.model.params["output.bias"].value, weights("out/m.pkl")["output.bias"]
    )


def test_the_environment_names_an_engine_before_the_config(folder, monkeypatch):
    monkeypatch.setenv("RNNLM_ENGINE", "plain")
    assert prepared("training.engine=blocked").model.engine.name == "plain"
    monkeypatch.setenv("RNNLM_ENGINE", "auto")
    assert choose_engine("plain") == FASTEST
    monkeypatch.setenv("RNNLM_ENGINE", "steam")
    with pytest.raises(ValueError, match=r"RNNLM_ENGINE: 'steam' is not an engine; choose auto, "):
        choose_engine()
