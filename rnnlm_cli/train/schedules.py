"""Learning-rate schedules: each is a pure function and a row in the table.

A schedule maps the progress of training to a factor on the configured rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rnnlm_cli.config import schedule as schema


class Place(NamedTuple):
    """How far training is."""

    step: int  # finished steps
    total_steps: int  # of the whole training
    bad_epochs: int  # all epochs, or validations, so far without a better validation


def constant(config: schema.Constant, place: Place) -> float:
    """1 throughout."""
    return 1.0


def plateau(config: schema.Plateau, place: Place) -> float:
    """``divide_by ** -n`` after ``n`` epochs, or validations, that did not improve."""
    return float(config.divide_by**-place.bad_epochs)


def linear(config: schema.Linear, place: Place) -> float:
    """1 for the fraction ``hold`` of all steps, then linearly down to 0."""
    return 1 - falling_part(config.hold, place)


def cosine(config: schema.Cosine, place: Place) -> float:
    """1 for the fraction ``hold`` of all steps, then down to 0 along half a cosine."""
    return (1 + math.cos(math.pi * falling_part(config.hold, place))) / 2


def one_cycle(config: schema.OneCycle, place: Place) -> float:
    """Up from ``begin`` to 1, back down, then to 0, all linearly.

    The last fall is that of Smith and Topin (2019), to well below the rate of the beginning.
    Momentum does not change.
    """
    done = min(place.step / place.total_steps, 1.0)
    turns, factors = (0, config.rise, 1 - config.end, 1), (config.begin, 1, config.begin, 0)
    return float(np.interp(done, turns, factors))


def falling_part(hold: float, place: Place) -> float:
    """Return the finished fraction of the steps after ``hold``, 0 to 1."""
    done = min(place.step / place.total_steps, 1.0)
    return max(0.0, (done - hold) / (1 - hold))


SCHEDULES: dict[type[schema.ScheduleConfig], Callable[[Any, Place], float]] = {
    schema.Constant: constant,
    schema.Plateau: plateau,
    schema.Linear: linear,
    schema.Cosine: cosine,
    schema.OneCycle: one_cycle,
}


def learning_rate(rate: float, config: schema.ScheduleConfig, place: Place) -> float:
    """Return the rate of the next step.

    During ``warmup`` the rate rises: step ``k`` (from 1) uses the factor ``k / warmup``.
    """
    rising = min(1.0, (place.step + 1) / config.warmup) if config.warmup else 1.0
    return rate * rising * SCHEDULES[type(config)](config, place)
