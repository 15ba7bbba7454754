"""The display of a training, driven by events and a clock of its own."""

import re
from types import SimpleNamespace

import pytest

from rnnlm_cli.commands.shared import training_display
from rnnlm_cli.commands.shared.bars import EIGHTHS
from rnnlm_cli.commands.shared.training_display import TrainingBar, display
from rnnlm_cli.commands.shared.training_lines import (
    end_line,
    epoch_line,
    figures,
    finished_line,
    sample_lines,
    step_line,
    waiting_line,
)
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.evaluate.measure import ACCURACY, PERPLEXITY
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.train.events import (
    Ended,
    EpochDone,
    Report,
    Sampled,
    Saving,
    StepDone,
    Validating,
)
from rnnlm_cli.train.progress import Limit, Progress

BLOCKS, STEP = 10, 6.0


class Run:
    """A training of 10 steps per epoch, each of 6 seconds, with a validation of 4 x 2 seconds."""

    measure = PERPLEXITY
    blocks = range(BLOCKS)

    def __init__(self, monkeypatch, epochs=2, **training):
        self.now = 1000.0
        self.config = SimpleNamespace(training=TrainingConfig(epochs=epochs, **training))
        self.trainer = SimpleNamespace(progress=Progress())
        self.texts = SimpleNamespace(train=range(1000), valid=range(100))
        clock = SimpleNamespace(monotonic=lambda: self.now)
        monkeypatch.setattr(training_display, "time", clock)
        monkeypatch.setattr(training_display, "validation_blocks", lambda *_: range(4))

    def step(self, seconds=STEP, warnings=()):
        self.now += seconds
        progress = self.trainer.progress
        progress.seconds += seconds
        progress.block, progress.step = progress.block + 1, progress.step + 1
        report = Report(progress.step, progress.epoch + 1, 4.816, 1.0, 20, 4925.0, progress.seconds)
        return StepDone(progress.epoch + 1, progress.block, progress.step, 4.816, report, warnings)

    def validated(self, poll, final=False):
        yield Validating(final)
        for _ in range(4):
            self.now += 2
            poll()

    def end_epoch(self):
        progress = self.trainer.progress
        record = EpochRecord(progress.epoch + 1, 1.0, 120.0, 110.0, 20.0, True)
        progress.new_epoch()
        return EpochDone(record, progress.seconds + 8)

    def events(self, poll):
        for _ in range(self.config.training.epochs):
            yield from (self.step() for _ in range(BLOCKS))
            yield from self.validated(poll)
            yield self.end_epoch()
        yield from self.validated(poll, final=True)
        yield Ended("2 epochs", 2, 2, 109.876, 136.0, "m.pkl")


def line_of(bar):
    """The line of a bar without its drawing."""
    return " ".join(re.sub(f"[{EIGHTHS}]+", " ", str(bar)).split())


def after(bar, events):
    """The line of the bar after some events."""
    for event in events:
        bar.show(event)
    return line_of(bar)


def test_the_bar_is_of_the_epoch_and_the_time_of_the_whole_training(monkeypatch):
    """10 steps take 60 s, a validation first counts as 6 s, as long as training on its tokens."""
    run = Run(monkeypatch)
    bar = TrainingBar(run)
    assert str(bar).split() == ["epoch", "1/2", "0%"]
    left = 19 * 6 + 2 * 6 + 6
    assert after(bar, [run.step()]) == (
        f"epoch 1/2 10% | 2:{left - 120:02} left in all | perplexity 123.47 | loss 4.816"
    )
    assert after(bar, [run.step() for _ in range(9)]).startswith(
        "epoch 1/2 100% | 1:18 left in all"
    )


def test_a_validation_has_its_own_bar_and_then_its_measured_time(monkeypatch):
    run = Run(monkeypatch)
    bar = TrainingBar(run)
    after(bar, [run.step() for _ in range(BLOCKS)])
    line = after(bar, run.validated(bar.advance_validation))
    # 60 + 8 + 6 seconds: the second validation will take as long as the first
    assert line.startswith("validating 100% | 1:14 left in all")
    assert after(bar, [run.end_epoch()]).startswith("epoch 2/2 0% | 1:14 left in all")


def test_a_long_save_is_shown(monkeypatch):
    run = Run(monkeypatch)
    bar = TrainingBar(run)
    assert after(bar, [run.step(), Saving()]).startswith("saving 10% | ")
    assert after(bar, [run.step()]).startswith("epoch 1/2 20% | ")


def test_where_no_bar_is_shown_there_are_lines(monkeypatch, capsys):
    display(Run(monkeypatch), lambda: None)
    out, err = capsys.readouterr()
    shown = "perplexity 123.47 | loss 4.816 | 4,925 tokens/s"
    assert err.splitlines() == [
        f"epoch 1/2, 50% | 0:30 | 1:48 left in all | {shown}",
        "validating, about 0:06",
        "epoch 1: train perplexity 120.00, valid 110.00 (best), learning rate 20, 1:08",
        f"epoch 2/2, 50% | 1:30 | 0:44 left in all | {shown}",
        "validating, about 0:08",
        "epoch 2: train perplexity 120.00, valid 110.00 (best), learning rate 20, 2:08",
        "exact validation of the best model, about 0:06",
    ]
    assert out == (
        "done after 2 epochs; 2:16 in all: m.pkl, best epoch 2, valid perplexity 109.88\n"
    )


def test_an_epoch_that_was_not_told_is_told_at_the_end(monkeypatch, capsys):
    """Of 100 short epochs each fifth is told; here training ends after the seventh."""
    run = Run(monkeypatch, epochs=100)
    bar = TrainingBar(run)
    for _ in range(7):
        bar.show(run.step(0.01))
        bar.show(run.end_epoch())
    bar.show(Ended("the 1 second of training.max_seconds", 7, 7, None, 1.2, "m.pkl"))
    out, err = capsys.readouterr()
    assert [line.partition(":")[0] for line in err.splitlines()] == ["epoch 5", "epoch 7"]
    assert out == "done after the 1 second of training.max_seconds; 0:01 in all: m.pkl\n"


def test_a_warning_is_a_line(monkeypatch, capsys):
    run = Run(monkeypatch)
    TrainingBar(run).show(run.step(warnings=["the loss rises"]))
    assert capsys.readouterr().err == "warning: the loss rises\n"


def test_large_figures_are_short():
    report = Report(1, 1, 6.1e9, 1.0, 0.1, 6.1e9, 1.0)
    assert figures(report, PERPLEXITY) == ["perplexity inf", "loss 6.1e9", "6.1e9 tokens/s"]
    assert figures(report, ACCURACY)[2] == "6.1e9 labels/s"
    report = Report(1, 1, 22.532, 1.0, 0.1, 100.0, 3723.0)
    assert step_line("epoch 1/3", 0.999, report, None, PERPLEXITY) == (
        "epoch 1/3, 99% | 1:02:03 | perplexity 6.1e9 | loss 22.532 | 100 tokens/s"
    )
    epoch = EpochDone(EpochRecord(1, 0.25, 9.05126e149, 1234567.0, 0.1, True), 3409.0)
    assert epoch_line(epoch, PERPLEXITY) == (
        "epoch 1 (25% of it): train perplexity 9.1e149, valid 1.2e6 (best), learning rate 0.1, "
        "56:49"
    )
    ended = Ended("1 epoch", 1, 1, 9.05126e149, 2.0, "m.pkl")
    assert end_line(ended, PERPLEXITY).endswith("valid perplexity 9.1e149")


def test_a_sample_stands_off_from_other_lines():
    assert sample_lines(Sampled(2, "\nyou say\ngoodbye\n", 3)) == [
        "sample after epoch 2:",
        "  you say",
        "  goodbye",
    ]


def test_a_finished_training_names_the_keys_to_raise():
    reached = [
        Limit("training.epochs", "4 epochs", 4),
        Limit("training.max_seconds", "the 8 seconds of training.max_seconds", 14.2),
    ]
    assert finished_line("m.pkl", reached) == (
        "m.pkl: training is finished after 4 epochs; nothing changed; to continue, raise "
        "training.epochs above 4 and training.max_seconds above 15"
    )


@pytest.mark.parametrize(
    ("seconds", "final", "line"),
    [
        (20.0, False, "validating, about 0:20"),
        (80.0, True, "exact validation of the best model, about 1:20"),
        (1.9, False, ""),
    ],
)
def test_a_wait_is_announced_where_it_is_long(seconds, final, line):
    assert waiting_line(seconds, final) == line
