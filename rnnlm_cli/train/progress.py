"""How far a training is, as plain numbers, and whether it has ended."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import msgspec

from rnnlm_cli.checks import Count
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.train.events import Report


@dataclass
class Progress:
    """How far training is: a part of a training's state."""

    epoch: Count = 0  # finished epochs
    block: Count = 0  # finished blocks of the current epoch
    validated_block: Count = 0  # value of block at the last validation of the current epoch
    step: Count = 0  # finished blocks of all epochs
    seconds: float = 0.0
    epoch_nats: float = 0.0
    epoch_tokens: Count = 0
    report_nats: float = 0.0  # since the last report
    report_tokens: Count = 0
    report_seconds: float = 0.0  # value of seconds at the last report
    best_nats: float = math.inf  # validation loss per token
    best_epoch: Count = 0
    bad_epochs: Count = 0  # validations, at epochs' ends or within them, that were not better
    bad_epochs_in_a_row: Count = 0
    rate_factor: float = 1.0  # factor on every learning rate; a rollback halves it

    def count(self, nats: float, tokens: int) -> None:
        """Count a trained block."""
        self.block += 1
        self.step += 1
        self.epoch_nats += nats
        self.epoch_tokens += tokens
        self.report_nats += nats
        self.report_tokens += tokens

    def report(self, norm: float, rate: float) -> Report:
        """Return the means since the last report, and reset its sums.

        Args:
            norm: Gradient norm of the last block, before clipping.
            rate: The learning rate of the last step.
        """
        elapsed = max(self.seconds - self.report_seconds, 1e-9)
        report = Report(
            step=self.step,
            epoch=self.epoch + 1,
            nats_per_token=self.report_nats / self.report_tokens,
            gradient_norm=norm,
            learning_rate=rate,
            tokens_per_second=self.report_tokens / elapsed,
            seconds=self.seconds,
        )
        self.report_nats, self.report_tokens = 0.0, 0
        self.report_seconds = self.seconds
        return report

    def new_epoch(self) -> None:
        """Move to the next epoch."""
        self.epoch, self.block, self.validated_block = self.epoch + 1, 0, 0
        self.epoch_nats, self.epoch_tokens = 0.0, 0

    def check_place(self, blocks: int) -> None:
        """Check that the counts are consistent with the text.

        Args:
            blocks: Blocks per epoch.

        Raises:
            ValueError: They are not.
        """
        if (
            not self.validated_block <= self.block <= blocks
            or self.step != self.epoch * blocks + self.block
        ):
            raise ValueError("its place in the text does not exist")


def validates_after(every: int | None, block: int, blocks: int) -> bool:
    """Return whether a validation is due after a block, before the end of its epoch.

    The end of an epoch is a validation too. So the last one before it is omitted if less than half
    the steps between two validations are left.

    Args:
        every: ``training.validate_every``.
        block: Finished blocks of the epoch.
        blocks: Blocks per epoch.

    >>> [block for block in range(24) if validates_after(5, block, 23)]
    [5, 10, 15, 20]
    >>> [block for block in range(23) if validates_after(5, block, 22)]
    [5, 10, 15]
    """
    return every is not None and 0 < block <= blocks - every / 2 and block % every == 0


def validations_per_epoch(every: int | None, blocks: int) -> int:
    """Return how many validations an epoch has, with the one at its end.

    >>> validations_per_epoch(5, 23), validations_per_epoch(5, 22), validations_per_epoch(None, 9)
    (5, 4, 1)
    """
    return 1 if every is None else 1 + max(int((blocks - every / 2) // every), 0)


def total_steps(config: TrainingConfig, blocks: int) -> int:
    """Return the number of steps of a whole training, unless it ends early.

    Args:
        config: Its ``epochs`` and ``max_steps``.
        blocks: Steps per epoch.

    >>> total_steps(TrainingConfig(epochs=3), 10), total_steps(TrainingConfig(max_steps=25), 10)
    (30, 25)
    """
    steps = config.epochs * blocks
    return steps if config.max_steps is None else min(steps, config.max_steps)


class Limit(NamedTuple):
    """A key that ends a training."""

    key: str
    reason: str
    reached: float  # a training continues only with a higher value of the key


def limits_reached(config: TrainingConfig, progress: Progress) -> list[Limit]:
    """Return the keys because of which a training has ended; empty if it should continue."""
    epochs, steps = config.epochs, config.max_steps
    patience, seconds = config.patience, config.max_seconds
    reached = []
    if progress.epoch >= epochs:
        reached.append(Limit("training.epochs", counted(epochs, "epoch"), progress.epoch))
    if steps is not None and progress.step >= steps:
        reason = f"the {counted(steps, 'step')} of training.max_steps"
        reached.append(Limit("training.max_steps", reason, progress.step))
    if patience is not None and progress.bad_epochs_in_a_row >= patience:
        reason = f"{counted(patience, 'epoch')} without a better validation"
        if config.validate_every is not None:
            reason = f"{counted(patience, 'validation')} without a better one"
        reached.append(Limit("training.patience", reason, progress.bad_epochs_in_a_row))
    if seconds is not None and progress.seconds >= seconds:
        reason = f"the {counted(seconds, 'second')} of training.max_seconds"
        reached.append(Limit("training.max_seconds", reason, progress.seconds))
    return reached


def end_reason(config: TrainingConfig, progress: Progress) -> str | None:
    """Return the reason why a training has ended, or ``None`` if it should continue.

    >>> end_reason(TrainingConfig(epochs=1), Progress(epoch=1))
    '1 epoch'
    """
    reached = limits_reached(config, progress)
    return reached[0].reason if reached else None


def counted(number: float, what: str) -> str:
    """Return a number with its noun, in the plural unless it is 1.

    >>> counted(1, "epoch"), counted(0.5, "second")
    ('1 epoch', '0.5 seconds')
    """
    shown = f"{number:g}" if isinstance(number, float) else number
    return f"{shown} {what}{'s' * (number != 1)}"


def stored_progress(state: Mapping[str, Any]) -> Progress:
    """Return the progress in a state that ``Trainer.state`` returned.

    Raises:
        AttributeError, LookupError, ValueError, msgspec.ValidationError: It is missing or invalid.
    """
    stored = state["progress"]
    if stored.keys() != asdict(Progress()).keys():
        raise ValueError("its progress has other fields")
    progress = msgspec.convert(stored, Progress)
    values = asdict(progress)
    if math.isnan(values.pop("best_nats")) or not all(0 <= v < math.inf for v in values.values()):
        raise ValueError("its progress is negative, infinite or NaN")
    return progress
