"""The rules of warnings, from losses that are made up: no arithmetic of a processor is in them."""

import numpy as np
import pytest

from rnnlm_cli.train.trend import RECENT_STEPS, RECENT_WINDOWS, Memory

GUESSING = 9.2


def warned(losses):
    """The warnings of a training with these losses: step, from 1, and kind."""
    memory, found = Memory(), []
    for step, nats in enumerate(losses, 1):
        memory.add(nats, 1.0)
        if memory.worse_than_guessing(GUESSING, ends_epoch=False):
            found.append((step, "loss"))
        if memory.rises(GUESSING):
            found.append((step, "rise"))
    return found


def learned(steps=400, to=5.0):
    """Losses that fall from guessing, with the noise of small blocks."""
    noise = np.random.default_rng(1).normal(0, 0.3, steps)
    return list(to + (GUESSING - to) * np.exp(-np.arange(steps) / 100) + noise)


def test_a_training_that_learns_has_no_warning():
    assert warned(learned()) == []


def test_high_losses_of_the_first_steps_are_usual():
    assert warned([25.0] * 20 + [13.0] * 20 + learned()) == []


@pytest.mark.parametrize("length", [1, 20, 80])
def test_a_spike_is_usual(length):
    assert warned(learned() + [8.0] * length + learned()[200:]) == []


def test_a_loss_above_guessing_is_told_at_once_when_the_first_steps_are_over():
    assert warned([16.6] * 100) == [(40, "loss")]


def test_it_is_told_once_until_the_loss_is_below_guessing_again():
    high, low = [16.6] * 100, [8.0] * 40
    assert warned(high + low + high) == [(40, "loss"), (154, "loss")]
    assert warned(high + [12.0] * 100 + high) == [(40, "loss")]


def test_a_steady_rise_is_told_early_and_once():
    """From 5 towards 9 within 1000 steps: a third of 4.2 is lost after 350."""
    rise = list(np.linspace(5.0, 9.0, 1000))
    ((step, kind),) = warned(learned() + rise)
    assert kind == "rise"
    assert 400 + 350 <= step <= 400 + 350 + (RECENT_WINDOWS + 1) * RECENT_STEPS


def test_a_text_that_changes_to_a_harder_part_is_no_rise():
    """The loss leaps, then falls as the part is learned."""
    assert warned(learned() + [x + 3 for x in learned(200, to=6.0)]) == []


def test_a_rise_that_was_over_is_told_again():
    rise = list(np.linspace(5.0, 9.0, 400))
    assert [kind for _, kind in warned(learned() + rise + learned()[200:] + rise)] == ["rise"] * 2
