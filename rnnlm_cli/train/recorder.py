"""Writes the files of a running training: models, states and the log."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import TrainingState
from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.model.origin import Origin
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.nn.cpu.threads import core_count
from rnnlm_cli.train.compatibility import digests
from rnnlm_cli.train.events import (
    Ended,
    EpochDone,
    Event,
    RolledBack,
    Sampled,
    StepDone,
    ValidationDone,
)
from rnnlm_cli.train.files import RunFiles
from rnnlm_cli.train.lock import RunLock
from rnnlm_cli.train.logs import Lengths, Logs
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.parallel import ALONE, Group
from rnnlm_cli.train.recovery import Recovery
from rnnlm_cli.train.sample import Sampler

LARGE_BYTES = 100_000_000
"""Files of this size take a noticeable time. By size, since events must not depend on the disk."""


class Recorder:
    """Writes a training's files, in an order such that a kill between any two loses nothing.

    Attributes:
        ended: Whether training has ended.
    """

    def __init__(
        self,
        config: Config,
        texts: TrainingTexts,
        trainer: Trainer,
        recovery: Recovery,
        lock: RunLock,
        logs: Logs,
        origin: Origin,
        begun: str,
        group: Group = ALONE,
    ) -> None:
        """Prepare; of several ranks only rank 0 writes, but all call the same methods."""
        self.ended = False
        self._config, self._texts = config, texts
        self._files = RunFiles.of(config)
        self._trainer, self._measure = trainer, trainer.epochs.measure
        self._recovery = recovery
        self._lock, self._logs, self._group = lock, logs, group
        self._origin, self._begun = origin, begun
        self._saved_at = time.monotonic()
        self._sampler = Sampler(config, texts, trainer.model)

    def begin(self, lengths: Lengths, new: bool, is_other_machine: bool = False) -> None:
        """Begin the logs, or continue them from the lengths in the state.

        A new training saves its state at once, so that a resume continues this training. An old
        model is kept until a new one replaces it.

        Args:
            lengths: Bytes of the logs that belong to the state.
            new: Whether the training starts.
            is_other_machine: Whether it is resumed with another engine, level or number of threads.
        """
        if new:
            self._begun = now()
            # first: if the disk is full, the old log is kept
            self.write_state(self._files.last, lengths)
        self._set_logs_back(lengths)
        if self._logs.lengths.log == 0:
            unit = self._config.corpus.unit
            start = {"date": self._begun or now(), **self._machine(), "unit": unit}
            self._write_line("start", start)
        elif is_other_machine:
            self._write_line("resume", {"step": self._trainer.progress.step, **self._machine()})
        if not self._recovery.can_use(self._trainer.progress.step):
            self._recovery.forget()
        if self._recovery.wanted and not self._recovery.has_state():
            self._save_rollback_state()

    def saves_long(self, event: Event) -> bool:
        """Whether recording an event saves a large model or state, which takes a while."""
        trainer = self._trainer
        copies = 1 + trainer.optimizer.arrays_per_parameter
        if copies * trainer.model.parameter_count * trainer.model.dtype.itemsize < LARGE_BYTES:
            return False
        if isinstance(event, StepDone):
            return trainer.settled and (self._recovery.is_due(event.step) or self._is_due())
        return isinstance(event, EpochDone | ValidationDone)

    def step(self, done: StepDone) -> None:
        """Log a step; save the states that are due."""
        if done.report is not None:
            self._lock.check()
            self._logs.report(done.report)
        for warning in done.warnings:
            place = {"step": done.step, "epoch": done.epoch}
            self._write_line("warning", {**place, "message": warning})
        if not self._trainer.settled:  # a due state is saved after the next average
            return
        if self._recovery.is_due(done.step):
            self._save_rollback_state()
        if self._is_due():
            self.save_state()

    def validated(self, done: EpochDone | ValidationDone) -> Sampled | None:
        """Log an epoch with its sample, or a validation; save the best model, and the state.

        The rollback state is written before the state to resume from: after a kill between the
        two, a resumed training repeats this step.
        """
        event = "epoch" if isinstance(done, EpochDone) else "validation"
        sampled = None
        with self._trainer.optimizer.final_weights():
            if isinstance(done, EpochDone) and self._sampler.is_due(done.record.epoch):
                sampled = self._sampler.draw(done.record.epoch)
            self._lock.check()
            model = self._trainer.model
            self._logs.validated(event, done.record, self._measure, done.seconds, model)
        if sampled is not None:
            self._lock.check()
            self._logs.sampled(sampled, self._trainer.progress.step)
        if done.record.best:
            with self._trainer.optimizer.final_weights():
                self._save(self._files.model, None)
        if self._recovery.wanted:
            self._save_rollback_state()
        self.save_state()
        return sampled

    def roll_back(self, error: DivergedError) -> RolledBack:
        """Return to the rollback state, or raise the error again.

        The state is saved before the logs are cut. It holds their lengths, so that after a kill
        between the two a resume cuts them.
        """
        event, lengths = self._recovery.go_back(error, self._trainer)
        self.write_state(self._files.last, lengths)
        self._saved_at = time.monotonic()
        self._set_logs_back(lengths)
        return event

    def end(self, ended: Ended) -> None:
        """Log the end; save a state from which training can continue with more epochs."""
        values = {
            "reason": ended.reason,
            "epochs": ended.epochs,
            "best_epoch": ended.best_epoch,
            "best_step": ended.best_step,
            self._measure.key("valid"): ended.valid,
            **self._measure.text_values(ended.valid_figures, "valid"),
            "seconds": ended.seconds,
            "checkpoint": ended.checkpoint,
            "date": now(),
        }
        self._write_line("end", values)
        self._recovery.forget()  # first: once training has ended, no run would remove it
        self.ended = True
        self.save_state()

    def _machine(self) -> dict[str, Any]:
        """Return what the figures depend on, besides the processor."""
        return {
            "engine": self._trainer.model.engine.name,
            "level": self._trainer.model.engine.level,
            "precision": self._config.training.precision,
            "threads": core_count(),
            **self._group.described(),
        }

    def _write_line(self, event: str, values: dict[str, Any]) -> None:
        """Write a line of the log, if this training still holds its files."""
        self._lock.check()
        self._logs.write(event, values)

    def save_state(self) -> None:
        """Save the state to resume from."""
        self.write_state(self._files.last, self._logs.lengths)
        self._saved_at = time.monotonic()

    def write_state(self, path: str, lengths: Lengths) -> None:
        """Save a state, with the lengths to which a resume cuts the logs."""
        self._trainer.check_weights()
        state = TrainingState(
            step=self._trainer.progress.step,
            trainer=self._trainer.state(),
            texts=digests(self._texts),
            log_length=lengths.log,
            events_length=lengths.events,
            ended=self.ended,
            engine=self._trainer.model.engine.name,
            level=self._trainer.model.engine.level,
            threads=core_count(),
            ranks=self._group.size,
            rollbacks=self._recovery.rollbacks,
            unlogged_rollbacks=len(self._recovery.unlogged),
            begun=self._begun,
        )
        self._lock.check()
        self._logs.check()
        self._save(path, state)

    def _is_due(self) -> bool:
        """Whether the state has not been saved for a while, or the clock went back since."""
        passed = time.monotonic() - self._saved_at
        due = not 0 <= passed < self._config.checkpoint.every_seconds
        return self._group.any(due and self._group.leads)

    def _save_rollback_state(self) -> None:
        self.write_state(self._files.rollback, self._logs.lengths)

    def _set_logs_back(self, lengths: Lengths) -> None:
        """Cut the logs, then write the missing lines about rollbacks."""
        self._logs.cut(lengths)
        for lost in self._recovery.unlogged:
            self._logs.write("rollback", lost)
        self._recovery.logged()

    def _save(self, path: str, state: TrainingState | None) -> None:
        """Write a model or a state, if this training still holds its files."""
        trainer, texts = self._trainer, self._texts
        history = trainer.epochs.history
        model = TrainedNetwork(
            self._config,
            texts.codec,
            texts.vocabulary,
            trainer.model,
            history,
            self._origin,
            texts.labels,
        )
        self._lock.check()
        if self._group.leads:
            checkpoint.save(path, model, state)
        self._lock.wrote()


def now() -> str:
    """Return date and time in UTC: ``2026-11-26T18:18:06Z``."""
    return f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
