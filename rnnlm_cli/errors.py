"""Errors that a user can cause; each is one sentence with the place and the remedy.

Each class of error has an exit code, so commands need no table. Errors name arguments as in Python;
the command line turns these names into options (``RnnlmError.said``).
"""

from __future__ import annotations

import contextlib
import errno
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Error numbers of the system for a file that cannot grow."""

MOST_QUOTED = 60
"""Maximum characters of a quoted value."""

MOST_LINE = 500
"""Maximum characters of an error."""


@contextlib.contextmanager
def named(path: str | Path) -> Iterator[None]:
    """Add a file's name to errors of writing it; the system adds it only when opening."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def is_unicode(text: str) -> bool:
    """Whether a text can be encoded: a lone surrogate cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


JOINERS = "\u200c\u200d"
"""Invisible characters that Persian, Hindi and emoji need."""


def printable(text: str, also: str = "") -> str:
    r"""Escape control characters that a terminal would execute: ESC becomes ``\x1b``.

    Letters of all scripts, wide and combining ones, and spaces of every width are unchanged.

    Args:
        text: The text, possibly untrusted.
        also: More characters to keep.
    """
    if text.isprintable():
        return text
    return "".join(c if _is_shown(c) or c in also else ascii(c)[1:-1] for c in text)


def _is_shown(character: str) -> bool:
    return (
        character.isprintable()
        or character in JOINERS
        or unicodedata.category(character) == "Zs"  # spaces; isprintable() accepts only one
    )


def shortened(text: str, most: int = MOST_QUOTED) -> str:
    """Return at most ``most`` characters of a text: its beginning, ``...`` and its end."""
    if len(text) <= most:
        return text
    tail = (most - 3) // 3
    return f"{text[: most - 3 - tail]}...{text[-tail:]}"


def quoted(value: object) -> str:
    """Return a value as quoted in an error, at most ``MOST_QUOTED`` characters.

    >>> quoted("word"), quoted("a" * 1_000_000)[:5], len(quoted("a" * 1_000_000))
    ("'word'", "'aaaa", 60)
    """
    try:
        # a leading combining mark would combine with the quotation mark
        bare = isinstance(value, str) and value and unicodedata.combining(value[0])
        text = ascii(value) if bare else repr(value)
    except ValueError:  # Python refuses to print very long numbers
        return "a number of thousands of digits"
    return shortened(text)


def one_line(text: str) -> str:
    """Return a text as one line that is safe to print, at most ``MOST_LINE`` characters.

    The text may quote untrusted values of any length. Long runs without white space are shortened,
    except paths of usual length and checksums; then the whole line is.
    """
    line = printable(" ".join(part.strip() for part in text.splitlines()))
    line = re.sub(r"[^\s/]{81,}", lambda run: shortened(run[0]), line)
    line = re.sub(r"\S{301,}", lambda run: shortened(run[0], 300), line)
    return shortened(line, MOST_LINE)


def literal(text: str) -> str:
    """Escape a text for use in a remedy, where a word in braces is an argument."""
    return text.replace("{", "{{")


class RnnlmError(Exception):
    """An error in a file's contents, the disk or training (exit code 1).

    ``field`` and ``remedy`` use the Python names of arguments, in ``remedy`` in braces. So one
    error serves users of Python and of the command line:

    >>> error = UsageError("exists", field="out", place="a.png", remedy="use {overwrite=True}")
    >>> str(error)
    'out a.png: exists; use overwrite=True'
    >>> error.said(lambda argument: "--" + argument.removesuffix("=True"))
    '--out a.png: exists; use --overwrite'

    Attributes:
        field: The argument at fault, such as ``no_repeat_ngram``; empty for none.
        place: A file, a line of it, or the value of the field; empty for none.
        remedy: What to do; empty if the message already says it. See ``literal``.
    """

    exit_code = 1

    def __init__(self, message: str, *, field: str = "", place: str = "", remedy: str = "") -> None:
        """Create an error from a message that says what is wrong."""
        super().__init__(message)
        self.field, self.place, self.remedy = field, place, remedy

    def said(self, spell: Callable[[str], str]) -> str:
        """Return field, place, message and remedy as one line.

        Args:
            spell: Turns an argument's Python name, such as ``skip`` or ``overwrite=True``, into the
                name to show.
        """
        where = " ".join(filter(None, [self.field and spell(self.field), self.place]))
        remedy = re.sub(
            r"\{\{|\{(\w+(?:=True)?)\}", lambda m: spell(m[1]) if m[1] else "{", self.remedy
        )
        what = "; ".join(filter(None, [super().__str__(), remedy]))
        return one_line(": ".join(filter(None, [where, what])))

    def __str__(self) -> str:
        """Return one line with Python's names of arguments."""
        return self.said(str)


class UsageError(RnnlmError):
    """A wrong argument, option or file name (exit code 2)."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration is not valid (exit code 2)."""


class DeviceMemoryError(MemoryError):
    """The memory of a device is full (exit code 1)."""


class CorpusError(RnnlmError):
    """A text is empty, too short or not UTF-8 (exit code 1)."""


class CheckpointError(RnnlmError):
    """A file is not a checkpoint, or is damaged (exit code 1)."""


class TrainingError(RnnlmError):
    """Training cannot continue (exit code 1)."""


class DivergedError(TrainingError):
    """A training or a model has diverged (exit code 1).

    A loss, gradient, weight or probability is NaN, infinite, or beyond the bounds of a model that
    has learned anything (see ``train/guard.py`` and ``model/bounds.py``).
    """
