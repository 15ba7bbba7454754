"""How the learning rate changes: each schedule is a pure function and a row in the table.

A function gives the factor on the configured rate, from how far training is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from rnnlm_cli.config import training as schema


class Place(NamedTuple):
    """How far training is."""

    step: int  # finished steps
    total_steps: int  # of all epochs
    bad_epochs: int  # epochs so far, whenever, in which validation did not improve


def constant(config: schema.Constant, place: Place) -> float:
    """1 throughout."""
    return 1.0


def plateau(config: schema.Plateau, place: Place) -> float:
    """``divide_by ** -n`` after ``n`` epochs in which validation did not improve."""
    return float(config.divide_by**-place.bad_epochs)


def linear(config: schema.Linear, place: Place) -> float:
    """1 for the part ``hold`` of all steps, then down to 0 in a straight line."""
    return 1 - falling_part(config.hold, place)


def cosine(config: schema.Cosine, place: Place) -> float:
    """1 for the part ``hold`` of all steps, then down to 0 as half a cosine."""
    return (1 + math.cos(math.pi * falling_part(config.hold, place))) / 2


def falling_part(hold: float, place: Place) -> float:
    """Return how much of the part after ``hold`` is over, 0 to 1."""
    done = min(place.step / place.total_steps, 1.0)
    return max(0.0, (done - hold) / (1 - hold))


SCHEDULES: dict[type[schema.ScheduleConfig], Callable[[Any, Place], float]] = {
    schema.Constant: constant,
    schema.Plateau: plateau,
    schema.Linear: linear,
    schema.Cosine: cosine,
}


def learning_rate(rate: float, config: schema.ScheduleConfig, place: Place) -> float:
    """Return the rate of the next step.

    With ``warmup`` steps the rate first rises: step ``k`` (from 1) has at most ``k / warmup``
    of it.
    """
    rising = min(1.0, (place.step + 1) / config.warmup) if config.warmup else 1.0
    return rate * rising * SCHEDULES[type(config)](config, place)
