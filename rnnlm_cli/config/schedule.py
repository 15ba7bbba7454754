"""The key ``training.schedule``: how the learning rate changes.

A new schedule is one class here and one row of ``SCHEDULES`` in ``train/schedules.py``.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rnnlm_cli.config.keys import Count, Rate, Section, key


class Schedule(Section, frozen=True):
    """Base class of schedules."""

    warmup: Annotated[Count, key("steps over which the rate first rises from 0, linearly")] = 0


class Constant(Schedule, frozen=True, tag_field="kind", tag="constant"):
    """The learning rate is constant."""


class Plateau(Schedule, frozen=True, tag_field="kind", tag="plateau"):
    """The rate is divided after an epoch (a validation) in which validation does not improve."""

    divide_by: Annotated[
        Annotated[float, Meta(gt=1, le=1e30)],
        key("divisor of the rate when validation does not improve"),
    ] = 4.0


class Linear(Schedule, frozen=True, tag_field="kind", tag="linear"):
    """The rate is held, then falls linearly to zero."""

    hold: Annotated[Rate, key("fraction of all steps before the rate falls")] = 0.0


class Cosine(Schedule, frozen=True, tag_field="kind", tag="cosine"):
    """The rate is held, then falls to zero as half a cosine (Loshchilov and Hutter, 2017)."""

    hold: Annotated[Rate, key("fraction of all steps before the rate falls")] = 0.0


class OneCycle(Schedule, frozen=True, tag_field="kind", tag="one_cycle"):
    """The rate rises, falls back, and then falls to zero (Smith and Topin, 2019)."""

    begin: Annotated[
        Annotated[float, Meta(gt=0, le=1)],
        key("fraction of the configured rate at which the cycle begins and ends"),
    ] = 0.1
    rise: Annotated[Rate, key("fraction of all steps in which the rate rises, linearly")] = 0.45
    end: Annotated[
        Rate,
        key("fraction of all steps, the last ones, in which it falls to zero after the cycle"),
    ] = 0.1


ScheduleConfig = Constant | Plateau | Linear | Cosine | OneCycle
