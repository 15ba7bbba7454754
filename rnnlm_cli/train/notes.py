"""What a user is told when a training is resumed."""

from __future__ import annotations

import os

from rnnlm_cli.checkpoint import TrainingState
from rnnlm_cli.config import Config, Mark, keys_marked
from rnnlm_cli.nn.cpu.threads import core_count
from rnnlm_cli.train.compatibility import changed_keys
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
    notes: list[str | None] = [short_log(log, state)]
    if trainer.end_reason is None:
        rate = changed_rate(stored, config, trainer.progress, len(trainer.blocks))
        notes = [*rounding_notes(stored, config, state, trainer), rate, *notes]
    return [line for line in notes if line]


def rounding_notes(
    stored: Config, config: Config, state: TrainingState, trainer: Trainer
) -> list[str]:
    """Name each allowed change after which figures differ by rounding.

    What computed the figures counts, whatever the configurations say; a state from before that was
    recorded leaves only these.
    """
    if state.engine:
        changes = machine_changes(state, trainer)
    else:
        told = keys_marked(Mark.TOLD_ON_RESUME)
        changes = [said for key, said in changed_keys(stored, config).items() if key in told]
    return [
        f"{said}; figures differ by rounding from a run that was never stopped" for said in changes
    ]


def machine_changes(state: TrainingState, trainer: Trainer) -> list[str]:
    """Say how engine and threads differ from those that computed a state."""
    now = {"engine": trainer.model.engine.name, "threads": core_count()}
    return [
        f"training.{name} was {getattr(state, name)} and is {value}"
        for name, value in now.items()
        if getattr(state, name) != value
    ]


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
