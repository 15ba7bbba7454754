"""The files of a training: their names, and whether they may be written."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rnnlm_cli.config import Config
from rnnlm_cli.config.run_names import LAST, LOG, MODEL, ROLLBACK, lock_of, stem_of
from rnnlm_cli.errors import UsageError

Seen = tuple[tuple[int, int, int] | None, ...]
"""What tells whether files were replaced: inode, bytes and time of each, ``None`` for none."""


CONTINUE_OR_REPLACE = (
    "use {resume=True} to continue or {overwrite=True} to start over, or set another "
    "checkpoint.path"
)


class RunFiles(NamedTuple):
    """Where a training writes."""

    model: str  # the best model by validation, or the last one
    last: str  # the state to resume from
    rollback: str  # with training.on_nan: rollback, the state to go back to
    log: str

    @classmethod
    def of(cls, config: Config) -> RunFiles:
        """Name the files of a configuration."""
        stem = stem_of(config.checkpoint.path)
        return cls(stem + MODEL, stem + LAST, stem + ROLLBACK, stem + LOG)

    def present(self) -> list[str]:
        """Name those that are there.

        An empty log is none: a training that could not save its first state left it.
        """
        return [
            path
            for path in self
            if os.path.exists(path) and (path != self.log or os.path.getsize(path) > 0)
        ]

    def lock_paths(self) -> list[str]:
        """Name what is locked while these files are written: ``.NAME.lock`` beside each NAME.

        One, unless links lead to files of another name: then theirs too. Sorted, so that two
        trainings that need the same ones do not each get a part of them.
        """
        stems = {stem_of(os.path.realpath(path)) for path in self}
        return sorted(map(lock_of, stems))

    def seen(self) -> Seen:
        """Return what tells later whether another training has written model or state."""
        return tuple(_stamp(path) for path in (self.model, self.last))

    def check_writable(self, inputs: Iterable[str]) -> None:
        """Refuse to write over what is read, or over what is no file.

        Args:
            inputs: What the training reads.

        Raises:
            UsageError: A text, or the model to start from, has the name of an output, or something
                else than a file has it.
            OSError: Nothing can be written there: a part of the path is a file, a name is too long,
                the directory may not be written to.
        """
        outputs = {os.path.realpath(path): path for path in self}
        for path in inputs:
            if written := outputs.get(os.path.realpath(path)):
                raise UsageError(
                    f"checkpoint.path: {self.model} makes training write {written}, which "
                    "it also reads; set another checkpoint.path"
                )
        for path in self:
            with contextlib.suppress(FileNotFoundError):
                if not stat.S_ISREG(os.stat(path).st_mode):
                    raise UsageError(
                        f"{path}: is there and is no file; set another checkpoint.path"
                    )
        _check_directory(Path(self.model).parent)

    def check_unchanged(self, before: Seen) -> None:
        """Make sure that nobody has written model or state since they were seen.

        Raises:
            UsageError: Somebody has.
        """
        if self.seen() != before:
            raise UsageError(
                "another training has written it since this one began",
                place=self.model,
                remedy=CONTINUE_OR_REPLACE,
            )


def _check_directory(path: Path) -> None:
    """Make sure that files can be written in a directory, or that it can be made.

    Raises:
        OSError: They cannot.
    """
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
