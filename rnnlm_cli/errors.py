"""The errors a user can cause, each a sentence that names the place and the remedy.

The exit code belongs to the kind of error, so that a command needs no table of its own. What is
named by a user, an argument or an option, is named in Python's words here; the command line turns
them into its own (``RnnlmError.said``).
"""

from __future__ import annotations

import contextlib
import errno
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Numbers of the system's errors where a file cannot grow."""

MOST_QUOTED = 60
"""Characters of a value that an error quotes."""

MOST_LINE = 500
"""Characters of an error."""


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


def shortened(text: str, most: int = MOST_QUOTED) -> str:
    """Return at most so many characters of a text, its beginning and its end."""
    if len(text) <= most:
        return text
    tail = (most - 3) // 3
    return f"{text[: most - 3 - tail]}...{text[-tail:]}"


def quoted(value: object) -> str:
    """Return a value as an error quotes it, at most ``MOST_QUOTED`` characters of it.

    >>> quoted("word"), quoted("a" * 1_000_000)[:5], len(quoted("a" * 1_000_000))
    ("'word'", "'aaaa", 60)
    """
    try:
        # a combining mark alone would go onto the quotation mark before it
        bare = isinstance(value, str) and value and unicodedata.combining(value[0])
        text = ascii(value) if bare else repr(value)
    except ValueError:  # Python writes no number of so many digits
        return "a number of thousands of digits"
    return shortened(text)


def one_line(text: str) -> str:
    """Return a text as one line that a terminal can show, at most ``MOST_LINE`` characters of it.

    What it quotes may be a stranger's, and of any length: what has no blank within is shortened,
    but for a path of usual length or a checksum; and so is the whole.
    """
    line = printable(" ".join(part.strip() for part in text.splitlines()))
    line = re.sub(r"[^\s/]{81,}", lambda run: shortened(run[0]), line)
    line = re.sub(r"\S{301,}", lambda run: shortened(run[0], 300), line)
    return shortened(line, MOST_LINE)


def literal(text: str) -> str:
    """Return a text for a remedy, in which no word in braces is taken for an argument."""
    return text.replace("{", "{{")


class RnnlmError(Exception):
    """Something is wrong with a file's contents, the disk or training (exit code 1).

    Arguments that the user may give are named in ``field``, and in ``remedy`` in braces, as Python
    names them. So one error speaks to users of Python and of the command line:

    >>> error = UsageError("exists", field="out", place="a.png", remedy="use {overwrite=True}")
    >>> str(error)
    'out a.png: exists; use overwrite=True'
    >>> error.said(lambda argument: "--" + argument.removesuffix("=True"))
    '--out a.png: exists; use --overwrite'

    Attributes:
        field: The argument at fault, ``no_repeat_ngram``; empty for none.
        place: Where: a file, a line of it, or the value of the field; empty for nowhere.
        remedy: What to do about it; empty where the message says it. See ``literal``.
    """

    exit_code = 1

    def __init__(self, message: str, *, field: str = "", place: str = "", remedy: str = "") -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.field, self.place, self.remedy = field, place, remedy

    def said(self, spell: Callable[[str], str]) -> str:
        """Return all of it as one line.

        Args:
            spell: Turns an argument as Python names it, ``skip`` or ``overwrite=True``, into what
                the reader knows it by.
        """
        where = " ".join(filter(None, [self.field and spell(self.field), self.place]))
        remedy = re.sub(
            r"\{\{|\{(\w+(?:=True)?)\}", lambda m: spell(m[1]) if m[1] else "{", self.remedy
        )
        what = "; ".join(filter(None, [super().__str__(), remedy]))
        return one_line(": ".join(filter(None, [where, what])))

    def __str__(self) -> str:
        """Return it in Python's words."""
        return self.said(str)


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


class DivergedError(TrainingError):
    """A training or a model has diverged (exit code 1).

    A loss, gradient, weight or probability is NaN, infinite, or beyond what a model that has
    learned anything can have (see ``train/guard.py`` and ``model/bounds.py``).
    """
