"""The search: one trial after another, until the study has as many as are wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from rnnlm_cli.errors import UsageError
from rnnlm_cli.search.best import has_best, write_best
from rnnlm_cli.search.plan import Plan
from rnnlm_cli.search.records import ENDED, Outcome, Record
from rnnlm_cli.search.study import Study
from rnnlm_cli.search.trial import Trial
from rnnlm_cli.train.poll import Poll, Stopped
from rnnlm_cli.train.start import Start


class Search:
    """A study that this process works on.

    Attributes:
        plan: What is searched.
        is_new: Whether this process began the study.
        excludes: Whether other processes can share the study: the file system has locks.
    """

    def __init__(self, plan: Plan, start: Start, poll: Poll) -> None:
        """Begin or continue the study.

        Raises:
            UsageError: Optuna is not installed; the study exists, or is another one, or in use.
            RnnlmError: The study cannot be read.
            Stopped: ``poll`` raised it.
        """
        self.plan = plan
        self._poll = poll
        self.excludes = True
        directory = plan.directory
        with directory.locked(poll):
            if start is Start.OVERWRITE:
                directory.remove()
            present = directory.present()
            if present is not None and start is not Start.RESUME:
                raise UsageError(
                    "already exists",
                    place=str(directory.study(present)),
                    remedy="use {resume=True} to continue it or {overwrite=True} to start over, or "
                    "another {study}",
                )
            storage = present or plan.storage
            file, better = directory.study(storage), plan.objective.measure.better
            self._study = Study(file, storage == "sqlite", plan.pruner, better)
            stored = self._study.about.get("plan")
            self.is_new = stored is None
            if stored is None:
                self._study.note("plan", plan.identity)
            else:
                plan.check_same(stored)
            self._tidy()

    def records(self) -> list[Record]:
        """Return all trials, those that no process runs as ``stopped``."""
        return [
            record
            if record.state in ENDED or self.plan.directory.is_held(record.number)
            else replace(record, outcome=Outcome("stopped", None))
            for record in self._study.records()
        ]

    def next(self, run: Callable[[Trial], None]) -> Record | None:
        """Run the next trial, and record how it ended; ``None`` if there is none left.

        Args:
            run: Called with the trial, which it prepares and runs to its end.

        Raises:
            Stopped: The poll raised it; a trial that ran is saved, and the next process resumes it.
        """
        directory = self.plan.directory
        with directory.locked(self._poll):
            trial = self._claimed()
            held = None if trial is None else directory.hold(trial.number)
        if trial is None:
            return None
        assert held is not None, "a trial that no process runs"
        self.excludes = held.excludes
        with closing(held):
            try:
                run(trial)
            except Stopped:
                trial.note_stop()
                raise
            assert trial.outcome is not None
            with directory.locked(self._poll):
                self._study.finish(trial.number, trial.outcome)
                self._tidy()
        return Record(trial.number, trial.values, trial.outcome)

    def _claimed(self) -> Trial | None:
        """Return a stopped trial, or begin one if not enough have begun."""
        plan, study = self.plan, self._study
        study.forget_lost(plan.directory.is_held)
        records = self.records()
        for record in records:
            if record.state == "stopped":
                return Trial(plan, study, record.number, record.values, is_resumed=True)
        if len(records) >= plan.trials:
            return None
        number, values = study.begin(plan.space, plan.sampler, plan.seed)
        return Trial(plan, study, number, values, is_resumed=False)

    def _tidy(self) -> None:
        """Write the best config, and remove files that are not needed any more."""
        records = self._study.records()
        ended = {record.number for record in records if record.state in ENDED}
        best = self.plan.objective.best_of(records)
        if best is not None and not has_best(self.plan, best):
            write_best(self.plan, best)
        number = None if best is None else best.number
        self.plan.directory.tidy(ended.__contains__, number, self.plan.keep_models)
