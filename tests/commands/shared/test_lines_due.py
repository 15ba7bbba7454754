"""The number of lines that trainings of several lengths print where no bar is shown."""

import pytest

from rnnlm_cli.commands.shared.lines_due import LinesDue


def told(epochs, blocks, step_seconds):
    """The steps and the epochs that are told, with every step asked."""
    lines = LinesDue(blocks, epochs, 0.0)
    steps, ends = [], []
    for number in range(1, epochs * blocks + 1):
        now = number * step_seconds
        if lines.step(number, now):
            steps.append(now)
        if number % blocks == 0 and lines.epoch(number // blocks, number, now):
            ends.append(number // blocks)
    return steps, ends


def test_of_three_seconds_the_ends_of_the_epochs_are_told():
    assert told(4, 30, 0.025) == ([], [1, 2, 3, 4])


def test_of_many_short_epochs_twenty_are_told():
    assert told(200, 1, 0.01) == ([], list(range(10, 201, 10)))


def test_of_many_epochs_that_take_a_second_one_every_ten_seconds_is_told():
    _, ends = told(1000, 1, 1.0)
    assert ends == list(range(10, 1001, 10))


def test_of_three_minutes_there_is_a_line_every_thirty_seconds():
    steps, ends = told(3, 120, 0.5)
    assert steps == [30, 90, 150]  # the end of an epoch is a line, too
    assert ends == [1, 2, 3]


def test_an_hour_of_an_epoch_has_ten_lines():
    steps, _ = told(1, 3600, 1.0)
    assert steps == [30, *range(390, 3600, 360)]


@pytest.mark.parametrize("epochs", [2, 40])
def test_three_days_have_a_line_every_ten_minutes(epochs):
    steps, ends = told(epochs, 259_200 // 30 // epochs, 30.0)
    gaps = [after - before for before, after in zip([0, *steps], steps, strict=False)]
    assert max(gaps) <= 2 * 600
    assert len(steps) <= 3 * 24 * 6
    assert ends[-1] == epochs
