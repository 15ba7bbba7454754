"""Validations within an epoch: when they come, what they count for, and what is written."""

import json
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.optimizer import Sgd
from rnnlm_cli.config.schedule import Plateau
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.report.checkpoint import checkpoint_table, checkpoint_values
from rnnlm_cli.report.curves import read_curves
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.train.events import Ended, EpochDone, RolledBack, StepDone, ValidationDone
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.progress import validates_after
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 6, hidden_size: 6, dropout: {output: 0.2}}
training:
  epochs: 2
  batch_size: 4
  bptt: 10
  validate_every: 4
  report_every: 1
  optimizer: {kind: ntasgd, learning_rate: 1.0, epochs_without_gain: 1}
checkpoint: {path: out/m.pkl}
"""
LINES = 59
"""The training part is eleven blocks."""


def trainer_of(losses, **options):
    """A trainer of ten blocks per epoch whose validations have these losses."""
    config = ModelConfig(embedding_size=3, hidden_size=3)
    model = Rnnlm.random(config, 5, np.random.default_rng(1))
    text = Corpus("text", np.arange(200, dtype=np.uint8) % 5, 0, 0)
    training = TrainingConfig(batch_size=3, bptt=7, **options)
    given = iter(losses)
    return Trainer(model, Blocks(text, 3, 7), training, lambda poll: next(given))


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


def log_lines():
    lines = Path("out/m.jsonl").read_text(encoding="utf-8").splitlines()
    clock = ("seconds", "tokens_per_second", "date")
    return [{k: v for k, v in json.loads(line).items() if k not in clock} for line in lines]


@pytest.mark.parametrize(
    ("every", "expected"),
    [(None, []), (4, [4, 8]), (3, [3, 6]), (1, list(range(1, 10))), (7, []), (6, [6]), (99, [])],
)
def test_the_last_one_is_omitted_if_the_end_of_the_epoch_is_near(every, expected):
    assert [block for block in range(11) if validates_after(every, block, 10)] == expected


def test_each_validation_counts_for_rank_rate_and_patience():
    """At blocks 4, 8 and 10 of each epoch."""
    trainer = trainer_of(
        [3.0, 3.5, 2.0, 2.5, 2.1],
        validate_every=4,
        epochs=9,
        patience=2,
        schedule=Plateau(divide_by=2),
        optimizer=Sgd(learning_rate=8),
    )
    events = list(trainer.run())
    done = [event for event in events if isinstance(event, EpochDone | ValidationDone)]
    assert [isinstance(event, EpochDone) for event in done] == [False, False, True, False, False]
    records = [event.record for event in done]
    assert records == trainer.epochs.history
    assert [(r.epoch, r.part, r.step) for r in records] == [
        (1, 0.4, 4),
        (1, 0.8, 8),
        (1, 1.0, 10),
        (2, 0.4, 14),
        (2, 0.8, 18),
    ]
    assert [r.best for r in records] == [True, False, True, False, False]
    assert [r.learning_rate for r in records] == [8, 8, 4, 4, 2]
    assert trainer.end_reason == "2 validations without a better one"
    assert isinstance(events[-1], ValidationDone)


def test_a_time_limit_within_an_epoch_does_not_count_as_a_validation():
    trainer = trainer_of([3.0, 3.5], validate_every=4, max_seconds=1e-9, patience=1)
    *_, done = trainer.run()
    assert isinstance(done, EpochDone)
    assert (done.record.part, trainer.progress.bad_epochs) == (0.1, 0)


@pytest.mark.bitwise
def test_stopped_anywhere_and_resumed_it_is_the_same_training(folder, stop_after):
    """Also between a step and its validation, and after an averaging began within an epoch."""
    run = prepared()
    events = list(run.events())
    assert len(run.blocks) == 11
    kinds = [type(event) for event in events]
    assert kinds.count(ValidationDone) == 4
    whole, whole_log = Path("out/m.pkl").read_bytes(), log_lines()
    state = Path("out/m.last.pkl")
    assert checkpoint.load(str(state)).training_state.trainer["optimizer"]["steps"] > 0
    run = prepared(start=Start.OVERWRITE)
    for polls in (3, 12, 4, 1, 9, 2, 1, 1):  # a validation polls as well
        stop_after(run, polls)
        run = prepared(start=Start.RESUME)
    list(run.events())
    assert Path("out/m.pkl").read_bytes() == whole
    assert log_lines() == whole_log


def test_a_rollback_goes_no_further_back_than_to_the_last_validation(folder):
    run = prepared("training.on_nan=rollback")
    loss, failed = run.model.output.loss_and_gradients, []

    def bad_once(h, targets, rng=None):
        found = loss(h, targets, rng)
        if run.trainer.progress.step == 6 and not failed:
            failed.append(True)
            return found._replace(nats=np.nan)
        return found

    run.model.output.loss_and_gradients = bad_once
    events = list(run.events())
    (back,) = (event for event in events if isinstance(event, RolledBack))
    assert (back.epoch, back.step) == (1, 4)
    assert [line["step"] for line in log_lines() if line["event"] == "validation"] == [4, 8, 15, 19]
    steps = [line["step"] for line in log_lines() if line["event"] == "step"]
    assert steps == list(range(1, 23))


def test_log_history_and_plot_have_the_validations(folder):
    *_, ended = prepared("training.epochs=1").events()
    assert isinstance(ended, Ended)
    lines = [line for line in log_lines() if line["event"] in ("validation", "epoch")]
    assert [(line["event"], line["step"]) for line in lines] == [
        ("validation", 4),
        ("validation", 8),
        ("epoch", 11),
    ]
    valid = [line["valid_perplexity"] for line in lines]
    assert ended.best_step == lines[int(np.argmin(valid))]["step"]
    curves = read_curves("out/m.jsonl")
    assert curves.valid.along("step") == ([4, 8, 11], valid)
    assert curves.epochs == [4 / 11, 8 / 11, 1]
    assert curves.train.along("step")[0] == [11]
    stored = checkpoint.load("out/m.last.pkl")
    table = checkpoint_table(checkpoint_values("m", stored), stored.model)
    assert "epoch 1 (36% of it, step 4): train perplexity" in table
    assert "epoch 1: train perplexity" in table


def test_it_can_be_set_on_resume(folder):
    events = prepared("training.validate_every=null").events()
    while not isinstance(next(events), EpochDone):
        pass
    events.close()
    found = list(prepared("training.validate_every=3", start=Start.RESUME).events())
    assert [e.record.step for e in found if isinstance(e, ValidationDone)] == [14, 17, 20]
    assert sum(isinstance(event, StepDone) for event in found) == 11
