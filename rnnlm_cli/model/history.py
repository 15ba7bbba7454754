"""The history of a model's training."""

from __future__ import annotations

import msgspec


class EpochRecord(msgspec.Struct, frozen=True):
    """One epoch in the history, without times, so that equal trainings give equal files.

    Files store both measures under older names, from when perplexity was the only one.
    """

    epoch: int
    part: float  # 1, or less if time was up
    train: float = msgspec.field(name="train_perplexity")  # over the epoch, during training
    valid: float | None = msgspec.field(name="valid_perplexity")
    learning_rate: float  # of the last step
    best: bool  # whether this is the best model so far; always true without a validation text
