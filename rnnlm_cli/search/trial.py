"""One trial: a training, its reports to the study, and how it ends."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Generator, Iterator
from typing import cast

from rnnlm_cli.errors import ConfigError, CorpusError, DivergedError, UsageError
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.search.plan import Plan
from rnnlm_cli.search.records import Outcome, State, retokenizes
from rnnlm_cli.search.space import Values
from rnnlm_cli.search.study import Study
from rnnlm_cli.train.compatibility import digests
from rnnlm_cli.train.events import Ended, EpochDone, Event, ValidationDone
from rnnlm_cli.train.files import RunFiles
from rnnlm_cli.train.poll import Poll
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.start import Start, begin

MOST_KILLS = 5
"""A trial whose process was killed so often without progress fails: it may need too much memory."""


class Trial:
    """A trial that this process runs.

    Attributes:
        number: Its number in the study.
        values: The values that it tries.
        is_resumed: Whether another process, or an earlier one, began it.
        session: Its training, once it is prepared.
        outcome: How it ended, once it has.
    """

    def __init__(
        self, plan: Plan, study: Study, number: int, values: Values, is_resumed: bool
    ) -> None:
        self.number, self.values, self.is_resumed = number, values, is_resumed
        self.session: Session | None = None
        self.outcome: Outcome | None = None
        self._plan, self._study = plan, study

    def prepare(self) -> None:
        """Read the texts, and the saved state if there is one.

        What is wrong with these values ends this trial, and what is wrong with the base config too
        ends the search.

        Raises:
            UsageError, CorpusError, CheckpointError: A file is missing or invalid.
        """
        try:
            config = self._plan.config_of(self.number, self.values)
            # the files are the study's own: without a state the trial begins again
            has_state = os.path.exists(RunFiles.of(config).last)
            start = Start.RESUME if has_state else Start.OVERWRITE
            self.session = begin(config, start, use_cache=self._plan.cache)
        except ConfigError as error:
            self.outcome = Outcome("failed", None, str(error))
        except MemoryError:
            self.outcome = Outcome("failed", None, "out of memory")
        except CorpusError as error:
            begin(self._plan.base, Start.NEW, dry=True)
            self.outcome = Outcome("failed", None, str(error))
        else:
            self._check_texts(self.session)
            self._count_kills(self.session)

    def events(self, poll: Poll) -> Iterator[Event]:
        """Train, and report each validation; afterwards there is an outcome.

        Raises:
            Stopped: ``poll`` raised it; the state is saved.
            RnnlmError, OSError: As in ``Session.events``, but for divergence.
        """
        session = self.session
        if self.outcome is not None or session is None:
            return
        try:
            yield from self._trained(session, poll)
        except DivergedError as error:
            self._end("diverged", None, str(error))
        except MemoryError:
            self._end("failed", None, "out of memory")

    def _trained(self, session: Session, poll: Poll) -> Iterator[Event]:
        if self._is_pruned(session, session.trainer.epochs.history):
            return
        if session.finished:  # killed between its end and the report of it
            self._complete(session.ended(poll))
            return
        events = cast(Generator[Event, None, None], session.events(poll))
        with contextlib.closing(events):
            for event in events:
                yield event
                if isinstance(event, Ended):
                    self._complete(event)
                elif isinstance(event, EpochDone | ValidationDone) and self._is_pruned(
                    session, [event.record]
                ):
                    return

    def _is_pruned(self, session: Session, records: list[EpochRecord]) -> bool:
        """Report validations; end the trial if it is to be pruned.

        Also after a resume, since a kill may come between the record of a validation and its
        report. A trial whose training is at its end is not pruned.
        """
        for record in records:
            value = self._plan.objective.value(record.valid, record.valid_figures)
            self._study.report(self.number, record.epoch - 1 + record.part, value)
        if not records or session.trainer.end_reason is not None:
            return False
        if not self._study.prunes(self.number):
            return False
        last = records[-1]
        self._end("pruned", self._plan.objective.value(last.valid, last.valid_figures))
        return True

    def _complete(self, ended: Ended) -> None:
        value = self._plan.objective.value(ended.valid, ended.valid_figures)
        if math.isfinite(value):
            self._end("complete", value)
        else:
            self._end("diverged", None, "the validation loss is not finite")

    def _end(self, state: State, value: float | None, reason: str = "") -> None:
        assert self.session is not None
        progress = self.session.trainer.progress
        epochs = round(progress.epoch + progress.block / len(self.session.blocks), 2)
        reason = reason.partition(";")[0]  # without advice: the search is what follows it
        self.outcome = Outcome(state, value, reason, epochs, progress.seconds)

    def _check_texts(self, session: Session) -> None:
        """Refuse texts that are not those with which the study began.

        Subwords of other sizes number the same text otherwise, so there each trial differs.
        """
        found = digests(session.texts)
        if retokenizes(self._plan.space):
            return
        stored = self._study.about.get("texts")
        if stored is None:
            self._study.note("texts", found)
        elif stored != found and "training.init_from" not in self.values:
            raise UsageError(
                "the texts have changed since the study began",
                place=str(self._plan.directory.path),
                remedy="use {overwrite=True} to start over",
            )

    def _count_kills(self, session: Session) -> None:
        """End the trial if its process was killed too often at the same step."""
        if not self.is_resumed:
            return
        step = session.trainer.progress.step
        before = self._study.noted(self.number, "kills") or {"step": 0, "times": 0}
        stopped = before.get("stopped", False)
        times = 0 if stopped else before["times"] * (before["step"] == step) + 1
        if times >= MOST_KILLS:
            self._end("failed", None, f"its process was killed {times} times at step {step}")
        else:
            self._study.note_trial(self.number, "kills", {"step": step, "times": times})

    def note_stop(self) -> None:
        """Note that it was stopped, and not killed: the resume does not count."""
        self._study.note_trial(self.number, "kills", {"step": 0, "times": 0, "stopped": True})
