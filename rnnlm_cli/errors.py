"""The errors a user can cause, each a sentence that names the place and the remedy.

The exit code belongs to the kind of error, so that a command needs no table of its own.
"""

from __future__ import annotations

import contextlib
import errno
import unicodedata
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


JOINERS = "\u200c\u200d"
"""Without a shape of their own, but Persian, Hindi and emoji are not written without them."""


def printable(text: str, also: str = "") -> str:
    r"""Escape what a terminal would obey instead of show: ESC becomes ``\x1b``.

    Letters of all scripts, wide and combining ones, and spaces of every width stay as they are.

    Args:
        text: Perhaps a stranger's.
        also: Characters that stay.
    """
    if text.isprintable():
        return text
    return "".join(c if _is_shown(c) or c in also else ascii(c)[1:-1] for c in text)


def _is_shown(character: str) -> bool:
    return (
        character.isprintable()
        or character in JOINERS
        or unicodedata.category(character) == "Zs"  # spaces, of which isprintable() knows one
    )


def one_line(text: str) -> str:
    """Return a text as one line that a terminal can show: what it quotes may be a stranger's."""
    return printable(" ".join(part.strip() for part in text.splitlines()))


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
