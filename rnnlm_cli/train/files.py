"""The files of a training: their names, and checks that they can be written."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rnnlm_cli.config import Config
from rnnlm_cli.config.run_names import EVENTS, LAST, LOG, MODEL, ROLLBACK, lock_of, stem_of
from rnnlm_cli.errors import UsageError
from rnnlm_cli.text.sources.expand import reads

Seen = tuple[tuple[int, int, int] | None, ...]
"""Inode, size and time of each file, to detect replacement; ``None`` for a missing file."""


CONTINUE_OR_REPLACE = (
    "use {resume=True} to continue or {overwrite=True} to start over, or set another "
    "checkpoint.path"
)


class RunFiles(NamedTuple):
    """The paths that a training writes."""

    model: str  # the best model by validation, or the last one
    last: str  # the state to resume from
    rollback: str  # the state to roll back to, with training.on_nan: rollback
    log: str
    events: str | None  # TensorBoard's event file, with training.tensorboard

    @classmethod
    def of(cls, config: Config) -> RunFiles:
        """Return the paths for a configuration."""
        stem, directory = stem_of(config.checkpoint.path), config.training.tensorboard
        events = None
        if directory is not None:  # a directory for each training, which TensorBoard calls a run
            events = os.path.join(directory, os.path.basename(stem), EVENTS)
        return cls(stem + MODEL, stem + LAST, stem + ROLLBACK, stem + LOG, events)

    @property
    def paths(self) -> list[str]:
        """All paths."""
        return [path for path in self if path is not None]

    def present(self) -> list[str]:
        """Return the paths that exist.

        An empty log does not count: a training that could not save its first state left it.
        """
        logs = (self.log, self.events)
        return [
            path
            for path in self.paths
            if os.path.exists(path) and (path not in logs or os.path.getsize(path) > 0)
        ]

    def lock_paths(self) -> list[str]:
        """Return the lock files to hold while writing: ``.NAME.lock`` beside each NAME.

        There is one, and one for the event file, unless links lead to files of another name, which
        have their own. Sorted, so that two trainings that need the same locks cannot each get a
        part of them.
        """
        stems = {stem_of(_real(path)) for path in self.paths}
        return sorted(map(lock_of, stems))

    def seen(self) -> Seen:
        """Return stamps that show later whether another training has written model or state."""
        return tuple(_stamp(path) for path in (self.model, self.last))

    def check_writable(self, inputs: Iterable[str]) -> None:
        """Refuse to overwrite an input, or anything that is not a regular file.

        Args:
            inputs: Names of what the training reads: files, directories and patterns.

        Raises:
            UsageError: An output has the path of a text or of the model to start from, would be
                one of the files of a directory or a pattern, or exists and is not a regular file.
            OSError: An output cannot be written: a part of its path is a file, a name is too long,
                the directory is not writable.
        """
        input_of = reads([*inputs])
        for path in self.paths:
            if (name := input_of(path)) is not None:
                same = os.path.realpath(path) == os.path.realpath(name)
                which = "which it also reads" if same else f"which would belong to the text {name}"
                raise UsageError(
                    f"checkpoint.path: {self.model} makes training write {path}, {which}; "
                    "set another checkpoint.path"
                )
        for path in self.paths:
            with contextlib.suppress(FileNotFoundError):
                if not stat.S_ISREG(os.stat(path).st_mode):
                    raise UsageError(
                        f"{path}: exists and is not a file; set another checkpoint.path"
                    )
        _check_directory(Path(self.model).parent)
        if self.events is not None:
            _check_directory(Path(self.events).parent)

    def check_same_events(self, stored: RunFiles) -> None:
        """Refuse to continue the event file of another training.

        Args:
            stored: The paths of the training that is resumed, when its state was saved.

        Raises:
            UsageError: There is such a file, and it was not this training's.
        """
        if self.events is None or not os.path.exists(self.events):
            return
        if stored.events is None or _real(self.events) != _real(stored.events):
            raise UsageError(
                "already exists, and the training that is resumed did not write it",
                place=self.events,
                remedy="move it away or set another training.tensorboard",
            )

    def check_unchanged(self, before: Seen) -> None:
        """Check that nothing else has written model or state since the stamps were taken.

        Args:
            before: The stamps, from ``seen``.

        Raises:
            UsageError: Another training has written one of them.
        """
        if self.seen() != before:
            raise UsageError(
                "another training has written it since this one began",
                place=self.model,
                remedy=CONTINUE_OR_REPLACE,
            )


_real = os.path.realpath


def _check_directory(path: Path) -> None:
    """Check that a directory is writable, or can be created.

    Raises:
        PermissionError: It is not.
    """
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(existing))


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
