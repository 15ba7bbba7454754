"""Whole trainings on disk: what is written, resumed, refused."""

import copy
import dataclasses
import itertools
import json
import math
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.errors import (
    CheckpointError,
    CorpusError,
    DivergedError,
    TrainingError,
    UsageError,
)
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.model.rnnlm import RnnlmPass
from rnnlm_cli.nn.outputs.softmax import Loss
from rnnlm_cli.tasks.language import validation_streams
from rnnlm_cli.train import recorder, recovery
from rnnlm_cli.train.events import Ended, EpochDone, RolledBack, Saving, StepDone, Validating
from rnnlm_cli.train.poll import Stopped
from rnnlm_cli.train.recorder import Recorder
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 8, hidden_size: 8, dropout: {output: 0.2}}
training:
  epochs: 3
  batch_size: 4
  bptt: 10
  optimizer: {kind: adam}
  report_every: 5
checkpoint: {path: out/m.pkl}
"""


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


def train(*overrides, **how):
    return list(prepared(*overrides, **how).events())


def after_an_epoch(run):
    """Drop a training, as if killed, after its first epoch."""
    events = run.events()
    while not isinstance(next(events), EpochDone):
        pass
    events.close()


def no_room(*_):
    """Stands in for a function that writes a file."""
    raise OSError(28, "No space left on device", "out/m.last.pkl")


def log_lines():
    return [
        json.loads(line) for line in Path("out/m.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def without_clock(lines):
    return [
        {k: v for k, v in line.items() if k not in ("seconds", "tokens_per_second", "date")}
        for line in lines
    ]


def test_it_writes_the_best_model_the_last_state_and_the_log(folder):
    events = train()
    assert sorted(p.name for p in Path("out").iterdir()) == ["m.jsonl", "m.last.pkl", "m.pkl"]
    lines = log_lines()
    assert [line["epoch"] for line in lines if line["event"] == "epoch"] == [1, 2, 3]
    assert lines[-1]["event"] == "end"
    step = next(line for line in lines if line["event"] == "step")
    assert {"step", "epoch", "nats_per_token", "gradient_norm", "learning_rate"} <= step.keys()
    assert isinstance(events[-1], Ended)
    stored = checkpoint.load("out/m.pkl")
    assert stored.training_state is None
    assert len(stored.model.history) == events[-1].best_epoch
    assert checkpoint.load("out/m.last.pkl").training_state.trainer["progress"]["epoch"] == 3


def test_the_final_figure_is_the_exact_one_of_the_best_model(folder):
    run = prepared()
    *_, ended = run.events()
    saved = checkpoint.load("out/m.pkl").model
    exact = evaluate(saved, run.texts.valid)
    assert ended.valid == pytest.approx(exact.perplexity, rel=1e-9)
    assert log_lines()[-1]["valid_bits_per_byte"] == pytest.approx(exact.bits_per_byte, rel=1e-9)
    assert log_lines()[-1]["valid_perplexity_per_word"] == pytest.approx(exact.perplexity)


def test_epochs_have_figures_per_unit_of_the_text(folder):
    run = prepared()
    list(run.events())
    (line,) = [x for x in log_lines() if x["event"] == "epoch" and x["epoch"] == 2]
    texts, record = run.texts, run.trainer.epochs.history[1]
    assert checkpoint.load("out/m.last.pkl").model.history[1] == record
    for split, text in (("train", texts.train), ("valid", texts.valid)):
        bits = math.log2(line[f"{split}_perplexity"]) * (len(text) - 1)
        assert line[f"{split}_bits_per_byte"] == pytest.approx(bits / text.bytes)
        assert line[f"{split}_bits_per_character"] == pytest.approx(bits / text.characters)
        words = line[f"{split}_perplexity_per_word"]
        assert words == pytest.approx(line[f"{split}_perplexity"])


def test_a_large_file_is_announced_before_it_is_written(folder, monkeypatch):
    monkeypatch.setattr(recorder, "LARGE_BYTES", 1)
    kinds = [type(event) for event in prepared("training.epochs=1").events()]
    steps = kinds.count(StepDone)
    assert kinds == [StepDone] * steps + [Validating, Saving, EpochDone, Validating, Ended]
    (folder / "out" / "m.last.pkl").unlink()
    often = prepared("checkpoint.every_seconds=1e-9", "training.epochs=1", start=Start.OVERWRITE)
    assert [type(event) for event, _ in zip(often.events(), range(4), strict=False)] == [
        Saving,
        StepDone,
    ] * 2


@pytest.mark.parametrize("how", ["new", "tuned", "resumed"])
def test_a_session_is_complete_when_it_is_built(folder, how):
    """Running it sets none of its fields."""
    train("training.epochs=1")
    if how == "resumed":
        session = prepared("training.epochs=2", start=Start.RESUME)
    else:
        tuned = ["training.init_from=out/m.pkl"] if how == "tuned" else []
        session = prepared("checkpoint.path=other.pkl", "training.epochs=1", *tuned)
    assert session.is_resumed == (how == "resumed")
    before = vars(session).copy()
    assert isinstance(list(session.events())[-1], Ended)
    assert vars(session) == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        session.notes = ["later"]


@pytest.mark.bitwise
def test_the_same_command_gives_the_same_bytes(folder):
    train()
    first = Path("out/m.pkl").read_bytes()
    train(start=Start.OVERWRITE)
    assert Path("out/m.pkl").read_bytes() == first
    train("training.seed=2", start=Start.OVERWRITE)
    assert Path("out/m.pkl").read_bytes() != first


@pytest.mark.bitwise
@pytest.mark.parametrize("stops", [[1], [7, 3, 11], [9, 1, 1, 1, 4]])
def test_stopped_and_resumed_it_ends_bit_identical_with_a_complete_log(folder, stops, stop_after):
    train()
    whole, whole_log = Path("out/m.pkl").read_bytes(), without_clock(log_lines())
    run = prepared(start=Start.OVERWRITE)
    for steps in stops:
        stop_after(run, steps)
        run = prepared(start=Start.RESUME)
        assert run.is_resumed
    list(run.events())
    assert Path("out/m.pkl").read_bytes() == whole
    assert without_clock(log_lines()) == whole_log


@pytest.mark.bitwise
def test_after_a_kill_it_resumes_from_the_last_saved_state(folder):
    train()
    whole, whole_log = Path("out/m.pkl").read_bytes(), without_clock(log_lines())
    run = prepared("checkpoint.every_seconds=1e-9", start=Start.OVERWRITE)
    for event in run.events():
        if isinstance(event, StepDone) and event.epoch == 2 and event.report:
            break
    with Path("out/m.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"event": "step", "half a li')
    train("checkpoint.every_seconds=1e-9", start=Start.RESUME)
    assert without_clock(log_lines()) == whole_log
    first, second = checkpoint.load("out/m.pkl").model, whole
    Path("out/whole.pkl").write_bytes(second)
    for name, param in checkpoint.load("out/whole.pkl").model.network.params.items():
        np.testing.assert_array_equal(first.network.params[name].value, param.value)


def test_a_finished_run_is_finished_until_it_gets_more_epochs(folder):
    train()
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    assert prepared(start=Start.RESUME).finished
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before
    more = prepared("training.epochs=4", start=Start.RESUME)
    assert not more.finished
    assert [e.record.epoch for e in more.events() if isinstance(e, EpochDone)] == [4]


def test_an_existing_checkpoint_is_not_replaced_by_default(folder):
    train()
    before = Path("out/m.pkl").read_bytes()
    with pytest.raises(UsageError, match=r"m\.pkl: already exists; use resume=True"):
        prepared()
    Path("out/m.pkl").rename("out/kept.pkl")
    with pytest.raises(UsageError, match=r"m\.last\.pkl: already exists"):
        prepared()
    assert Path("out/kept.pkl").read_bytes() == before


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("training.bptt=5", "training.bptt was 10 and is 5"),
        ("model.hidden_size=9", "model.hidden_size was 8 and is 9"),
        ("training.optimizer={kind: sgd}", "training.optimizer.kind was adam and is sgd"),
        ("corpus.lowercase=true", "corpus.lowercase was false and is true"),
    ],
)
def test_resuming_with_another_config_is_refused_with_the_difference(folder, override, named):
    train()
    with pytest.raises(UsageError) as caught:
        prepared(override, start=Start.RESUME)
    assert named in str(caught.value)
    assert caught.value.exit_code == 2


def test_resuming_with_another_text_is_refused(folder):
    train()
    more = "training.epochs=4"
    with Path("train.txt").open("a", encoding="utf-8") as text:
        text.write("a b c\n")
    with pytest.raises(UsageError, match=r"another corpus\.train \(its content has changed"):
        prepared(more, start=Start.RESUME)


def test_resuming_with_more_or_fewer_texts_is_refused(folder):
    Path("valid.txt").write_text("a b c d\n" * 5, encoding="utf-8")
    train("corpus.valid=valid.txt")
    with pytest.raises(UsageError, match=r"another corpus\.valid \(there is none now\)"):
        prepared("corpus.valid=null", "training.epochs=4", start=Start.RESUME)
    train("corpus.valid=null", start=Start.OVERWRITE)
    with pytest.raises(UsageError, match=r"another corpus\.valid \(there was none\)"):
        prepared("corpus.valid=valid.txt", "training.epochs=4", start=Start.RESUME)


def test_a_model_without_a_state_cannot_be_resumed_and_is_kept(folder):
    train()
    model = Path("out/m.pkl").read_bytes()
    Path("out/m.last.pkl").unlink()
    with pytest.raises(
        UsageError, match=r"m\.pkl: already exists, but there is no state to resume"
    ):
        prepared(start=Start.RESUME)
    assert Path("out/m.pkl").read_bytes() == model
    Path("out/m.last.pkl").write_bytes(model)
    with pytest.raises(CheckpointError, match="no state to resume from"):
        prepared(start=Start.RESUME)


def test_an_old_model_stays_until_there_is_a_new_one(folder):
    train()
    model = Path("out/m.pkl").read_bytes()
    events = prepared("training.seed=2", start=Start.OVERWRITE).events()
    while not isinstance(next(events), EpochDone):
        assert Path("out/m.pkl").read_bytes() == model
    assert Path("out/m.pkl").read_bytes() != model


def test_killed_before_the_first_epoch_it_resumes_the_new_training(folder):
    train()
    events = prepared("training.seed=2", start=Start.OVERWRITE).events()
    next(events)
    with pytest.raises(UsageError, match=r"training\.seed was 2 and is 1"):
        prepared(start=Start.RESUME)
    assert prepared("training.seed=2", start=Start.RESUME).trainer.progress.step == 0


@pytest.mark.parametrize(
    "overrides",
    [
        ["corpus.train=out/m.jsonl"],
        ["corpus.train=[train.txt, ./out/../out/m.pkl]"],
        ["training.init_from=out/m.last.pkl"],
    ],
)
def test_an_input_is_not_overwritten(folder, overrides):
    Path("out").mkdir()
    with pytest.raises(UsageError, match="which it also reads"):
        prepared(*overrides, start=Start.OVERWRITE)


@pytest.mark.parametrize("text", [".", "'*/*.jsonl'", "'**/m.*'"])
def test_no_text_holds_what_training_writes(folder, text):
    with pytest.raises(UsageError, match=r"write out/m\.\w+, which would belong to the text "):
        prepared(f"corpus.train={text}")


def test_a_directory_is_one_text_and_another_file_in_it_another(folder):
    Path("texts").mkdir()
    Path("texts/b.txt").write_bytes(Path("train.txt").read_bytes())
    Path("texts/a.jsonl").write_text('{"text": "a b c", "more": "a b"}\n', encoding="utf-8")
    train("corpus.train=texts")
    assert prepared("corpus.train=texts", start=Start.RESUME).finished
    assert prepared("corpus.train='texts/*'", start=Start.RESUME).finished
    Path("texts/.notes").write_text("a b\n", encoding="utf-8")
    Path("texts/empty.txt").touch()
    assert prepared("corpus.train=texts", start=Start.RESUME).finished
    for change in ("corpus.field=more", "corpus.field=null"):
        with pytest.raises(UsageError, match=r"another corpus\.train \(its content has changed"):
            prepared("corpus.train=texts", change, start=Start.RESUME)
    Path("texts/c.txt").write_text("a b\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"another corpus\.train \(its content has changed"):
        prepared("corpus.train=texts", start=Start.RESUME)


def test_a_log_alone_is_not_replaced_by_default(folder):
    Path("out").mkdir()
    Path("out/m.jsonl").write_text("mine", encoding="utf-8")
    for how in ({}, {"start": Start.RESUME}):
        with pytest.raises(UsageError, match=r"m\.jsonl: already exists"):
            prepared(**how)
    assert Path("out/m.jsonl").read_text(encoding="utf-8") == "mine"


def test_stopped_in_the_last_validation_it_still_ends_with_a_model(folder):
    limit = "training.max_seconds=1e-9"
    wishes = []

    def poll():
        if wishes:
            raise Stopped

    events = prepared(limit).events(poll)
    assert isinstance(next(events), StepDone)  # time is up; what follows is validation
    assert next(events) == Validating(final=False)
    wishes.append("stop")
    with pytest.raises(Stopped):
        list(events)
    assert not Path("out/m.pkl").exists()
    rest = train(limit, start=Start.RESUME)
    assert [type(event) for event in rest] == [Validating, EpochDone, Validating, Ended]
    assert Path("out/m.pkl").exists()
    # with more time it resumes; the epoch is then in the history once
    train(start=Start.RESUME)
    history = checkpoint.load("out/m.last.pkl").model.history
    assert [epoch.epoch for epoch in history] == [1, 2, 3]


def validating(run, figures):
    """Make the validation of each epoch return the next figure, in nats per token."""
    run.trainer.epochs.validate = lambda poll: figures[run.trainer.progress.epoch]
    return run


def weights_of(model):
    return {name: param.value.copy() for name, param in model.params.items()}


def assert_same_weights(found, expected):
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def test_the_best_model_is_kept_when_validation_worsens(folder):
    run = validating(prepared("training.epochs=6"), [2.5, 2.0, 2.2, 1.5, 1.6, 1.7])
    events, at_epoch = [], {}
    for event in run.events():
        events.append(event)
        if isinstance(event, EpochDone):
            at_epoch[event.record.epoch] = weights_of(run.model)
    best = [e.record.best for e in events if isinstance(e, EpochDone)]
    assert best == [True, True, False, True, False, False]
    assert events[-1].best_epoch == 4
    saved = checkpoint.load("out/m.pkl").model
    assert saved.history[-1].epoch == 4
    assert_same_weights(weights_of(saved.network), at_epoch[4])
    assert not np.array_equal(at_epoch[4]["output.bias"], at_epoch[6]["output.bias"])


def test_a_weight_that_is_no_longer_finite_ends_it_with_the_good_model_kept(folder):
    run = prepared("corpus.valid=null")
    events = run.events()
    while not isinstance(next(events), EpochDone):
        pass
    good = Path("out/m.pkl").read_bytes()
    with pytest.raises(TrainingError, match=r"a weight of output\.bias is nan"):  # noqa: PT012
        for event in events:
            if event.block == len(run.blocks):
                run.model.params["output.bias"].value[0] = np.nan
    assert Path("out/m.pkl").read_bytes() == good


FORGERIES = {
    "nothing": lambda state: state.clear(),
    "no progress": lambda state: state.update(progress=3),
    "another field": lambda state: state["progress"].update(epochs=1),
    "a field too few": lambda state: state["progress"].pop("step"),
    "a negative count": lambda state: state["progress"].update(step=-1),
    "not a count": lambda state: state["progress"].update(bad_epochs=math.nan),
    "not a number": lambda state: state["progress"].update(epoch_nats=math.nan),
    "a place behind the text": lambda state: state["progress"].update(block=10**6),
    "validated ahead": lambda state: state["progress"].update(validated_block=10**6),
    "steps of another text": lambda state: state["progress"].update(step=7),
    "no hidden state": lambda state: state.update(hidden=[]),
    "another width": lambda state: state.update(hidden=[[np.zeros((4, 3), np.float32)] * 2]),
    "another type": lambda state: state.update(hidden=[["h", "c"]]),
    "no random state": lambda state: state.update(rng={"bit_generator": "PCG64"}),
    "no optimizer": lambda state: state.update(optimizer=None),
    "an infinite time": lambda state: state["progress"].update(seconds=math.inf),
    "an infinite rate": lambda state: state["progress"].update(rate_factor=math.inf),
    "steps below nothing": lambda state: state["optimizer"].update(steps=-1),
    "steps that are none": lambda state: state["optimizer"].update(steps="x"),
    "a negative mean square": lambda state: state["optimizer"]["v"].update(
        {"output.bias": state["optimizer"]["v"]["output.bias"] - np.float32(1)}
    ),
    "another optimizer": lambda state: state.update(optimizer={"velocity": {"x": 1}}),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_state_gives_one_line_that_names_the_file(folder, forgery):
    train()
    stored = checkpoint.load("out/m.last.pkl")
    trainer = copy.deepcopy(stored.training_state.trainer)
    FORGERIES[forgery](trainer)
    state = structs.replace(stored.training_state, trainer=trainer)
    checkpoint.save("out/m.last.pkl", stored.model, state)
    with pytest.raises(CheckpointError, match=r"out/m\.last\.pkl: its state is invalid"):
        prepared("training.epochs=9", start=Start.RESUME)


@pytest.mark.parametrize(
    "change",
    [{"validations": ["a"]}, {"averaging": 3}, {"steps": "x"}, {"steps": -2}, {"steps": 2}],
    ids=str,
)
def test_a_forged_state_of_ntasgd_gives_one_line(folder, change):
    kind = "training.optimizer={kind: ntasgd}"
    train(kind, "training.epochs=1")
    stored = checkpoint.load("out/m.last.pkl")
    stored.training_state.trainer["optimizer"].update(change)
    checkpoint.save("out/m.last.pkl", stored.model, stored.training_state)
    with pytest.raises(CheckpointError, match=r"out/m\.last\.pkl: its state is invalid"):
        prepared(kind, "training.epochs=2", start=Start.RESUME)


@pytest.mark.parametrize(("tokens", "streams"), [(70_000, 20), (1000, 2), (10, 1), (2, 1)])
def test_validation_has_long_streams(tokens, streams):
    assert validation_streams(tokens, TrainingConfig()) == streams


def test_files_on_disk_are_kept_when_the_input_is_bad(folder):
    train()
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    Path("train.txt").write_text("a b", encoding="utf-8")
    with pytest.raises(CorpusError, match="cannot fill 4 streams"):
        prepared(start=Start.OVERWRITE)
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before


def test_fine_tuning_starts_from_weights_and_vocabulary_of_another_model(folder):
    train()
    Path("other.txt").write_text("a b new c\n" * 30, encoding="utf-8")
    overrides = ["corpus.train=other.txt", "training.init_from=out/m.pkl", "checkpoint.path=f.pkl"]
    run = prepared(*overrides)
    source = checkpoint.load("out/m.pkl").model
    assert run.texts.vocabulary.tokens == source.vocabulary.tokens
    for name, param in source.network.params.items():
        np.testing.assert_array_equal(run.model.params[name].value, param.value)
    with pytest.raises(UsageError, match=r"another shape: model\.hidden_size was 8 and is 16"):
        prepared(*overrides, "model.hidden_size=16")


def test_a_validation_text_shorter_than_the_streams_is_read_in_fewer(folder):
    Path("valid.txt").write_text("a b c\n", encoding="utf-8")
    events = train("corpus.valid=valid.txt")
    assert events[-1].valid > 1
    Path("valid.txt").write_text("a", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"valid\.txt: 1 token cannot"):
        prepared("corpus.valid=valid.txt", "corpus.end_of_line=null", start=Start.OVERWRITE)


AVERAGED = "training.optimizer={kind: ntasgd, learning_rate: 2, epochs_without_gain: 1}"
WORSE_IN_THE_THIRD = [2.0, 1.8, 2.1, 1.7, 1.6, 1.65, 1.5, 1.4, 1.45]


def test_the_saved_model_has_the_averaged_weights(folder):
    """After averaging has begun, in the fourth epoch, the mean is saved."""
    run = validating(prepared(AVERAGED, "training.epochs=6"), WORSE_IN_THE_THIRD)
    compared = []
    for event in run.events():
        if isinstance(event, EpochDone) and event.record.best:
            learning, mean = weights_of(run.model), run.trainer.state()["optimizer"]["mean"]
            assert_same_weights(
                weights_of(checkpoint.load("out/m.pkl").model.network), mean if mean else learning
            )
            if mean:
                assert not np.array_equal(learning["output.bias"], mean["output.bias"])
            compared.append((event.record.epoch, bool(mean)))
    assert compared == [(1, False), (2, False), (4, True), (5, True)]


@pytest.mark.bitwise
@pytest.mark.parametrize(
    "optimizer",
    [
        AVERAGED,
        "training.optimizer={kind: adamw}",
        "model.output_layer={kind: sampled, samples: 4}",
        "model.output_layer={kind: adaptive, cutoffs: [3]}",
        "model.direct={order: 3, size: 30000}",
    ],
)
def test_other_optimizers_resume_exactly(folder, optimizer):
    def trained(*overrides, **how):
        run = validating(prepared(optimizer, *overrides, **how), WORSE_IN_THE_THIRD)
        return list(run.events()), run.trainer.state()["optimizer"]

    _, state = trained("training.epochs=9")
    assert bool(state.get("mean")) == (optimizer == AVERAGED)
    whole = Path("out/m.pkl").read_bytes()
    trained("training.epochs=5", start=Start.OVERWRITE)
    trained("training.epochs=9", start=Start.RESUME)
    assert Path("out/m.pkl").read_bytes() == whole


@pytest.mark.bitwise
def test_with_all_that_varies_and_averages_it_resumes_exactly_wherever_it_stops(folder, stop_after):
    varied = (
        "training.bptt_variable=true",
        "training.partial_shuffle=true",
        "training.schedule={kind: one_cycle}",
        "training.averaging={kind: tail, fraction: 0.6}",
        "training.validate_every=4",
        "model.output_bias=unigram",
        "model.output_layer.label_smoothing=0.1",
        "training.past_decode=0.1",
    )
    run = prepared(*varied)
    reports = [event.record for event in run.events() if isinstance(event, EpochDone)]
    whole = Path("out/m.pkl").read_bytes()
    assert run.trainer.state()["optimizer"]["mean"]
    run = prepared(*varied, start=Start.OVERWRITE)
    for steps in (1, 5, 8, 1, 7):
        stop_after(run, steps)
        run = prepared(*varied, start=Start.RESUME)
    list(run.events())
    assert Path("out/m.pkl").read_bytes() == whole
    assert [r for r in run.trainer.epochs.history if r.part == 1] == reports


def fail_once(run, at_step, nats=np.nan):
    """Make one loss NaN, or the result of an overflow in other arithmetic."""
    loss, calls = run.model.output.loss_and_gradients, iter(range(1, 10_000))

    def sometimes(h, targets, rng=None):
        found = loss(h, targets, rng)
        return found._replace(nats=nats) if next(calls) == at_step else found

    run.model.output.loss_and_gradients = sometimes


@pytest.mark.parametrize("nats", [np.nan, np.inf, 7e29])
def test_a_rollback_continues_from_the_last_state_at_half_the_rate(folder, nats):
    run = prepared("training.on_nan=rollback")
    steps = len(run.blocks)
    fail_once(run, steps + 3, nats)
    events = []
    for event in run.events():
        events.append(event)
        if isinstance(event, StepDone) and event.step == steps + 1:
            run.trainer.progress.seconds = 1e6  # a long block, the one before the bad one
    assert events[-1].seconds >= 1e6, "what was spent before a rollback is spent"
    (back,) = [event for event in events if isinstance(event, RolledBack)]
    assert (back.epoch, back.step, back.rate_factor) == (2, steps, 0.5)
    assert f"epoch 2, step {steps + 3}: the loss " in back.reason
    reports = [line for line in log_lines() if line["event"] == "step"]
    assert [line["step"] for line in reports] == sorted({line["step"] for line in reports})
    rates = {line["step"]: line["learning_rate"] for line in reports}
    assert all(rate == (1e-3 if step <= steps else 5e-4) for step, rate in rates.items())
    assert [line["event"] for line in log_lines()].count("rollback") == 1
    assert isinstance(events[-1], Ended)
    assert np.isfinite(
        checkpoint.load("out/m.pkl").model.network.params["output.weight"].value
    ).all()


@pytest.mark.bitwise
def test_after_a_rollback_a_stopped_training_resumes_as_if_never_stopped(folder):
    whole = prepared("training.on_nan=rollback")
    fail_once(whole, 15)
    list(whole.events())
    expected = Path("out/m.pkl").read_bytes()
    stopped = prepared("training.on_nan=rollback", start=Start.OVERWRITE)
    fail_once(stopped, 15)
    for event in stopped.events():
        if isinstance(event, RolledBack):
            break  # as if killed
    list(prepared("training.on_nan=rollback", start=Start.RESUME).events())
    assert Path("out/m.pkl").read_bytes() == expected


def failing_run(*overrides, **how):
    """A training in which some blocks always fail until the rate is low enough."""
    run = prepared("training.on_nan=rollback", *overrides, **how)
    loss, progress = run.model.output.loss_and_gradients, lambda: run.trainer.progress

    def fail_at_full_rate(h, targets, rng=None):
        found = loss(h, targets, rng)
        step, factor = progress().step + 1, progress().rate_factor
        worse = step in {15, 16, 25} and factor > 0.5 ** (1 + (step > 15))
        return found._replace(nats=np.nan) if worse else found

    run.model.output.loss_and_gradients = fail_at_full_rate
    return run


def test_a_huge_finite_loss_ends_the_training(folder):
    run = prepared()
    steps = len(run.blocks)
    fail_once(run, steps + 3, 7e29)
    with pytest.raises(DivergedError, match=rf"epoch 2, step {steps + 3}: .*not applied\. Lower"):
        list(run.events())
    assert [epoch.epoch for epoch in checkpoint.load("out/m.pkl").model.history] == [1]


def test_warnings_are_events_and_lines_of_the_log_that_a_resume_repeats(folder):
    """The warning comes in the second epoch, from the guard's memory of the first."""

    def with_leap(**how):
        run = prepared(EACH_BLOCK, "training.epochs=3", **how)
        original = run.trainer._guard.check_step

        def leaping(place, nats, norm, *rest, **named):
            at = run.trainer.progress.step + 1
            return original(place, nats, 1000.0 * norm if at == 25 else norm, *rest, **named)

        run.trainer._guard.check_step = leaping
        return run

    warnings = [w for e in with_leap().events() if isinstance(e, StepDone) for w in e.warnings]
    assert len(warnings) == 1
    assert "step 25: the gradient's norm" in warnings[0]
    whole = without_clock(log_lines())
    assert [line["event"] for line in whole].count("warning") == 1
    stopped = with_leap(start=Start.OVERWRITE).events()
    for _ in range(24):
        next(stopped)
    stopped.close()  # as if killed
    list(with_leap(start=Start.RESUME).events())
    assert without_clock(log_lines()) == whole


EACH_BLOCK = "checkpoint.every_seconds=1e-9"


@pytest.mark.bitwise
@pytest.mark.parametrize("stops", [(), (17, 3), (1, 1, 1, 1, 30)])
def test_a_rollback_does_not_depend_on_when_the_state_was_saved(folder, monkeypatch, stops):
    monkeypatch.setattr(recovery, "ROLLBACK_STEPS", 4)
    events = list(failing_run().events())
    backs = [event.step for event in events if isinstance(event, RolledBack)]
    assert backs == [12, 12], "a thousandth step here is the fourth"
    whole, whole_log = Path("out/m.pkl").read_bytes(), without_clock(log_lines())
    assert [line["event"] for line in whole_log].count("rollback") == 2
    assert not Path("out/m.rollback.pkl").exists(), "there is no more to go back to"
    run = failing_run(EACH_BLOCK, start=Start.OVERWRITE)
    for steps in stops:
        events = run.events()
        for _ in range(steps):
            next(events, None)
        events.close()  # as if killed
        run = failing_run(EACH_BLOCK, start=Start.RESUME)
    list(run.events())
    assert same_weights(whole)
    assert without_clock(log_lines()) == whole_log


class Killed(BaseException):
    """Stands in for SIGKILL."""


@cache
def never_killed(steps):
    """Model and log of a training that may go back ``steps`` steps, for all kills of it."""
    assert steps == recovery.ROLLBACK_STEPS
    list(failing_run(EACH_BLOCK).events())
    return Path("out/m.pkl").read_bytes(), without_clock(log_lines())


@pytest.mark.slow
@pytest.mark.bitwise
@pytest.mark.parametrize(
    ("steps", "write"),
    [*((4, write) for write in (2, 3, *range(12, 22))), (1000, 3), (1000, 14), (1000, 20)],
)
def test_a_kill_before_any_write_changes_nothing(folder, monkeypatch, write, steps):
    monkeypatch.setattr(recovery, "ROLLBACK_STEPS", steps)
    whole, whole_log = never_killed(steps)
    save, calls = checkpoint.save, iter(range(1, 10_000))

    def killed(*what):
        if next(calls) == write:
            raise Killed
        save(*what)

    run = failing_run(EACH_BLOCK, start=Start.OVERWRITE)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", killed)
        with pytest.raises(Killed):
            list(run.events())
    list(failing_run(EACH_BLOCK, start=Start.RESUME).events())
    assert same_weights(whole)
    assert without_clock(log_lines()) == whole_log


def test_a_training_does_not_roll_back_to_an_outdated_state(folder):
    after_an_epoch(prepared("training.on_nan=rollback"))
    train("training.on_nan=stop", "training.epochs=2", start=Start.RESUME)
    assert not Path("out/m.rollback.pkl").exists()
    run = prepared("training.on_nan=rollback", start=Start.RESUME)
    fail_once(run, 2)
    (back,) = [event for event in run.events() if isinstance(event, RolledBack)]
    assert (back.epoch, back.step) == (3, 2 * len(run.blocks))


def test_a_new_training_does_not_roll_back_to_a_state_of_the_old_one(folder):
    after_an_epoch(prepared("training.on_nan=rollback"))
    run = prepared("training.on_nan=rollback", "training.seed=2", start=Start.OVERWRITE)
    fail_once(run, 2)
    (back,) = [event for event in run.events() if isinstance(event, RolledBack)]
    assert (back.epoch, back.step) == (1, 0)


@pytest.mark.parametrize("change", ["model.hidden_size=9", "training.seed=2"])
def test_a_rollback_state_must_belong_to_this_training(folder, change):
    foreign = prepared("training.on_nan=rollback", change, "checkpoint.path=out/f.pkl").events()
    next(foreign)
    foreign.close()
    run = prepared("training.on_nan=rollback")
    fail_once(run, 3)
    events = run.events()
    next(events)
    Path("out/f.rollback.pkl").replace("out/m.rollback.pkl")
    with pytest.raises(UsageError, match=rf"m\.rollback\.pkl: .*{change.split('=')[0]}"):
        list(events)


def test_an_overwrite_on_a_full_disk_leaves_all_files(folder, monkeypatch):
    train()
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}

    monkeypatch.setattr(checkpoint, "save", no_room)
    with pytest.raises(OSError, match="No space"):
        train(start=Start.OVERWRITE)
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before


def same_weights(content):
    """Whether a model has the weights in these bytes; the files differ in every_seconds."""
    Path("out/whole.pkl").write_bytes(content)
    found = checkpoint.load("out/m.pkl").model.network.params
    return all(
        np.array_equal(found[name].value, param.value)
        for name, param in checkpoint.load("out/whole.pkl").model.network.params.items()
    )


def test_a_divergence_at_every_rate_ends_the_training(folder):
    run = prepared("training.on_nan=rollback")
    run.model.output.loss_and_gradients = lambda h, targets, rng=None: Loss(np.inf, 1, h)
    events = []
    with pytest.raises(DivergedError, match=r"loss is inf.*already rolled back 20 times") as error:
        events.extend(run.events())
    assert "on_nan" not in str(error.value), "it is what has been tried"
    assert len(events) == 20
    lines = log_lines()
    assert [line["event"] for line in lines] == ["start"] + ["rollback"] * 20
    assert lines[-1]["rate_factor"] == 2**-20
    resumed = prepared("training.on_nan=rollback", start=Start.RESUME)
    assert resumed.trainer.progress.rate_factor == 2**-20


@pytest.mark.parametrize("later", [{"start": Start.OVERWRITE}, {"start": Start.RESUME}])
def test_files_that_another_training_wrote_meanwhile_are_kept(folder, later):
    train("training.epochs=1")
    late = prepared("training.epochs=3", **later)
    train("training.epochs=2", start=Start.RESUME)
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    with pytest.raises(UsageError, match=r"out/m\.pkl: another training has written it since"):
        next(late.events())
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before


def test_an_empty_log_is_not_left(folder, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", no_room)
        with pytest.raises(OSError, match="No space"):
            train()
    assert not list(Path("out").iterdir())
    Path("out/m.jsonl").touch()  # one that was killed before its first state
    assert isinstance(train()[-1], Ended)


@pytest.mark.parametrize("name", ["m.pkl", "m.last.pkl", "m.rollback.pkl", "m.jsonl"])
@pytest.mark.parametrize("kind", [os.mkdir, os.mkfifo])
def test_a_path_that_is_not_a_file_is_not_overwritten(folder, name, kind):
    Path("out").mkdir()
    kind(f"out/{name}")
    with pytest.raises(UsageError, match=rf"out/{name}: exists and is not a file"):
        prepared(start=Start.OVERWRITE)


def test_the_layer_with_the_gradient_that_is_not_finite_is_named(folder, monkeypatch):
    run = prepared()
    finish = RnnlmPass.finish

    def spoiled(self):
        finish(self)
        run.model.params["layer0.bias"].add(np.full(32, np.nan, np.float32))

    monkeypatch.setattr(RnnlmPass, "finish", spoiled)
    with pytest.raises(DivergedError, match=r"norm nan, first in layer0\.bias"):
        list(run.events())


def test_no_state_is_written_with_a_weight_that_is_not_finite(folder):
    run = prepared()
    wishes = []

    def poll():
        if wishes:
            raise Stopped

    events = run.events(poll)
    next(events)
    before = Path("out/m.last.pkl").read_bytes()
    run.model.params["output.bias"].value[0] = np.inf
    wishes.append("stop")
    with pytest.raises(DivergedError, match=r"of output\.bias"):
        list(events)
    assert Path("out/m.last.pkl").read_bytes() == before


def test_two_trainings_do_not_write_the_same_files(folder):
    first, second = prepared(), prepared()
    events = first.events()
    next(events)
    before = Path("out/m.jsonl").read_bytes()
    with pytest.raises(UsageError, match=r"m\.pkl: in use by another training"):
        next(second.events())
    assert Path("out/m.jsonl").read_bytes() == before
    events.close()
    next(prepared(start=Start.OVERWRITE).events())


@pytest.mark.parametrize("jump", [-1e6, 1e6])
def test_a_clock_that_jumps_changes_no_weight_and_training_can_be_resumed(
    folder, monkeypatch, jump
):
    train("checkpoint.path=ref.pkl")
    calls = itertools.count()
    monkeypatch.setattr("time.monotonic", lambda: (k := next(calls)) + (jump if k > 20 else 0))
    run = prepared("checkpoint.every_seconds=1e5")
    saves = 0
    write = Recorder.write_state

    def counted(*args):
        nonlocal saves
        saves += 1
        write(*args)

    monkeypatch.setattr(Recorder, "write_state", counted)
    after_an_epoch(run)
    assert saves == 3  # at the beginning, after the jump, and at the end of the epoch
    assert 0 <= run.trainer.progress.seconds < 1e6 + 1e3
    assert isinstance(train(start=Start.RESUME)[-1], Ended)
    found, expected = (
        checkpoint.load(path).model.network for path in ("out/m.last.pkl", "ref.last.pkl")
    )
    for name, param in expected.params.items():
        np.testing.assert_array_equal(found.params[name].value, param.value)
