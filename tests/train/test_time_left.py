"""The time left, worked out by hand from measured times."""

import pytest

from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.train.progress import Progress
from rnnlm_cli.train.time_left import Pace, seconds_left

BLOCKS = 100


def pace_of(step=0.5, **values):
    pace = Pace(**values)
    for _ in range(10):
        pace.stepped(step)
    return pace


def left(pace, progress, final=False, validated=0.0, **training):
    config = TrainingConfig(**({"epochs": 4} | training))
    return seconds_left(config, progress, BLOCKS, pace, validated=validated, final=final)


SECOND = Progress(epoch=1, block=40, step=140, seconds=80.0)


def test_before_the_first_step_it_is_not_known():
    assert left(Pace(), Progress()) is None
    assert Pace(validation_share=0.1).validation(BLOCKS, final=False) == 0


def test_the_rest_of_all_epochs_counts():
    assert left(pace_of(), SECOND) == pytest.approx(260 * 0.5)


def test_a_validation_counts_as_long_as_training_on_its_tokens_until_it_is_measured():
    """Three epochs end, and the best model is validated once more."""
    assert left(pace_of(validation_share=0.1), SECOND) == pytest.approx(130 + 4 * 5)
    measured = pace_of(validation_share=0.1, epoch_end=2.0)
    assert left(measured, SECOND) == pytest.approx(130 + 3 * 2 + 5)
    measured.final = 9.0
    assert left(measured, SECOND) == pytest.approx(130 + 3 * 2 + 9)


def test_within_a_validation_the_finished_part_of_it_is_over():
    pace = pace_of(validation_share=0.1, epoch_end=2.0)
    ended = Progress(epoch=3, block=100, step=400)
    assert left(pace, ended, validated=0.75) == pytest.approx(0.25 * 2 + 5)
    assert left(pace, ended, validated=0.2, final=True) == pytest.approx(0.8 * 5)


def test_the_time_limit_counts_with_the_validation_after_it():
    pace = pace_of(validation_share=0.1, epoch_end=2.0)
    assert left(pace, SECOND, max_seconds=100.0) == pytest.approx(20 + 2 + 5)
    assert left(pace, SECOND, max_seconds=1e6) == pytest.approx(130 + 3 * 2 + 5)
    assert left(pace, SECOND, max_seconds=60.0, validated=0.5) == pytest.approx(1 + 5)


def test_a_limit_on_steps_counts_with_the_validation_after_it():
    pace = pace_of(validation_share=0.1, epoch_end=2.0)
    assert left(pace, SECOND, max_steps=250) == pytest.approx(110 * 0.5 + 2 * 2 + 5)
    assert left(pace, SECOND, max_steps=999) == left(pace, SECOND)


def test_the_pace_follows_a_machine_that_becomes_slower():
    pace = pace_of(step=0.1)
    assert pace.step == pytest.approx(0.1)
    for _ in range(180):
        pace.stepped(1.0)
    assert pace.step == pytest.approx(1.0, rel=0.1)
