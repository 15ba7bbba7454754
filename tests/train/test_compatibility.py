"""What must fit when a training is resumed, finished or not, and what is reported."""

import math
from pathlib import Path

import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.train.events import EpochDone, StepDone
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt}
model: {embedding_size: 8, hidden_size: 8}
training: {epochs: 2, batch_size: 4, bptt: 10, report_every: 1, optimizer: {learning_rate: 1.0}}
checkpoint: {path: out/m.pkl}
"""


@pytest.fixture(autouse=True)
def other_texts(folder):
    Path("other.txt").write_text("the cat sat\n" * 100, encoding="utf-8")
    lines = Path("train.txt").read_text(encoding="utf-8").splitlines()
    Path("valid.txt").write_text("\n".join(lines[:9]) + "\n", encoding="utf-8")


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


def train(*overrides, **how):
    return list(prepared(*overrides, **how).events())


def stopped_after_an_epoch(*overrides):
    events = prepared(*overrides).events()
    while not isinstance(next(events), EpochDone):
        pass
    events.close()


BEGUN = {"finished": train, "unfinished": stopped_after_an_epoch}


@pytest.fixture(params=BEGUN)
def begun(request):
    """A training after one epoch, or after all."""
    return BEGUN[request.param]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("corpus.train=other.txt", r"another corpus\.train \(its content has changed\)"),
        ("corpus.train=none.txt", r"none\.txt: No such file"),
        ("corpus.valid=valid.txt", r"another corpus\.valid \(there was none\)"),
        ("corpus.valid=0.2", r"another corpus\.valid \(there was none\)"),
        ("model.hidden_size=9", r"model\.hidden_size was 8 and is 9"),
    ],
)
def test_texts_and_config_must_fit(begun, override, said):
    begun()
    with pytest.raises(UsageError, match=said):
        prepared(override, start=Start.RESUME)


@pytest.mark.parametrize("change", ["other content", "gone"])
def test_a_text_that_has_changed_is_refused(begun, change):
    begun()
    if change == "gone":
        Path("train.txt").unlink()
    else:
        Path("other.txt").replace("train.txt")
    with pytest.raises(UsageError, match=r"train\.txt: No such|its content has changed"):
        prepared(start=Start.RESUME)


def test_a_missing_best_model_is_reported_at_the_start(begun):
    begun("corpus.valid=valid.txt")
    Path("out/m.pkl").unlink()
    with pytest.raises(UsageError, match=r"out/m\.pkl: the best model, of epoch \d, is missing"):
        prepared("corpus.valid=valid.txt", start=Start.RESUME)
    Path("out/m.pkl").write_bytes(Path("out/m.last.pkl").read_bytes())  # the remedy
    prepared("corpus.valid=valid.txt", start=Start.RESUME)


def test_a_damaged_best_model_is_reported_at_the_start(begun):
    begun()
    content = Path("out/m.pkl").read_bytes()
    for damaged in (b"garbage\n", content[:-1], content[:-1] + bytes([content[-1] ^ 1])):
        Path("out/m.pkl").write_bytes(damaged)
        with pytest.raises(CheckpointError, match=r"out/m\.pkl: "):
            prepared(start=Start.RESUME)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("model.hidden_size=9", r"model\.hidden_size was 8 and is 9"),
        ("corpus.train=other.txt", "the vocabulary differs"),
    ],
)
def test_the_model_of_another_training_is_not_taken_for_the_best_model(begun, other, said):
    begun()
    train(other, "checkpoint.path=out/f.pkl")
    Path("out/f.pkl").replace("out/m.pkl")
    with pytest.raises(UsageError, match=rf"out/m\.pkl: is not the model of .*{said}"):
        prepared(start=Start.RESUME)


def test_a_training_that_has_saved_no_model_needs_none():
    events = prepared().events()
    next(events)
    events.close()
    assert not Path("out/m.pkl").exists()
    assert prepared(start=Start.RESUME).is_resumed


@pytest.mark.parametrize("kind", ["linear", "cosine"])
@pytest.mark.parametrize("epochs", [1, 3, 7])
def test_a_rate_that_depends_on_the_epochs_is_reported_when_they_change(kind, epochs):
    """Both rates are computed by hand, from the finished fraction of all steps."""
    schedule = f"training.schedule={{kind: {kind}}}"
    run = prepared(schedule)
    blocks, events = len(run.blocks), run.events()
    while not isinstance(event := next(events), EpochDone):
        assert isinstance(event, StepDone)
    events.close()
    resumed = prepared(schedule, f"training.epochs={epochs}", start=Start.RESUME)

    def rate(part):
        return 1 - part if kind == "linear" else (1 + math.cos(math.pi * part)) / 2

    if epochs == 1:
        assert resumed.notes == [], "it is over"
        return
    said = (
        f"training.epochs was 2 and is {epochs}: with training.schedule {kind} the next step's "
        f"learning rate is {rate(1 / epochs):g} instead of {rate(1 / 2):g}"
    )
    assert resumed.notes == [said]
    first = next(resumed.events())
    assert first.report.step == blocks + 1
    assert first.report.learning_rate == pytest.approx(rate(1 / epochs), rel=1e-9)


def test_a_changed_limit_on_steps_is_reported_and_goes_on_within_the_epoch():
    schedule = "training.schedule={kind: linear}"
    whole = train(schedule)[-1]
    steps = 2 * len(prepared(schedule, start=Start.RESUME).blocks)
    train(schedule, "training.max_steps=1", start=Start.OVERWRITE)
    resumed = prepared(schedule, start=Start.RESUME)
    assert resumed.notes == [
        "training.max_steps was 1 and is null: with training.schedule linear the next step's "
        f"learning rate is {1 - 1 / steps:g} instead of 1"
    ]
    ended = list(resumed.events())[-1]
    assert (ended.epochs, ended.reason, ended.valid) == (2, "2 epochs", whole.valid)


def test_a_finished_training_with_more_epochs_compares_with_its_last_step():
    schedule = "training.schedule={kind: linear}"
    train(schedule)
    resumed = prepared(schedule, "training.epochs=4", start=Start.RESUME)
    steps = 2 * len(resumed.blocks)
    assert resumed.notes[0].endswith(f"learning rate is 0.5 instead of {1 / steps:g}")
    stopped = resumed.events()
    next(stopped)
    while not isinstance(next(stopped), EpochDone):
        pass
    stopped.close()
    assert prepared(schedule, "training.epochs=4", start=Start.RESUME).notes == [], (
        "it has been said"
    )


@pytest.mark.parametrize("kind", ["constant", "plateau"])
def test_a_rate_that_does_not_depend_on_the_epochs_is_not_reported(kind):
    how = f"training.schedule={{kind: {kind}}}", "corpus.valid=valid.txt"
    train(*how)
    assert prepared(*how, "training.epochs=4", start=Start.RESUME).notes == []


def test_another_number_of_threads_is_reported_once(free_choice):
    stopped_after_an_epoch("training.threads=1")
    run = prepared("training.threads=2", start=Start.RESUME)
    assert run.notes == [
        "training.threads was 1 and is 2; "
        "figures differ by rounding from a run that was never stopped"
    ]
    events = run.events()
    while not isinstance(next(events), EpochDone):
        pass
    events.close()
    assert prepared("training.threads=2", "training.epochs=3", start=Start.RESUME).notes == []


def test_another_number_of_threads_is_not_reported_of_a_finished_training(
    free_choice,
):
    train("training.threads=1")
    assert prepared("training.threads=2", start=Start.RESUME).finished


def test_the_same_training_is_finished_and_nothing_changes():
    train()
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    assert prepared(start=Start.RESUME).finished
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before
    assert checkpoint.load("out/m.pkl").training_state is None
