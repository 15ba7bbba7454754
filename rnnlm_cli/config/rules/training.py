"""Rules for what a training does at its steps and after its epochs."""

from __future__ import annotations

from rnnlm_cli.config.optimizer import NoAverage, NtAsgd
from rnnlm_cli.config.rules.rule import Rule
from rnnlm_cli.config.schedule import OneCycle, ScheduleConfig

RULES = (
    Rule(
        lambda c: c.model.direction == "bidirectional" and c.training.sample.length > 0,
        "training.sample.length is for model.direction: forward",
        "training.sample.length",
        "is for models that write from left to right, but model.direction is bidirectional",
        "set it to 0",
    ),
    Rule(
        lambda c: (
            isinstance(c.training.optimizer, NtAsgd)
            and not isinstance(c.training.averaging, NoAverage)
        ),
        "training.averaging is not for training.optimizer.kind: ntasgd",
        "training.averaging",
        "is for optimizers that do not average, but training.optimizer.kind ntasgd does",
        "omit it, or use another optimizer",
    ),
    Rule(
        lambda c: _longer_than_all(c.training.schedule),
        "training.schedule.rise and training.schedule.end are at most 1 together",
        "training.schedule.rise",
        "{value} and training.schedule.end {c.training.schedule.end} are more than all steps",
        "make one of them smaller",
    ),
)


def _longer_than_all(schedule: ScheduleConfig) -> bool:
    return isinstance(schedule, OneCycle) and schedule.rise + schedule.end > 1
