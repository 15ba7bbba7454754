"""What a training tells of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnlm_cli.model.history import EpochRecord


@dataclass(frozen=True)
class Report:
    """The means since the last report, a line of the log."""

    step: int  # of all epochs, from 1
    epoch: int
    nats_per_token: float
    gradient_norm: float  # of the last block, before clipping
    learning_rate: float
    tokens_per_second: float
    seconds: float  # of training, all runs of it together


@dataclass(frozen=True)
class StepDone:
    """One block has been learned from."""

    epoch: int  # from 1
    block: int  # of the epoch, from 1
    step: int  # of all epochs, from 1
    nats_per_token: float  # of the block, before the update
    report: Report | None  # where one is due
    warnings: Sequence[str] = ()  # what the guard noticed


@dataclass(frozen=True)
class Validating:
    """A pass over the validation text begins; nothing happens until it is over."""

    final: bool  # of the best model, exact, in one stream; else in the course of an epoch


@dataclass(frozen=True)
class EpochDone:
    """The training text has been read once more, or in part where time is up."""

    record: EpochRecord  # as the history has it
    seconds: float  # of training, all runs of it together; a clock, which no model file holds


@dataclass(frozen=True)
class RolledBack:
    """Training diverged; it goes on from the last state, with half the learning rate."""

    epoch: int  # of that state, from 1
    step: int  # of all epochs
    reason: str
    rate_factor: float  # of every learning rate from here on


@dataclass(frozen=True)
class NotExclusive:
    """The file system has no locks: nothing keeps another training from writing these files."""

    checkpoint: str


@dataclass(frozen=True)
class LogRestored:
    """The log was removed while training wrote it; it has been written again, whole."""

    log: str


@dataclass(frozen=True)
class Ended:
    """Training is over."""

    reason: str
    epochs: int
    best_epoch: int
    valid: float | None  # the figure of the best model, exact, in one stream
    seconds: float
    checkpoint: str


Event = StepDone | Validating | EpochDone | RolledBack | NotExclusive | LogRestored | Ended
