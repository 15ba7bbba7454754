"""How training is shown: a bar on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import math
import time

from rnnlm_cli.commands.shared.bars import Bar
from rnnlm_cli.commands.shared.lines_due import LinesDue
from rnnlm_cli.commands.shared.messages import note, on_terminal, print_result
from rnnlm_cli.commands.shared.training_lines import (
    NO_LOCKS,
    end_line,
    epoch_line,
    figures,
    rollback_line,
    sample_lines,
    step_line,
    time_left,
    waiting_line,
)
from rnnlm_cli.train.blocks import validation_blocks
from rnnlm_cli.train.events import (
    Ended,
    EpochDone,
    Event,
    LogRestored,
    NotExclusive,
    Report,
    RolledBack,
    Sampled,
    Saving,
    StepDone,
    Validating,
    ValidationDone,
)
from rnnlm_cli.train.poll import Poll
from rnnlm_cli.train.progress import total_steps
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.time_left import Pace, seconds_left

LEAST_PART = 0.05
"""Part of a validation after which its whole time is estimated from it."""


def display(session: Session, poll: Poll) -> None:
    """Train and show progress; ``poll`` is called between blocks."""
    shown = TrainingBar(session)

    def polled() -> None:
        poll()
        shown.advance_validation()

    with shown:
        for event in session.events(polled):
            shown.show(event)


class TrainingBar(Bar):
    """The bar of the running epoch or validation, with the time left of the whole training.

    Off a terminal it prints lines instead.
    """

    def __init__(self, session: Session) -> None:
        """Begin where the session does."""
        self._session = session
        self._report: Report | None = None
        self._unreported: EpochDone | None = None  # the last epoch, if it has no line yet
        self._validating: Validating | None = None
        texts, self._blocks = session.texts, len(session.blocks)
        share = 0.0 if texts.valid is None else len(texts.valid) / len(texts.train)
        self._pace = Pace(share)
        self._since = time.monotonic()  # the end of the last step or epoch
        self._epochs = math.ceil(total_steps(session.config.training, self._blocks) / self._blocks)
        self._lines = LinesDue(self._blocks, self._epochs, self._since)
        super().__init__(self._blocks, str, self._epoch_label())
        self.n = session.trainer.progress.block

    def show(self, event: Event) -> None:
        """Show an event."""
        now = time.monotonic()
        match event:
            case StepDone():
                self._show_step(event, now)
            case Validating():
                self._show_validation(event)
            case Saving():
                self.label = "saving"
                self.refresh()
            case ValidationDone():
                self._show_validated(event, now)
            case EpochDone():
                self._show_epoch(event, now)
            case Sampled():
                for line in sample_lines(event):
                    self.say(line)
            case RolledBack():
                self._begin_epoch(now)
                self.say(rollback_line(event))
            case NotExclusive(checkpoint=path):
                self.say(f"{path}: {NO_LOCKS}")
            case LogRestored(log=log):
                self.say(f"{log}: was removed; all of it has been written again")
            case Ended():
                if self._unreported is not None:
                    self.say(epoch_line(self._unreported, self._session.measure))
                self.close()
                print_result(end_line(event, self._session.measure))

    def say(self, line: str) -> None:
        """Write a line to standard error, above the bar if there is one."""
        self.clear()
        note(line)

    def figures(self) -> list[str]:
        """Return the time left, then the figures of the last report."""
        left = self.seconds_left()
        report = [] if self._report is None else figures(self._report, self._session.measure)
        return ([] if left is None else [time_left(left)]) + report

    def seconds_left(self) -> float | None:
        """Return the time until the training ends, if it can be estimated."""
        validating = self._validating is not None
        return seconds_left(
            self._session.config.training,
            self._session.trainer.progress,
            self._blocks,
            self._pace,
            validated=self._share() if validating else 0.0,
            final=self._validating is not None and self._validating.final,
        )

    def advance_validation(self) -> None:
        """Count a block of the running validation, if there is one."""
        if self._validating is None:
            return
        self.n = min(self.n + 1, self.total or 0)
        if (share := self._share()) >= LEAST_PART:
            whole = (time.monotonic() - self._since) / share
            if self._validating.final:
                self._pace.final = whole
            else:
                self._pace.epoch_end = whole
        self.tick()

    def _share(self) -> float:
        return float(self.n / self.total) if self.total else 0.0

    def _epoch_label(self) -> str:
        progress = self._session.trainer.progress
        return f"epoch {progress.epoch + 1}/{self._epochs}"

    def _begin_epoch(self, now: float) -> None:
        """Show the running epoch, from the block that it is at."""
        self._validating, self._since = None, now
        self.label, self.total = self._epoch_label(), self._blocks
        self.n = self._session.trainer.progress.block

    def _show_step(self, event: StepDone, now: float) -> None:
        self._pace.stepped(now - self._since)
        self._begin_epoch(now)
        if event.report is not None:
            self._report = event.report
            if not on_terminal() and self._lines.step(event.step, now):
                share, left = event.block / self._blocks, self.seconds_left()
                self.say(step_line(self.label, share, event.report, left, self._session.measure))
        for warning in event.warnings:
            self.say(f"warning: {warning}")
        self.tick()

    def _show_validation(self, event: Validating) -> None:
        session, final = self._session, event.final
        if final:
            self._since = time.monotonic()
        line = waiting_line(self._pace.validation(self._blocks, final), final)
        if line and not on_terminal():
            self.say(line)
        self._validating = event
        self.label = "validating the best model" if final else "validating"
        self.n, self.total = 0, len(validation_blocks(session.config, session.texts, final))
        self.refresh()

    def _show_validated(self, event: ValidationDone, now: float) -> None:
        self._pace.epoch_end = now - self._since
        self.say(epoch_line(event, self._session.measure))
        self._begin_epoch(now)

    def _show_epoch(self, event: EpochDone, now: float) -> None:
        self._pace.epoch_end = now - self._since
        self._unreported = event
        epoch, step = event.record.epoch, self._session.trainer.progress.step
        if self._lines.epoch(epoch, step, now):
            self.say(epoch_line(event, self._session.measure))
            self._unreported = None
        self._begin_epoch(now)
