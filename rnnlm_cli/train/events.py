"""What a training tells of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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

    epoch: int
    part: float  # of the epoch; 1 unless time was up
    train_perplexity: float  # over the epoch, while it was learned
    valid_perplexity: float | None
    learning_rate: float
    seconds: float
    best: bool  # the best model so far, or there is no validation text


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
    """Training is over; the figure is that of the best model, exact, in one stream."""

    reason: str
    epochs: int
    best_epoch: int
    valid_perplexity: float | None
    seconds: float
    checkpoint: str


Event = StepDone | Validating | EpochDone | RolledBack | NotExclusive | LogRestored | Ended
