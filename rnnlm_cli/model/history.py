"""The history of a model's training."""

from __future__ import annotations

import msgspec


class EpochRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """The end of an epoch, or a validation within one.

    It has no times, so that equal trainings give equal files. Files store both measures under older
    names, from when perplexity was the only one.
    """

    epoch: int
    part: float  # of the epoch: 1, or less at a validation within it or if time was up
    train: float = msgspec.field(name="train_perplexity")  # of the epoch so far, during training
    valid: float | None = msgspec.field(name="valid_perplexity")
    learning_rate: float  # of the last step
    best: bool  # whether this is the best model so far; always true without a validation text
    step: int | None = None  # of all epochs; None in files of versions that did not record it
