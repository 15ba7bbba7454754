"""How long a training will still take, from how long its parts have taken so far."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.train.progress import Progress, total_steps, validations_per_epoch

REMEMBERED_SECONDS = 60.0
"""Time constant of the mean step: a machine can become slower or faster."""


@dataclass
class Pace:
    """Measured times of one run of a training.

    Attributes:
        validation_share: Tokens of the validation text over those of the training text; 0 if there
            is none. Before the first validation each of its tokens is expected to take as long as
            one of the training text.
        epoch_end: Seconds from an epoch's last step to the next epoch; ``None`` before the first.
        final: Seconds of the exact validation at the very end, as far as it is known.
    """

    validation_share: float = 0.0
    epoch_end: float | None = None
    final: float | None = None
    _seconds: float = 0.0
    _steps: float = 0.0

    def stepped(self, seconds: float) -> None:
        """Take in the time of one step."""
        kept = math.exp(-max(seconds, 0.0) / REMEMBERED_SECONDS)
        self._seconds = kept * self._seconds + max(seconds, 0.0)
        self._steps = kept * self._steps + 1

    @property
    def step(self) -> float | None:
        """Mean seconds per step, recent ones above all; ``None`` before the first."""
        return self._seconds / self._steps if self._steps else None

    def validation(self, blocks: int, final: bool) -> float:
        """Return the expected seconds of a validation; 0 where nothing is known.

        Args:
            blocks: Steps per epoch.
            final: Whether it is the exact one at the very end.
        """
        known = self.final if final else self.epoch_end
        return self.validation_share * blocks * (self.step or 0.0) if known is None else known


def seconds_left(
    training: TrainingConfig,
    progress: Progress,
    blocks: int,
    pace: Pace,
    *,
    validated: float = 0.0,
    final: bool = False,
) -> float | None:
    """Estimate the time until a training ends, with all its validations.

    ``training.epochs``, ``max_steps`` and ``max_seconds`` end it, whichever is first. What was
    trained of the last epoch is validated. At the very end the best model is validated
    exactly. Whether ``training.patience`` ends it before cannot be known.

    Args:
        training: The limits.
        progress: How far it is.
        blocks: Steps per epoch.
        pace: Measured times.
        validated: Finished part of the validation that is running, 0 to 1.
        final: Whether that is the last, exact one.

    Returns:
        Seconds; ``None`` before the first step.
    """
    step = pace.step
    if step is None:
        return None
    at_the_end = pace.validation(blocks, final=True)
    if final:
        return (1 - validated) * at_the_end
    epoch_end = pace.validation(blocks, final=False)
    left = (total_steps(training, blocks) - progress.step) * step
    left += _validations(training, progress, blocks) * epoch_end
    if training.max_seconds is not None:
        # the validation after the limit counts, unless the limit is reached during one
        left = min(left, max(training.max_seconds - progress.seconds, 0.0) + epoch_end)
    return max(left - validated * epoch_end, 0.0) + at_the_end


def _validations(training: TrainingConfig, progress: Progress, blocks: int) -> int:
    """Return how many validations are left, with the one that is running."""
    every = training.validate_every
    in_this_epoch = 0 if every is None else progress.validated_block // every
    epochs = math.ceil(total_steps(training, blocks) / blocks) - progress.epoch
    return epochs * validations_per_epoch(every, blocks) - in_this_epoch
