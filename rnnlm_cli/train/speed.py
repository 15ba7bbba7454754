"""How long a training takes on this machine: a few of its steps, whose results are dropped."""

from __future__ import annotations

import contextlib
import time

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.data.streams import TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.networks import engine_of, random_network
from rnnlm_cli.nn.device import rounded_factors
from rnnlm_cli.system.memory import physical_memory
from rnnlm_cli.tasks import Task, task_of
from rnnlm_cli.train.blocks import trainer_of, validation_blocks
from rnnlm_cli.train.events import StepDone
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.memory import estimate
from rnnlm_cli.train.poll import Stopped
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.time_left import Pace, seconds_left

MOST_SECONDS = 2.0
"""Of training, and as much again of validation."""

MOST_BLOCKS = 100
"""This number is enough; those of a small model take milliseconds."""


class Stopwatch:
    """Times the blocks of a pass over a text, and ends the pass when it knows enough."""

    def __init__(self, seconds: float) -> None:
        """Begin.

        Args:
            seconds: When to end, after at least one block.
        """
        self._seconds = seconds
        self._ends = [time.monotonic()]

    def block(self) -> None:
        """Take the time at a block's end.

        Raises:
            Stopped: It is enough.
        """
        self._ends.append(time.monotonic())
        if self._ends[-1] - self._ends[0] >= self._seconds or len(self._ends) > MOST_BLOCKS:
            raise Stopped

    @property
    def mean(self) -> float | None:
        """Mean seconds per block; the first, which is slower, only counts if it is the only one."""
        ends = self._ends[1:] if len(self._ends) > 2 else self._ends
        return (ends[-1] - ends[0]) / (len(ends) - 1) if len(ends) > 1 else None


def measured_trainer(
    config: Config, texts: TrainingTexts, seconds: float = MOST_SECONDS
) -> tuple[Trainer, float | None]:
    """Train a new network for a few seconds.

    Args:
        config: The training.
        texts: Its texts.
        seconds: When to end, after at least one step.

    Returns:
        The trainer after its last step, and the mean seconds of one; ``None`` if the training
        diverges at once.

    Raises:
        CorpusError: A text is too short for its streams.
    """
    training = config.training
    rng = np.random.default_rng([training.seed, 0])
    how = training.dtype, engine_of(config)
    model = random_network(config, len(texts.vocabulary), len(texts.labels), rng, *how)
    trainer = trainer_of(config, texts, model)
    watch = Stopwatch(seconds)
    with contextlib.suppress(DivergedError, Stopped), rounded_factors(training.precision):
        for event in trainer.run():
            if isinstance(event, StepDone):
                watch.block()
    return trainer, watch.mean


def measured_pace(config: Config, texts: TrainingTexts, seconds: float = MOST_SECONDS) -> Pace:
    """Train and validate a new network for a few seconds.

    Args:
        config: The training.
        texts: Its texts.
        seconds: Most seconds to train, and to validate; at least one block is read of each.

    Returns:
        The times of a step and of both kinds of validation. If the training diverges at once,
        nothing is known.

    Raises:
        CorpusError: A text is too short for its streams.
    """
    (trainer, mean), pace = measured_trainer(config, texts, seconds), Pace()
    model = trainer.model
    if mean is not None:
        pace.stepped(mean)
    if texts.valid is not None:
        task = task_of(config)
        within, exact = (validation_blocks(config, texts, exact) for exact in (False, True))
        with rounded_factors(config.training.precision):
            pace.epoch_end = _validation_seconds(task, model, within, seconds / 2)
        pace.final = _validation_seconds(task, model, exact, seconds / 2)
    return pace


def expected_seconds(session: Session) -> float | None:
    """Return how long a prepared training will take, measured in a few seconds of it.

    Returns:
        Seconds; ``None`` if it would take more than half the memory to find out, or the training
        diverges at once.
    """
    if 2e6 * estimate(session).megabytes > physical_memory():
        return None
    config, progress = session.config, session.trainer.progress
    pace = measured_pace(config, session.texts)
    return seconds_left(config.training, progress, len(session.blocks), pace)


def _validation_seconds(task: Task, model: Network, blocks: TextBlocks, seconds: float) -> float:
    """Return the time of a whole validation, from its first blocks."""
    watch = Stopwatch(seconds)
    with contextlib.suppress(Stopped):
        task.loss(model, blocks, watch.block)
    return (watch.mean or 0.0) * len(blocks)
