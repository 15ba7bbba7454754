"""How far a training is, in plain numbers, and whether it is over."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from rnnlm_cli.checks import Count
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.train.events import Report


@dataclass
class Progress:
    """How far training is: a part of a training's state."""

    epoch: Count = 0  # finished ones
    block: Count = 0  # finished ones of the running epoch
    validated_block: Count = 0  # of them when the running epoch was last validated
    step: Count = 0  # finished blocks of all epochs
    seconds: float = 0.0
    epoch_nats: float = 0.0
    epoch_tokens: Count = 0
    report_nats: float = 0.0  # since the last report
    report_tokens: Count = 0
    report_seconds: float = 0.0  # when the last report was
    best_nats: float = math.inf  # per token, of validation
    best_epoch: Count = 0
    bad_epochs: Count = 0  # without a better validation
    bad_epochs_in_a_row: Count = 0
    rate_factor: float = 1.0  # of every learning rate; a rollback halves it

    def count(self, nats: float, tokens: int) -> None:
        """Take notice of a block that has been learned from."""
        self.block += 1
        self.step += 1
        self.epoch_nats += nats
        self.epoch_tokens += tokens
        self.report_nats += nats
        self.report_tokens += tokens

    def report(self, norm: float, rate: float) -> Report:
        """Return the means since the last report, and begin the next one.

        Args:
            norm: The gradient's of the last block, before clipping.
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
        """Begin the next epoch."""
        self.epoch, self.block, self.validated_block = self.epoch + 1, 0, 0
        self.epoch_nats, self.epoch_tokens = 0.0, 0

    def check_place(self, blocks: int) -> None:
        """Make sure that it can be a place in a text.

        Args:
            blocks: Those of an epoch.

        Raises:
            ValueError: It cannot.
        """
        if (
            not self.validated_block <= self.block <= blocks
            or self.step != self.epoch * blocks + self.block
        ):
            raise ValueError("its place in the text does not exist")


def end_reason(config: TrainingConfig, progress: Progress) -> str | None:
    """Return why a training that has come so far is over, or ``None`` where it is not.

    >>> end_reason(TrainingConfig(epochs=1), Progress(epoch=1))
    '1 epoch'
    """
    if progress.epoch >= config.epochs:
        return counted(config.epochs, "epoch")
    if config.patience is not None and progress.bad_epochs_in_a_row >= config.patience:
        return f"{counted(config.patience, 'epoch')} without a better validation"
    if config.max_seconds is not None and progress.seconds >= config.max_seconds:
        return counted(config.max_seconds, "second")
    return None


def counted(number: float, what: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "epoch"), counted(0.5, "second")
    ('1 epoch', '0.5 seconds')
    """
    shown = f"{number:g}" if isinstance(number, float) else number
    return f"{shown} {what}{'s' * (number != 1)}"


def stored_progress(state: Mapping[str, Any]) -> Progress:
    """Return the progress in what ``Trainer.state`` returned.

    Raises:
        AttributeError, LookupError, ValueError, msgspec.ValidationError: There is none, or it is
            not sound.
    """
    stored = state["progress"]
    if stored.keys() != asdict(Progress()).keys():
        raise ValueError("its progress has other fields")
    progress = msgspec.convert(stored, Progress)
    values = asdict(progress)
    if math.isnan(values.pop("best_nats")) or not all(0 <= v < math.inf for v in values.values()):
        raise ValueError("its progress is negative, infinite or no number")
    return progress
