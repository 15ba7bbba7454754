"""A whole training: texts in; model, state and log on disk."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import SavedModel, TrainingState
from rnnlm_cli.config import Config
from rnnlm_cli.config.schema import TrainingConfig
from rnnlm_cli.data.lines import LineBlocks
from rnnlm_cli.data.streams import Blocks, TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.errors import NotFiniteError
from rnnlm_cli.evaluate.perplexity import evaluation_blocks, mean_nats, perplexity
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.train.events import (
    Ended,
    EpochDone,
    Event,
    LogRestored,
    NotExclusive,
    RolledBack,
    StepDone,
    Validating,
)
from rnnlm_cli.train.files import RunFiles, Seen
from rnnlm_cli.train.lock import RunLock
from rnnlm_cli.train.log import Log
from rnnlm_cli.train.resume import check_resumable, check_same_text, sound_state, training_state
from rnnlm_cli.train.trainer import Trainer

MOST_ROLLBACKS = 20
"""After so many the learning rate is a millionth of what it was, and cannot be the cause."""

ROLLBACK_STEPS = 1000
"""A state to go back to is kept each epoch and each so many steps: never when the clock says so,
for then no training could be repeated."""


class Stopped(Exception):  # noqa: N818 (no error)
    """Somebody asked training to stop; the state has been saved."""


class Run:
    """A training that saves its models, its state and its log as it goes.

    Attributes:
        config: The effective configuration.
        files: Where it writes.
        texts: What it reads.
        model: The network that learns.
        trainer: The loop.
        resumed: Whether it goes on from a saved state.
        notes: What a user should know before it begins, a line each.
        seen: The model and the state that were there before the texts were read, where nobody else
            may have written them since.
        poll: Called between blocks, in validation too; it may raise ``Stopped``.
    """

    def __init__(self, config: Config, texts: TrainingTexts, model: Rnnlm) -> None:
        """Prepare a training from the beginning.

        Raises:
            CorpusError: A text is too short for its streams.
        """
        training = config.training
        self.config = config
        self.files = RunFiles.of(config)
        self.texts = texts
        self.model = model
        self.resumed = False
        self.notes: list[str] = []
        self.seen: Seen | None = None
        self.poll: Callable[[], None] = lambda: None
        self.blocks = self._training_blocks()
        if texts.valid is None:
            self.trainer = Trainer(model, self.blocks, training)
        else:
            streams = validation_streams(len(texts.valid), training)
            self._valid_blocks = evaluation_blocks(texts.valid, streams, self._end_of_line)
            self.trainer = Trainer(model, self.blocks, training, self._validate)
        self._log_length = 0
        self._rollbacks: list[dict[str, Any]] = []  # as the log has them
        self._unlogged = 0  # of them, the last so many, which come after the log's length
        self._log: Log | None = None
        self._lock: RunLock | None = None
        self._ended = False
        self._saved_at = time.monotonic()

    def events(self) -> Iterator[Event]:
        """Train; hand on what happens once it is on disk.

        Raises:
            Stopped: ``poll`` raised it; the state is saved.
            NotFiniteError: Training has diverged; what was saved before still is.
            UsageError: Another training writes the same files, or has written them meanwhile.
            OSError: Something could not be written; what was saved before still is.
        """
        Path(self.files.model).parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            self._lock = stack.enter_context(contextlib.closing(RunLock(self.files, self.seen)))
            log = Log(self.files.log, self.config.model.measure)
            self._log = stack.enter_context(contextlib.closing(log))
            self._begin()
            if not self._lock.excludes:
                yield NotExclusive(self.files.model)
            try:
                while True:
                    try:
                        yield from self._train()
                        break
                    except NotFiniteError as error:
                        yield self._roll_back(error)
                if self.texts.valid is not None:
                    yield Validating(final=True)
                yield self._end()
            except Stopped:
                self._save_state()
                raise

    def _train(self) -> Iterator[Event]:
        for event in self.trainer.run():
            if not isinstance(event, Validating):
                self._record(event)
            if self._log_file.restored:
                self._log_file.restored = False
                yield LogRestored(self.files.log)
            yield event
            self._poll()

    def _roll_back(self, error: NotFiniteError) -> RolledBack:
        """Go back to the state kept for it, with half the learning rate; or raise the error again.

        The log goes back too, but for its lines about rollbacks. The state is saved first: it says
        what the log has to be, so that a resume does what a kill in between has left undone.
        """
        if not self._may_roll_back:
            raise error
        if len(self._rollbacks) == MOST_ROLLBACKS:
            raise NotFiniteError(f"{error}; training went back {MOST_ROLLBACKS} times already")
        stored, state = self._rollback_state()
        factor, seconds = self.trainer.progress.rate_factor / 2, self.trainer.progress.seconds
        with sound_state(self.files.rollback):
            self.trainer.restore(state.trainer, stored.history)
            for name, param in self.model.params.items():
                param.value[...] = stored.model.params[name].value
        progress = self.trainer.progress
        progress.rate_factor = factor
        progress.seconds = progress.report_seconds = seconds  # spent all the same
        event = RolledBack(progress.epoch + 1, progress.step, str(error), factor)
        self._rollbacks.append(asdict(event))
        self._log_length = state.log_length
        self._unlogged = len(self._rollbacks) - len(state.rollbacks)
        self._write_state(self.files.last, self._log_length)
        self._saved_at = time.monotonic()
        self._set_log_back()
        return event

    def _set_log_back(self) -> None:
        """Cut the log to what the state says, and write the lines that come then."""
        self._log_file.cut(self._log_length)
        for lost in self._rollbacks[len(self._rollbacks) - self._unlogged :]:
            self._log_file.write("rollback", lost)
        self._unlogged = 0

    def check_rollback_state(self) -> None:
        """Make sure that the state to go back to, if it is needed and there, is one of this run.

        Raises:
            UsageError: It is that of another training.
            CheckpointError: It is damaged.
        """
        if self._goes_on_with_rollback_state and os.path.exists(self.files.rollback):
            self._rollback_state()

    def _rollback_state(self) -> tuple[SavedModel, TrainingState]:
        stored = checkpoint.load(self.files.rollback)
        check_resumable(self.files.rollback, stored.config, self.config)
        return stored, self._state_in(self.files.rollback, stored)

    @property
    def _goes_on_with_rollback_state(self) -> bool:
        """Whether one from before is of use.

        Else it is that of a training that was here before, or one that will be out of date.
        """
        return self._may_roll_back and self.trainer.progress.step > 0

    def restore(self, stored: SavedModel) -> None:
        """Go on from a saved state.

        Raises:
            UsageError: The state is that of other texts.
            CheckpointError: The file holds a model without a state, or no sound one.
        """
        state = self._state_in(self.files.last, stored)
        with sound_state(self.files.last):
            self.trainer.restore(state.trainer, stored.history)
        self._log_length = state.log_length
        self._rollbacks = list(state.rollbacks)
        self._unlogged = min(state.unlogged_rollbacks, len(self._rollbacks))
        self.resumed = True

    def _state_in(self, path: str, stored: SavedModel) -> TrainingState:
        """Return the state in a checkpoint, if it is one of these texts."""
        state = training_state(path, stored)
        check_same_text(path, state.texts, self._digests)
        return state

    @property
    def _end_of_line(self) -> int | None:
        """The id that ends a line, where each is read for itself."""
        end = self.config.corpus.end_of_line
        if not self.model.bidirectional or end is None:
            return None
        return self.texts.vocabulary.index[end]

    def _training_blocks(self) -> TextBlocks:
        training = self.config.training
        if self._end_of_line is not None:
            tokens = training.batch_size * training.bptt
            return LineBlocks(self.texts.train, self._end_of_line, tokens)
        return Blocks(self.texts.train, training.batch_size, training.bptt)

    @property
    def _log_file(self) -> Log:
        assert self._log is not None
        return self._log

    @property
    def _run_lock(self) -> RunLock:
        assert self._lock is not None
        return self._lock

    def _write_line(self, event: str, values: dict[str, Any]) -> None:
        self._run_lock.check()
        self._log_file.write(event, values)

    def _poll(self) -> None:
        self.poll()

    def _validate(self) -> float:
        return mean_nats(self.model, self._valid_blocks, self._poll)

    def _begin(self) -> None:
        """Begin the log, or go on with it.

        A new training saves its state at once, so that from here on --resume means this one. An
        old model stays until there is a new one to put in its place.
        """
        self._ended = False
        self._saved_at = time.monotonic()
        if not self.resumed:  # the old log stays where there is no room for the new state
            self._write_state(self.files.last, log_length=0)
        self._set_log_back()
        if not self._goes_on_with_rollback_state:
            self._forget_rollback_state()
        if not os.path.exists(self.files.rollback):
            self._save_rollback_state()

    @property
    def _may_roll_back(self) -> bool:
        return self.config.training.on_nan == "rollback"

    def _record(self, event: StepDone | EpochDone) -> None:
        if isinstance(event, EpochDone):
            self._write_line("epoch", asdict(event))
            if event.best:
                with self.trainer.final_weights():
                    self._save(self.files.model, None)
            self._save_rollback_state()
            self._save_state()
            return
        if event.report is not None:
            self._write_line("step", asdict(event.report))
        for warning in event.warnings:
            place = {"step": event.step, "epoch": event.epoch}
            self._write_line("warning", {**place, "message": warning})
        if self.trainer.progress.step % ROLLBACK_STEPS == 0:
            self._save_rollback_state()
        if not 0 <= time.monotonic() - self._saved_at < self.config.checkpoint.every_seconds:
            self._save_state()  # a clock that went back would put it off

    def _end(self) -> Ended:
        valid = self.texts.valid
        nats = None
        if valid is not None:
            best = checkpoint.load(self.files.model)
            nats = mean_nats(best.model, evaluation_blocks(valid, 1, self._end_of_line), self._poll)
        progress = self.trainer.progress
        ended = Ended(
            reason=self.trainer.end_reason or "",
            epochs=progress.epoch,
            best_epoch=progress.best_epoch,
            valid_perplexity=None if nats is None else perplexity(nats, 1),
            seconds=progress.seconds,
            checkpoint=self.files.model,
        )
        self._write_line("end", asdict(ended))
        self._forget_rollback_state()  # first: nobody comes by a finished training to do it
        self._ended = True
        self._save_state()
        return ended

    def _save_rollback_state(self) -> None:
        """Keep a state to go back to.

        It is written before the state to resume from: killed between the two, the training comes
        by here again.
        """
        if self._may_roll_back:
            self._write_state(self.files.rollback, self._log_file.length)

    def _forget_rollback_state(self) -> None:
        Path(self.files.rollback).unlink(missing_ok=True)

    def _save_state(self) -> None:
        self._write_state(self.files.last, self._log_file.length)
        self._saved_at = time.monotonic()

    def _write_state(self, path: str, log_length: int) -> None:
        self.trainer.check_weights()
        state = TrainingState(
            step=self.trainer.progress.step,
            trainer=self.trainer.state(),
            texts=self._digests,
            log_length=log_length,
            ended=self._ended,
            rollbacks=self._rollbacks,
            unlogged_rollbacks=self._unlogged,
        )
        self._run_lock.check()
        self._log_file.check()
        self._save(path, state)

    def _save(self, path: str, state: TrainingState | None) -> None:
        """Write a model or a state, if these files are still this training's alone."""
        vocabulary, history = self.texts.vocabulary, self.trainer.history
        self._run_lock.check()
        checkpoint.save(path, SavedModel(self.config, vocabulary, self.model, history, state))
        self._run_lock.wrote()

    @cached_property
    def _digests(self) -> dict[str, str]:
        texts = {"train": self.texts.train, "valid": self.texts.valid}
        return {name: text.digest for name, text in texts.items() if text is not None}


def validation_streams(tokens: int, training: TrainingConfig) -> int:
    """How many streams validation reads: as many as training, fewer where the text is short.

    The first token of a stream is predicted without what stands before it; in a stream of ten
    blocks and more that hardly shows.
    """
    return max(1, min(training.batch_size, tokens // (10 * training.bptt)))
