"""Samples in training: they change nothing, and a resumed training writes the same ones."""

import json
from pathlib import Path

import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import DivergedError, UsageError
from rnnlm_cli.generate.written import WrittenText
from rnnlm_cli.train import sample
from rnnlm_cli.train.events import EpochDone, Sampled
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 8, hidden_size: 8, dropout: {output: 0.2}}
training:
  epochs: 4
  batch_size: 4
  bptt: 10
  optimizer: {kind: adam}
  seed: 7
checkpoint: {path: m.pkl}
"""

SAMPLES = "training.sample={length: 12}"


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


def logged():
    lines = map(json.loads, Path("m.jsonl").read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line["event"] == "sample"]


@pytest.mark.bitwise
def test_training_is_the_same_with_and_without_samples(folder):
    for name, sets in (("with", [SAMPLES]), ("without", [])):
        assert list(prepared(*sets, f"checkpoint.path={name}.pkl").events())
    a, b = (checkpoint.load(f"{name}.last.pkl").model for name in ("with", "without"))
    assert a.history == b.history
    for name, param in a.network.params.items():
        assert param.value.tobytes() == b.network.params[name].value.tobytes()


@pytest.mark.bitwise
def test_a_sample_is_what_the_seed_in_the_log_gives_with_the_weights_of_the_epoch(folder):
    start = "training.sample={length: 12, start: a b, temperature: 0.5, every: 2}"
    events = list(prepared(start, "corpus.valid=null").events())
    told = [event for event in events if isinstance(event, Sampled)]
    assert [(one.epoch, one.seed) for one in told] == [(2, 9), (4, 11)]
    values = [{"epoch": one.epoch, "text": one.text, "seed": one.seed} for one in told]
    assert logged() == [{"event": "sample", **one} for one in values]
    last = checkpoint.load("m.pkl").model
    half = sample.Filters(temperature=0.5).in_order()
    assert told[-1].text == "".join(WrittenText(last, ["a", "b"], 11).go_on(12, half))
    assert told[-1].text.startswith("a b")


@pytest.mark.bitwise
def test_a_training_killed_between_an_epoch_and_its_sample_has_the_same_ones(folder):
    list(prepared(SAMPLES).events())
    whole = logged()
    assert len(whole) == 4
    run = prepared(SAMPLES, start=Start.OVERWRITE).events()
    while not isinstance(next(run), EpochDone):
        pass
    run.close()
    list(prepared(SAMPLES, start=Start.RESUME).events())
    assert logged() == whole


@pytest.mark.bitwise
def test_averaged_weights_write_if_they_are_evaluated(folder, monkeypatch):
    """What is drawn from the weights in training would differ from the saved model's."""
    sets = [SAMPLES, "training.optimizer={kind: ntasgd, epochs_without_gain: 1}"]
    run = prepared(*sets, "training.epochs=6")
    losses = iter([2.0, 2.5, 2.4, 2.3, 2.2, 1.0])
    run.trainer.epochs.validate = lambda poll: next(losses)
    list(run.events())
    best = checkpoint.load("m.pkl").model
    assert len(best.history) == 6
    assert any(
        (param.value != best.network.params[name].value).any()
        for name, param in run.model.params.items()
    )
    assert logged()[-1]["text"] == "".join(WrittenText(best, [], 7 + 6).go_on(12))


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (["training.sample={length: 3, start: a zebra}"], "'zebra' is not in the model's vocab"),
        ([SAMPLES, "corpus.end_of_line=null"], "has no end-of-line token"),
    ],
)
def test_a_start_that_is_not_known_is_refused_before_any_work(folder, sets, said):
    with pytest.raises(UsageError, match=rf"^training\.sample\.start: .*{said}") as error:
        prepared(*sets)
    assert "allow" not in str(error.value)
    assert not Path("m.last.pkl").exists()


def test_probabilities_that_are_not_valid_do_not_end_a_training(folder, monkeypatch):
    def diverged(*_):
        raise DivergedError("the model gives a token a log-probability of nan")

    monkeypatch.setattr(WrittenText, "go_on", diverged)
    events = list(prepared(SAMPLES, "training.epochs=1").events())
    assert not [event for event in events if isinstance(event, Sampled)]
    assert logged() == []
