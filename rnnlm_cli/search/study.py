"""The study: Optuna (Akiba et al., 2019) draws the values, keeps the trials and prunes them.

The only file that imports Optuna. A sampler is made anew for each trial, seeded by the study's seed
and the trial's place, so that a study that is killed and resumed draws what it would have drawn.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np

from rnnlm_cli.errors import RnnlmError, named
from rnnlm_cli.search.records import Outcome, Record
from rnnlm_cli.search.space import Space, Values
from rnnlm_cli.search.suggest import as_params, suggesting
from rnnlm_cli.system.optional import extra

SamplerName = Literal["tpe", "random", "grid"]
PrunerName = Literal["median", "halving", "none"]

NAME = "rnnlm"
"""The study's name in its file."""

UNPRUNED = 5
"""Trials that are completed before the median pruner prunes."""

UNITS = 100
"""Steps of an epoch, for Optuna: validations of trials are compared at the same hundredth."""

BUSY_SECONDS = 60
"""How long SQLite waits for another process."""

CANNOT_READ = (KeyError, TypeError, ValueError)


class Study:
    """A study in a file, which other processes may use too.

    Trials that were lost before they had values are left out everywhere.
    """

    def __init__(
        self,
        path: Path,
        sqlite: bool,
        pruner: PrunerName = "median",
        better: Literal["lower", "higher"] = "lower",
    ) -> None:
        """Open or create the file.

        Args:
            path: The file.
            sqlite: Whether it is a database; else it is a journal.
            pruner: Which trials are ended early.
            better: Which values of the objective are.

        Raises:
            UsageError: Optuna is not installed.
            RnnlmError: The file is not a study.
        """
        self._path, self._optuna = path, _optuna()
        with self._errors():
            self._storage = self._storage_of(sqlite)
            self._study = self._optuna.create_study(
                storage=self._storage,
                study_name=NAME,
                load_if_exists=True,
                direction="minimize" if better == "lower" else "maximize",
                pruner=self._pruner(pruner),
            )

    @property
    def about(self) -> dict[str, Any]:
        """What was noted about the study."""
        with self._errors():
            return dict(self._study.user_attrs)

    def note(self, name: str, value: Any) -> None:
        """Note something about the study: plain values."""
        with self._errors():
            self._study.set_user_attr(name, value)

    def records(self) -> list[Record]:
        """Return all trials; one that has not ended is ``running``."""
        with self._errors():
            found = self._study.get_trials(deepcopy=False)
            return [_record(trial) for trial in found if "values" in trial.user_attrs]

    def forget_lost(self, is_held: Callable[[int], bool]) -> None:
        """End trials whose process was killed before they had values."""
        states = self._optuna.trial.TrialState
        with self._errors():
            for trial in self._study.get_trials(deepcopy=False):
                lost = trial.state == states.RUNNING and "values" not in trial.user_attrs
                if lost and not is_held(trial.number):
                    self._study.tell(trial.number, state=states.FAIL)

    def begin(self, space: Space, sampler: SamplerName, seed: int) -> tuple[int, Values]:
        """Begin a trial; return its number and its values, which no other trial has.

        Where all combinations are known, one that was drawn before gives way to the first new one.

        Args:
            space: What to draw from; it has more combinations than there are trials.
            sampler: How to draw.
            seed: The study's seed.
        """
        tried = [record.values for record in self.records()]
        drawn = int(np.random.SeedSequence([seed, len(tried)]).generate_state(1)[0])
        left = [one for one in space.combinations or () if one not in tried]
        with self._errors():
            self._study.sampler = self._sampler(sampler, drawn)
            if sampler == "grid":
                self._study.enqueue_trial(as_params(space, left[0]))
            trial = self._study.ask()
            values = space.drawn(suggesting(trial))
            while values in tried and left:
                self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
                self._study.enqueue_trial(as_params(space, left[0]))
                trial = self._study.ask()
                values = space.drawn(suggesting(trial))
            trial.set_user_attr("values", values)
            return int(trial.number), values

    def report(self, number: int, part: float, value: float) -> None:
        """Record a validation; one that is recorded already is left as it is.

        Args:
            number: The trial.
            part: Epochs since its beginning, also a part of one.
            value: The objective.
        """
        step = round(part * UNITS)
        with self._errors():
            trial = self._trial(number)
            if step not in self._frozen(number).intermediate_values:
                trial.report(value, step)

    def prunes(self, number: int) -> bool:
        """Whether a trial is worse than others at its last validation."""
        with self._errors():
            return bool(self._trial(number).should_prune())

    def note_trial(self, number: int, name: str, value: Any) -> None:
        """Note something about a trial: plain values."""
        with self._errors():
            self._trial(number).set_user_attr(name, value)

    def noted(self, number: int, name: str) -> Any:
        """Return what was noted about a trial, or ``None``."""
        with self._errors():
            return self._frozen(number).user_attrs.get(name)

    def finish(self, number: int, outcome: Outcome) -> None:
        """Record how a trial ended."""
        states = self._optuna.trial.TrialState
        state = {"complete": states.COMPLETE, "failed": states.FAIL}.get(outcome.state)
        with self._errors():
            trial = self._trial(number)
            trial.set_user_attr("outcome", asdict(outcome))
            # one that diverged counts as pruned: the sampler learns where not to draw
            value = outcome.value if outcome.state == "complete" else None
            self._study.tell(number, value, state=state or states.PRUNED)

    def _frozen(self, number: int) -> Any:
        return self._study.get_trials(deepcopy=False)[number]

    def _trial(self, number: int) -> Any:
        study = self._storage.get_study_id_from_name(NAME)
        trial = self._storage.get_trial_id_from_study_id_trial_number(study, number)
        return self._optuna.trial.Trial(self._study, trial)

    def _storage_of(self, sqlite: bool) -> Any:
        storages = self._optuna.storages
        if sqlite:
            arguments = {"connect_args": {"timeout": BUSY_SECONDS}}
            return storages.RDBStorage(f"sqlite:///{self._path}", engine_kwargs=arguments)
        journal = storages.journal
        backend = journal.JournalFileBackend(str(self._path))
        lock = journal.JournalFileSymlinkLock(str(self._path))
        lock.acquire()
        try:
            _cut_off_part_of_a_line(self._path)
        finally:
            lock.release()
        return storages.JournalStorage(backend)

    def _sampler(self, name: SamplerName, seed: int) -> Any:
        if name != "tpe":  # a grid is not drawn
            return self._optuna.samplers.RandomSampler(seed=seed)
        # other processes' running trials count as bad ones, so that none is drawn twice
        return self._optuna.samplers.TPESampler(seed=seed, constant_liar=True)

    def _pruner(self, name: PrunerName) -> Any:
        pruners = self._optuna.pruners
        if name == "median":
            return pruners.MedianPruner(n_startup_trials=UNPRUNED)
        if name == "halving":
            return pruners.SuccessiveHalvingPruner(min_resource=UNITS, reduction_factor=2)
        return pruners.NopPruner()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Silence warnings about experimental functions; name the file in errors of reading it."""
        with warnings.catch_warnings(), named(self._path):
            warnings.simplefilter("ignore")
            try:
                yield
            except (*CANNOT_READ, self._optuna.exceptions.OptunaError) as error:
                raise self._unreadable(error) from error
            except Exception as error:
                if type(error).__module__.partition(".")[0] in ("sqlalchemy", "alembic"):
                    raise self._unreadable(error) from error
                raise

    def _unreadable(self, error: Exception) -> RnnlmError:
        return RnnlmError(
            f"cannot be used as a study: {type(error).__name__}: {error}",
            place=str(self._path),
            remedy="use {overwrite=True} to start over, or another directory",
        )


def _optuna() -> Any:
    optuna = extra("optuna", "tune")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _record(trial: Any) -> Record:
    ended, noted = trial.state.is_finished(), trial.user_attrs
    outcome = Outcome(**noted["outcome"]) if ended else Outcome("running", None)
    return Record(trial.number, noted["values"], outcome)


def _cut_off_part_of_a_line(path: Path) -> None:
    """Cut what a process that was killed, or met a full disk, has begun to write."""
    with path.open("r+b") as file:
        end = file.read().rfind(b"\n") + 1
        if end < file.tell():
            file.truncate(end)
