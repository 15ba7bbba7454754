"""A validation, at an epoch's end or within it: the loss, its rank, the record."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.evaluate.perplexity import mean_figures
from rnnlm_cli.model.history import EpochRecord, TextFigures
from rnnlm_cli.text.target_sizes import TextSize
from rnnlm_cli.train.guard import Guard
from rnnlm_cli.train.optimizers import AnyOptimizer
from rnnlm_cli.train.poll import Poll
from rnnlm_cli.train.progress import Progress, validates_after


class TextSizes(NamedTuple):
    """The sizes of the targets of a training's texts."""

    train: TextSize
    valid: TextSize | None


Validate = Callable[[Poll], float]
"""Returns the mean loss on the validation text; calls the poll between blocks."""


class Epochs:
    """Validates and ranks, and keeps the history.

    Attributes:
        measure: The figure that is reported.
        validate: Returns the mean loss by which models are ranked; if None, the last is the best.
        history: One record per epoch, and one per validation within it.
    """

    def __init__(
        self,
        optimizer: AnyOptimizer,
        guard: Guard,
        measure: Measure,
        validate: Validate | None,
        sizes: TextSizes | None = None,
    ) -> None:
        self.measure = measure
        self.validate = validate
        self.history: list[EpochRecord] = []
        self._optimizer = optimizer
        self._guard = guard
        self._sizes = sizes if measure.of_text else None

    def finish(
        self,
        progress: Progress,
        blocks: int,
        rate: float,
        poll: Poll,
        validate_every: int | None = None,
    ) -> EpochRecord:
        """Validate and record the epoch, or the part of it that is finished.

        Args:
            progress: The progress after all or some blocks of the epoch; its rank is updated.
            blocks: Blocks of a whole epoch.
            rate: The learning rate of the last step.
            poll: Called during validation.
            validate_every: Steps between two validations, if there are any within an epoch.

        Raises:
            DivergedError: The validation loss or a weight is not finite; nothing has changed.
        """
        mean = self._validated(progress, poll)
        whole = progress.block == blocks
        due = whole or validates_after(validate_every, progress.block, blocks)
        best = self._rank(progress, mean, due)
        record = EpochRecord(
            epoch=progress.epoch + 1,
            part=progress.block / blocks,
            train=self.measure.of_training.figure(progress.epoch_nats, progress.epoch_tokens),
            valid=None if mean is None else self.measure.figure(mean),
            learning_rate=rate,
            best=best,
            step=progress.step,
            train_figures=_figures(
                progress.epoch_nats / progress.epoch_tokens, self._sizes and self._sizes.train
            ),
            valid_figures=_figures(mean, self._sizes and self._sizes.valid),
        )
        last = self.history[-1] if self.history else None
        if last and last.epoch == record.epoch and validate_every is None:  # a limit had ended it
            self.history.pop()
        self.history.append(record)
        progress.validated_block = progress.block
        return record

    def _validated(self, progress: Progress, poll: Poll) -> float | None:
        """Return the mean validation loss of the weights to be saved; None without a text."""
        place = f"epoch {progress.epoch + 1}, after step {progress.step}"
        with self._optimizer.final_weights():
            mean = None if self.validate is None else self.validate(poll)
            self._guard.check_weights(place)
        if mean is not None:
            self._guard.check_validation(place, mean)
        return mean

    def _rank(self, progress: Progress, mean: float | None, due: bool) -> bool:
        """Update the rank from a validation; return whether the model is kept as the best so far.

        The schedule, the optimizer and ``training.patience`` count whole epochs and the validations
        that are due within them, but not one that a limit on steps or time causes.
        """
        improves = mean is None or self.measure.improves(mean, progress.best_nats)
        best = improves or (mean is not None and self.measure.ties(mean, progress.best_nats))
        if best:
            progress.best_epoch = progress.epoch + 1
            progress.best_nats = math.inf if mean is None else mean
        if due:
            if mean is not None:
                self._optimizer.validated(mean)
            progress.bad_epochs += not improves
            progress.bad_epochs_in_a_row = 0 if improves else progress.bad_epochs_in_a_row + 1
        return best


def _figures(mean: float | None, size: TextSize | None) -> TextFigures | None:
    """Return a mean loss per unit of a text; ``None`` without a loss or a size."""
    return None if mean is None or size is None else mean_figures(mean, size)
