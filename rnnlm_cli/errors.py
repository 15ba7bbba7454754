"""The errors a user can cause, each a sentence that names the place and the remedy.

The exit code belongs to the kind of error, so that a command needs no table of its own.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Numbers of the system's errors where a file cannot grow."""


@contextlib.contextmanager
def named(path: str | Path) -> Iterator[None]:
    """Name a file in the errors of writing it: the system names it where it is opened alone."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def is_unicode(text: str) -> bool:
    """Whether a text can be written out: a lone half of a character cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def one_line(text: str) -> str:
    """Return a text as one line that a terminal can show: what it quotes may be a stranger's."""
    line = " ".join(part.strip() for part in text.splitlines())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


class RnnlmError(Exception):
    """Something is wrong with a file's contents, the disk or training (exit code 1)."""

    exit_code = 1

    def __str__(self) -> str:
        """Return the message as one line."""
        return one_line(super().__str__())


class UsageError(RnnlmError):
    """The request cannot be carried out as it was put (exit code 2)."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration does not say what a model and a training need (exit code 2)."""


class CorpusError(RnnlmError):
    """A text is empty, too short or no UTF-8 (exit code 1)."""


class CheckpointError(RnnlmError):
    """A file is no checkpoint, or a damaged one (exit code 1)."""


class TrainingError(RnnlmError):
    """Training cannot go on (exit code 1)."""


class NotFiniteError(TrainingError):
    """A loss, a gradient or a weight is infinite or no number (exit code 1)."""
