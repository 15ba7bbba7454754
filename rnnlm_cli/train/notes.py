"""Notes for the user before a training runs: on its device, and what a resume changes."""

from __future__ import annotations

import os

from rnnlm_cli.checkpoint import TrainingState
from rnnlm_cli.config import Config, Mark, keys_marked
from rnnlm_cli.nn.cpu.threads import core_count
from rnnlm_cli.nn.device import why_none
from rnnlm_cli.nn.engines.base import Engine
from rnnlm_cli.nn.engines.cuda import Cuda
from rnnlm_cli.train.compatibility import changed_keys
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.progress import Progress, total_steps
from rnnlm_cli.train.schedules import Place, learning_rate


def device_notes(config: Config, engine: Engine, before: str = "") -> list[str]:
    """Return a line on where ``training.device: auto`` trains, and why; none for other devices.

    Args:
        config: Of the training.
        engine: What runs it.
        before: The name of the engine that a resumed training had.
    """
    if config.training.device != "auto":
        return []
    if engine.name == Cuda.name:
        return [f"training.device auto: the CUDA device {engine.level}"]
    if config.cpu_only is not None:
        why = f"a model with {config.cpu_only} runs there only"
    elif (missing := why_none()) is not None:
        why = f"there is no CUDA device ({missing})"
    elif before not in ("", Cuda.name):
        why = "it was trained there before; training.device: cuda moves it to the device"
    else:
        why = f"the engine is {engine.name}"
    return [f"training.device auto: the CPU, because {why}"]


def resume_notes(
    log: str, stored: Config, config: Config, state: TrainingState, trainer: Trainer
) -> list[str]:
    """Return one line for each relevant change since the saved state.

    Args:
        log: The log's path.
        stored: The saved configuration.
        config: The new configuration.
        state: The saved state.
        trainer: The trainer that resumes from it.
    """
    notes: list[str | None] = [short_log(log, state)]
    if trainer.end_reason is None:
        rate = changed_rate(stored, config, trainer.progress, len(trainer.blocks))
        notes = [*rounding_notes(stored, config, state, trainer), rate, *notes]
    return [line for line in notes if line]


def rounding_notes(
    stored: Config, config: Config, state: TrainingState, trainer: Trainer
) -> list[str]:
    """Return a line for each allowed change that makes figures differ by rounding.

    The engine, its level and the threads of the state are compared with those of now. A state of a
    version that did not record them leaves only the configurations.
    """
    changes = machine_changes(state, trainer) if state.engine else told_changes(stored, config)
    return [
        f"{said}; figures differ by rounding from a run that was never stopped" for said in changes
    ]


def told_changes(stored: Config, config: Config) -> list[str]:
    """Return the differences of keys that may change with a note."""
    told = keys_marked(Mark.TOLD_ON_RESUME)
    return [said for key, said in changed_keys(stored, config).items() if key in told]


def machine_changes(state: TrainingState, trainer: Trainer) -> list[str]:
    """Return how engine, its level, threads and ranks differ from those that computed a state."""
    engine = trainer.model.engine
    pairs = {
        "training.engine": (state.engine, engine.name),
        "the level of training.engine": (state.level, engine.level),
        "training.threads": (state.threads, core_count()),
        "the number of ranks": (state.ranks, trainer.ranks),
    }
    if state.engine != engine.name or state.level == "":
        del pairs["the level of training.engine"]
    return [f"{name} was {old} and is {new}" for name, (old, new) in pairs.items() if old != new]


def changed_rate(stored: Config, config: Config, progress: Progress, blocks: int) -> str | None:
    """Report how a changed number of epochs or steps changes the learning rate of the next step.

    Args:
        stored: The saved configuration.
        config: The new configuration.
        progress: How far training is.
        blocks: Steps per epoch.

    Returns:
        A line with both rates; ``None`` if the rate is the same.
    """
    training = config.training

    def rate(step: int, steps: int) -> float:
        place = Place(step, steps, progress.bad_epochs)
        rate = learning_rate(training.optimizer.learning_rate, training.schedule, place)
        return rate * progress.rate_factor

    # a finished training had no next step, so its last step is compared
    steps = total_steps(stored.training, blocks)
    before = rate(min(progress.step, steps - 1), steps)
    now = rate(progress.step, total_steps(training, blocks))
    if before == now:
        return None
    kind = training.schedule.__struct_config__.tag
    lengths = ("training.epochs", "training.max_steps")
    changes = [said for key, said in changed_keys(stored, config).items() if key in lengths]
    return (
        f"{', '.join(changes)}: with training.schedule {kind} the "
        f"next step's learning rate is {now:g} instead of {before:g}"
    )


def short_log(path: str, state: TrainingState) -> str | None:
    """Report a log that is shorter than when the state was saved; else return ``None``."""
    length = os.path.getsize(path) if os.path.exists(path) else 0
    if length >= state.log_length:
        return None
    return (
        f"{path}: has {length:,} of the {state.log_length:,} bytes that were written until step "
        f"{state.step:,}; the lines in between are missing from it"
    )
