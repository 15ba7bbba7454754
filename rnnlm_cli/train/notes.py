"""What a user is told when a training is resumed."""

from __future__ import annotations

import os

from rnnlm_cli.checkpoint import TrainingState
from rnnlm_cli.config import Config
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.progress import Progress
from rnnlm_cli.train.schedules import Place, learning_rate


def resume_notes(
    log: str, stored: Config, config: Config, state: TrainingState, trainer: Trainer
) -> list[str]:
    """Return a line for each thing that is not as it was.

    Args:
        log: The log's path.
        stored: The configuration until now.
        config: The one from here on.
        state: What the training goes on from.
        trainer: What goes on.
    """
    over = trainer.end_reason is not None
    rate = None if over else changed_rate(stored, config, trainer.progress, len(trainer.blocks))
    return [line for line in (rate, short_log(log, state)) if line]


def changed_rate(stored: Config, config: Config, progress: Progress, blocks: int) -> str | None:
    """Say how another number of epochs changes the learning rate of the next step.

    Args:
        stored: The configuration until now.
        config: The one from here on.
        progress: How far training is.
        blocks: Steps of an epoch.

    Returns:
        A line with both rates; ``None`` where the schedule does not depend on the epochs.
    """
    training, epochs = config.training, stored.training.epochs

    def rate(step: int, epochs: int) -> float:
        place = Place(step, epochs * blocks, progress.bad_epochs)
        rate = learning_rate(training.optimizer.learning_rate, training.schedule, place)
        return rate * progress.rate_factor

    # a training that was finished had no next step; its last one is what compares
    before = rate(min(progress.step, epochs * blocks - 1), epochs)
    now = rate(progress.step, training.epochs)
    if before == now:
        return None
    kind = training.schedule.__struct_config__.tag
    return (
        f"training.epochs was {epochs} and is {training.epochs}: with training.schedule {kind} the "
        f"next step's learning rate is {now:g} instead of {before:g}"
    )


def short_log(path: str, state: TrainingState) -> str | None:
    """Say that a log lacks lines that were written before the state was saved, if it does."""
    length = os.path.getsize(path) if os.path.exists(path) else 0
    if length >= state.log_length:
        return None
    return (
        f"{path}: has {length:,} of the {state.log_length:,} bytes that were written until step "
        f"{state.step:,}; the lines in between are missing from it"
    )
