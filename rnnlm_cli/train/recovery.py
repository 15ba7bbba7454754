"""What happens when training diverges: it ends, or rolls back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint import TrainingState
from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.train.compatibility import check_same_text, load_state
from rnnlm_cli.train.events import RolledBack
from rnnlm_cli.train.files import RunFiles
from rnnlm_cli.train.group import ALONE, Group
from rnnlm_cli.train.logs import Lengths
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.stored import read_once, sound_state

MOST_ROLLBACKS = 20
"""After 20 halvings the learning rate is a millionth of the first, and cannot be the cause."""

ROLLBACK_STEPS = 1000
"""Rollback states are saved at the beginning, at validations and epochs' ends, and every n steps,
never by wall clock, so that runs are reproducible."""


class Recovery:
    """The policy of ``training.on_nan``.

    ``stop``: divergence ends the training. ``rollback``: training returns to the saved rollback
    state, with half the learning rate, at most ``MOST_ROLLBACKS`` times. The log is cut back to the
    same step, except for its lines about rollbacks, which are written again after the cut.

    Attributes:
        path: The file of the rollback state.
        wanted: Whether rollbacks are enabled.
        rollbacks: All rollbacks so far, as in the log.
    """

    def __init__(
        self,
        config: Config,
        texts: TrainingTexts,
        rollbacks: Sequence[dict[str, Any]] = (),
        unlogged: int = 0,
        group: Group = ALONE,
    ) -> None:
        """Prepare for a divergence.

        Args:
            config: The training's configuration.
            texts: The training's texts.
            rollbacks: Earlier rollbacks of a resumed training.
            unlogged: How many of them, the last ones, are missing from the log after its cut.
            group: The ranks; rank 0 has the files.
        """
        self.path = RunFiles.of(config).rollback
        self.wanted = config.training.on_nan == "rollback"
        self.rollbacks = list(rollbacks)
        self._unlogged = min(unlogged, len(self.rollbacks))
        self._config = config
        self._texts, self._group = texts, group

    def is_due(self, step: int) -> bool:
        """Whether a rollback state must be saved after a step within an epoch."""
        return self.wanted and step % ROLLBACK_STEPS == 0

    def has_state(self) -> bool:
        """Whether a rollback state exists."""
        return self._group.first(lambda: os.path.exists(self.path))

    def can_use(self, step: int) -> bool:
        """Whether an existing rollback state is usable by a training that resumes after ``step``.

        Otherwise it belongs to an earlier training, or rollbacks are off and it will be outdated.
        """
        return self.wanted and step > 0

    def load(self) -> tuple[TrainedNetwork, TrainingState]:
        """Read the rollback state.

        Raises:
            UsageError: It belongs to another training, or is missing.
            CheckpointError: It is damaged.
        """
        stored, state = read_once(self._group, lambda: load_state(self.path, self._config))
        check_same_text(self.path, state.texts, self._texts)
        return stored, state

    def go_back(self, error: DivergedError, trainer: Trainer) -> tuple[RolledBack, Lengths]:
        """Roll a training back; return the event, and the logs' lengths at the rollback state.

        Raises:
            DivergedError: Rollbacks are off, or there were ``MOST_ROLLBACKS`` already.
            UsageError, CheckpointError: The state cannot be read.
        """
        if not self.wanted:
            raise error
        if len(self.rollbacks) == MOST_ROLLBACKS:
            raise DivergedError(f"{error}; training already rolled back {MOST_ROLLBACKS} times")
        stored, state = self.load()
        before = trainer.progress
        with sound_state(self.path):
            trainer.restore(state.trainer, stored.history)
            for name, param in trainer.model.params.items():
                param.assign(stored.network.params[name].weights)
        progress = trainer.progress
        progress.rate_factor = before.rate_factor / 2
        progress.seconds = progress.report_seconds = before.seconds  # time spent is not undone
        event = RolledBack(progress.epoch + 1, progress.step, str(error), progress.rate_factor)
        self.rollbacks.append(asdict(event))
        self._unlogged = len(self.rollbacks) - len(state.rollbacks)
        return event, Lengths.of(state)

    @property
    def unlogged(self) -> list[dict[str, Any]]:
        """The rollbacks that are missing from the log."""
        return self.rollbacks[len(self.rollbacks) - self._unlogged :]

    def logged(self) -> None:
        """Mark all rollbacks as written to the log."""
        self._unlogged = 0

    def forget(self) -> None:
        """Remove the rollback state."""
        if self._group.leads:
            Path(self.path).unlink(missing_ok=True)
