"""What becomes of a training that has diverged: the end, or a rollback."""

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
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.train.compatibility import check_same_text, load_state
from rnnlm_cli.train.events import RolledBack
from rnnlm_cli.train.files import RunFiles
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.stored import sound_state

MOST_ROLLBACKS = 20
"""After so many the learning rate is a millionth of what it was, and cannot be the cause."""

ROLLBACK_STEPS = 1000
"""A state to go back to is kept at the beginning, at the end of each epoch and after each so many
steps: never when the clock says so, for then no training could be repeated."""


class Recovery:
    """The policy of ``training.on_nan``.

    ``stop``: what has diverged ends. ``rollback``: it goes back to a state that was kept for this,
    with half the learning rate, at most ``MOST_ROLLBACKS`` times. The log is cut back with it, but
    for its lines about rollbacks, which are written again after the cut.

    Attributes:
        path: Where the state to go back to is kept.
        wanted: Whether there are rollbacks.
        rollbacks: All there were, as the log has them.
    """

    def __init__(
        self,
        config: Config,
        texts: TrainingTexts,
        rollbacks: Sequence[dict[str, Any]] = (),
        unlogged: int = 0,
    ) -> None:
        """Prepare for a divergence.

        Args:
            config: The training's.
            texts: The training's.
            rollbacks: Those of a training that goes on.
            unlogged: Of them, the last so many, which a log lacks that is cut as its state says.
        """
        self.path = RunFiles.of(config).rollback
        self.wanted = config.training.on_nan == "rollback"
        self.rollbacks = list(rollbacks)
        self._unlogged = min(unlogged, len(self.rollbacks))
        self._config = config
        self._texts = texts

    def is_due(self, step: int) -> bool:
        """Whether a state is to be kept after a step within an epoch."""
        return self.wanted and step % ROLLBACK_STEPS == 0

    def has_state(self) -> bool:
        """Whether there is a state to go back to."""
        return os.path.exists(self.path)

    def can_use(self, step: int) -> bool:
        """Whether a state from before is of use to a training that goes on after a step.

        Else it is that of a training that was here before, or one that will be out of date.
        """
        return self.wanted and step > 0

    def load(self) -> tuple[TrainedModel, TrainingState]:
        """Read the state to go back to.

        Raises:
            UsageError: It is that of another training, or missing.
            CheckpointError: It is damaged.
        """
        stored, state = load_state(self.path, self._config)
        check_same_text(self.path, state.texts, self._texts)
        return stored, state

    def go_back(self, error: DivergedError, trainer: Trainer) -> tuple[RolledBack, int]:
        """Set a training back; return what happened, and the length that the log had then.

        Raises:
            DivergedError: There is no rollback, or there were too many.
            UsageError, CheckpointError: The state cannot be read.
        """
        if not self.wanted:
            raise error
        if len(self.rollbacks) == MOST_ROLLBACKS:
            raise DivergedError(f"{error}; training went back {MOST_ROLLBACKS} times already")
        stored, state = self.load()
        before = trainer.progress
        with sound_state(self.path):
            trainer.restore(state.trainer, stored.history)
            for name, param in trainer.model.params.items():
                param.value[...] = stored.network.params[name].value
        progress = trainer.progress
        progress.rate_factor = before.rate_factor / 2
        progress.seconds = progress.report_seconds = before.seconds  # spent all the same
        event = RolledBack(progress.epoch + 1, progress.step, str(error), progress.rate_factor)
        self.rollbacks.append(asdict(event))
        self._unlogged = len(self.rollbacks) - len(state.rollbacks)
        return event, state.log_length

    @property
    def unlogged(self) -> list[dict[str, Any]]:
        """The rollbacks that the log lacks."""
        return self.rollbacks[len(self.rollbacks) - self._unlogged :]

    def logged(self) -> None:
        """Take notice that the log has all of them."""
        self._unlogged = 0

    def forget(self) -> None:
        """Remove the state to go back to."""
        Path(self.path).unlink(missing_ok=True)
