"""What a model knows of how it was trained."""

from __future__ import annotations

import msgspec


class EpochRecord(msgspec.Struct, frozen=True):
    """What the history keeps of an epoch: no clock, so that equal trainings give equal files.

    Files have its figures under the names of before there were other measures than perplexity.
    """

    epoch: int
    part: float  # 1, or less where time was up
    train: float = msgspec.field(name="train_perplexity")  # over the epoch, while it was learned
    valid: float | None = msgspec.field(name="valid_perplexity")
    learning_rate: float  # of the last step
    best: bool  # the best model so far, or there is no validation text
