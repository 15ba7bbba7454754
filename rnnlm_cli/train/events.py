"""The events that a training yields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnlm_cli.model.history import EpochRecord, TextFigures


@dataclass(frozen=True)
class Report:
    """Means since the last report: one line of the log."""

    step: int  # of all epochs, from 1
    epoch: int
    nats_per_token: float
    gradient_norm: float  # of the last block, before clipping
    learning_rate: float
    tokens_per_second: float
    seconds: float  # of training, summed over all its runs


@dataclass(frozen=True)
class StepDone:
    """One training step has been taken."""

    epoch: int  # from 1
    block: int  # of the epoch, from 1
    step: int  # of all epochs, from 1
    nats_per_token: float  # of the block, before the update
    report: Report | None  # None if none is due
    warnings: Sequence[str] = ()  # from the guard, and from the engine


@dataclass(frozen=True)
class Validating:
    """A pass over the validation text begins; the next event comes after it."""

    final: bool  # True: exact, of the best model, in one stream; False: of the model in training


@dataclass(frozen=True)
class ValidationDone:
    """A validation within an epoch is over (``training.validate_every``)."""

    record: EpochRecord  # as in the history
    seconds: float  # of training, summed over all its runs


@dataclass(frozen=True)
class EpochDone:
    """An epoch has ended, or a part of it if a limit on steps or time was reached."""

    record: EpochRecord  # as in the history
    seconds: float  # of training, summed over all its runs; a clock, so no model file holds it


@dataclass(frozen=True)
class Saving:
    """A large model or state is about to be written; the next event comes after it."""


@dataclass(frozen=True)
class Sampled:
    """A text that the model wrote after an epoch (``training.sample``)."""

    epoch: int  # from 1
    text: str  # its start and the generated tokens
    seed: int


@dataclass(frozen=True)
class RolledBack:
    """Training diverged; it continues from the last rollback state at half the learning rate."""

    epoch: int  # of that state, from 1
    step: int  # of all epochs
    reason: str
    rate_factor: float  # factor on every learning rate from now on


@dataclass(frozen=True)
class NotExclusive:
    """The file system has no locks, so another training could write the same files."""

    checkpoint: str


@dataclass(frozen=True)
class LogRestored:
    """The log was removed while training wrote it; it has been restored in full."""

    log: str


@dataclass(frozen=True)
class Ended:
    """Training is over."""

    reason: str
    epochs: int
    best_epoch: int
    valid: float | None  # figure of the best model, exact, in one stream
    seconds: float
    checkpoint: str
    valid_figures: TextFigures | None = None  # the same loss per unit of the text
    best_step: int | None = None  # at which the best model was saved; None if not recorded


Event = (
    StepDone
    | Validating
    | ValidationDone
    | EpochDone
    | Saving
    | Sampled
    | RolledBack
    | NotExclusive
    | LogRestored
    | Ended
)
