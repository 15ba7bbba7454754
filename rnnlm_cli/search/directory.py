"""The directory of a study: its files, and the locks by which processes share it.

- ``study.journal`` or ``study.db``: the trials.
- ``trial-0007.jsonl``: the log of a trial; it is kept.
- ``trial-0007.pkl``, ``trial-0007.last.pkl``: its model and its state. The state is removed when
  the trial ends, and the model when another trial is better.
- ``best.yaml``: the best config so far.
- ``.study.lock``: held by a process that begins or ends a trial.
- ``.trial-0007.held``: held by the process that runs the trial. The system releases it when the
  process ends, also if it is killed, so that others see which trials to resume.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from rnnlm_cli.config.run_names import LAST, LOG, MODEL, ROLLBACK
from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.locks import locks_hold
from rnnlm_cli.train.lock import LockFile
from rnnlm_cli.train.poll import Poll

StorageName = Literal["journal", "sqlite"]

STUDY_FILES: dict[StorageName, str] = {"journal": "study.journal", "sqlite": "study.db"}
BESIDE = ("", ".lock", "-journal", "-wal", "-shm")
"""Suffixes of the study's file and of what its storage may leave beside it."""

WAIT_SECONDS = 0.05
"""Between two tries to take the lock of a study, which is held for less than a second."""


class StudyDirectory:
    """The paths and locks of a study.

    Attributes:
        path: The directory.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    @property
    def best(self) -> Path:
        """The best config so far."""
        return self.path / "best.yaml"

    def study(self, storage: StorageName) -> Path:
        """Return the file of the study."""
        return self.path / STUDY_FILES[storage]

    def present(self) -> StorageName | None:
        """Return which study there is, if any."""
        return next((name for name in STUDY_FILES if self.study(name).exists()), None)

    def model(self, number: int) -> Path:
        """Return the model of a trial; its other files have names derived from it."""
        return self.path / f"trial-{number:04}{MODEL}"

    @contextmanager
    def locked(self, poll: Poll) -> Iterator[None]:
        """Keep other processes from beginning or ending a trial.

        Args:
            poll: Called while it waits for another process; may raise ``Stopped``.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        while (lock := LockFile.take(str(self.path / ".study.lock"))) is None:
            poll()
            time.sleep(WAIT_SECONDS)
        with closing(_Signed(lock)):
            yield

    def hold(self, number: int) -> _Signed | None:
        """Take a trial; return ``None`` if another process runs it."""
        lock = LockFile.take(str(self._held(number)))
        return None if lock is None else _Signed(lock)

    def is_held(self, number: int) -> bool:
        """Whether a process runs a trial."""
        with suppress(FileNotFoundError):
            return locks_hold(self._held(number))
        return False

    def remove(self) -> None:
        """Remove the study and all files of its trials; other files are left.

        Raises:
            UsageError: Another process runs a trial.
        """
        numbers = self._numbers()
        for number in numbers:
            if self.is_held(number):
                raise UsageError(
                    "another process works on this study; wait for it, or stop it",
                    place=str(self.path),
                )
        for name in STUDY_FILES:
            for suffix in BESIDE:
                Path(f"{self.study(name)}{suffix}").unlink(missing_ok=True)
        for number in numbers:
            self._remove(number, LOG, MODEL, LAST, ROLLBACK)
            self._held(number).unlink(missing_ok=True)
        self.best.unlink(missing_ok=True)

    def tidy(self, has_ended: Callable[[int], bool], best: int | None, keep: bool) -> None:
        """Remove what ended trials do not need any more.

        Args:
            has_ended: Tells by its number whether a trial has ended.
            best: The trial whose model is kept.
            keep: Keep all models.
        """
        for number in self._numbers():
            if has_ended(number):
                self._remove(number, LAST, ROLLBACK)
                if not keep and number != best:
                    self._remove(number, MODEL)

    def _numbers(self) -> set[int]:
        """Return the trials that have files."""
        names = [p.name.partition(".")[0] for p in self.path.glob("trial-*")]
        names += [p.name[1:].partition(".")[0] for p in self.path.glob(".trial-*.held")]
        return {int(name[6:]) for name in names if name[6:].isdecimal()}

    def _remove(self, number: int, *suffixes: str) -> None:
        stem = str(self.model(number)).removesuffix(MODEL)
        for suffix in suffixes:
            Path(f"{stem}{suffix}").unlink(missing_ok=True)

    def _held(self, number: int) -> Path:
        return self.path / f".trial-{number:04}.held"


class _Signed:
    """A lock file that is signed when it is taken, and removed when it is closed."""

    def __init__(self, lock: LockFile) -> None:
        lock.sign()
        self._lock = lock
        self.excludes = lock.excludes

    def close(self) -> None:
        """Release it."""
        self._lock.release()
