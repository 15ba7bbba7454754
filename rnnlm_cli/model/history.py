"""What a model knows of how it was trained."""

from __future__ import annotations

import msgspec


class EpochRecord(msgspec.Struct, frozen=True):
    """What the history keeps of an epoch: no clock, so that equal trainings give equal files."""

    epoch: int
    part: float  # 1, or less where time was up
    train_perplexity: float
    valid_perplexity: float | None
    learning_rate: float
    best: bool
