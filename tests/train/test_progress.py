import math
from dataclasses import asdict

import pytest

from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.train.progress import Progress, end_reason, limits_reached, stored_progress


@pytest.mark.parametrize(
    ("options", "progress", "reason"),
    [
        ({"epochs": 1}, {"epoch": 1}, "1 epoch"),
        ({"epochs": 2}, {"epoch": 2}, "2 epochs"),
        ({"epochs": 2}, {"epoch": 1}, None),
        ({"patience": 1}, {"bad_epochs_in_a_row": 1}, "1 epoch without a better validation"),
        ({"patience": 3}, {"bad_epochs_in_a_row": 3}, "3 epochs without a better validation"),
        ({"patience": 3}, {"bad_epochs_in_a_row": 2, "bad_epochs": 9}, None),
        ({"max_steps": 5}, {"step": 5}, "the 5 steps of training.max_steps"),
        ({"max_steps": 5}, {"step": 4}, None),
        ({"max_seconds": 1.0}, {"seconds": 1.5}, "the 1 second of training.max_seconds"),
        ({"max_seconds": 0.5}, {"seconds": 0.5}, "the 0.5 seconds of training.max_seconds"),
        ({"max_seconds": 3600.0}, {"seconds": 3599.0}, None),
    ],
    ids=str,
)
def test_why_a_training_has_ended(options, progress, reason):
    config = TrainingConfig(**({"epochs": 9} | options))
    assert end_reason(config, Progress(**progress)) == reason


def test_every_limit_that_holds_is_named_with_the_value_to_exceed():
    config = TrainingConfig(epochs=4, max_steps=7, patience=2, max_seconds=8.0)
    found = limits_reached(config, Progress(epoch=4, step=9, bad_epochs_in_a_row=1, seconds=14.2))
    assert [(one.key, one.reached) for one in found] == [
        ("training.epochs", 4),
        ("training.max_steps", 9),
        ("training.max_seconds", 14.2),
    ]


def test_a_report_has_the_means_since_the_last_one():
    progress = Progress(epoch=1, seconds=10.0, report_seconds=8.0)
    progress.count(6.0, 4)
    progress.count(2.0, 4)
    report = progress.report(norm=3.0, rate=0.1)
    assert (report.step, report.epoch) == (2, 2)
    assert report.nats_per_token == 1.0
    assert report.tokens_per_second == 4.0
    progress.count(5.0, 5)
    assert progress.report(norm=3.0, rate=0.1).nats_per_token == 1.0
    assert (progress.epoch_nats, progress.epoch_tokens) == (13.0, 13)
    progress.new_epoch()
    assert (progress.epoch, progress.block, progress.step) == (2, 0, 3)
    assert (progress.epoch_nats, progress.epoch_tokens) == (0.0, 0)


@pytest.mark.parametrize(
    ("epoch", "block", "validated", "step"), [(0, 11, 0, 11), (0, 3, 4, 3), (1, 3, 0, 12)]
)
def test_a_place_outside_the_text_is_refused(epoch, block, validated, step):
    with pytest.raises(ValueError, match="does not exist"):
        Progress(epoch=epoch, block=block, validated_block=validated, step=step).check_place(10)
    Progress(epoch=1, block=3, validated_block=2, step=13).check_place(10)


def test_stored_progress_comes_back():
    progress = Progress(epoch=2, step=20, seconds=3.5, best_nats=math.inf)
    assert stored_progress({"progress": asdict(progress)}) == progress
