"""Types of options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from rnnlm_cli.checks import Range
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.errors import UsageError, is_unicode, quoted
from rnnlm_cli.system.whole_file import other_names, regular_file, taken


class Utf8(click.types.StringParamType):
    """Text that can be written out again: bytes that are no UTF-8 are refused.

    They are read as UTF-8 in every locale. In that of C, Python keeps bytes that it does not know
    as halves of characters; here they become what they were.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the text, or fail."""
        text = super().convert(value, param, ctx)
        if is_unicode(text):
            return text
        try:
            return os.fsencode(text).decode()
        except UnicodeError:
            self.fail(f"{quoted(text)} is not UTF-8", param, ctx)


class NonEmpty(Utf8):
    """Text that is not empty: an unset variable of a script must not pass for no option."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the text, or fail."""
        if not value:
            omit = "" if isinstance(param, click.Argument) else " or omit the option"
            self.fail(f"must not be empty; give a value{omit}", param, ctx)
        return super().convert(value, param, ctx)


def number_in(limits: Range, kind: type[int] | type[float], value: Any) -> Any:
    """Return a number of a range.

    Raises:
        click.BadParameter: The value is none, in words that need no knowledge of types.
    """
    try:
        number = kind(value)
    except (ValueError, OverflowError):
        number = None
    if number not in limits:
        raise click.BadParameter(f"{quoted(value)} is not {limits}")
    return number


class FiniteRange(click.FloatRange):
    """A number of a range, neither infinite nor "nan"."""

    name = "number"

    @classmethod
    def of(cls, limits: Range) -> FiniteRange:
        """Take the limits that the Python interface has too."""
        return cls(limits.low, limits.high, limits.low_open, limits.high_open)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail."""
        low = -math.inf if self.min is None else self.min
        limits = Range(low, self.max, False, self.min_open, self.max_open)
        return number_in(limits, float, value)


class WholeRange(click.IntRange):
    """A whole number of a range."""

    name = "number"

    @classmethod
    def of(cls, limits: Range) -> WholeRange:
        """Take the limits that the Python interface has too."""
        return cls(int(limits.low), None if limits.high is None else int(limits.high))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail."""
        return number_in(Range(self.min or 0, self.max, True), int, value)


UTF8 = Utf8()
TEXT = NonEmpty()

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace files that exist.")


def check_outputs(paths: Sequence[str | Path], overwrite: bool) -> None:
    """Refuse to replace files, before any work and before one of them is written.

    A symbolic link counts as a file that exists, even where what it leads to does not.

    Args:
        paths: All that a command is about to write.
        overwrite: Whether files that exist may be replaced.

    Raises:
        UsageError: Some exist and may not be replaced, or are no regular files; it names them all.
    """
    for path in paths:
        try:
            regular_file(path)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; name a file") from None
    there = [path for path in paths if os.path.lexists(path)]
    if there and not overwrite:
        raise taken(there)
    tell_other_names(there)


def tell_other_names(paths: Sequence[str | Path]) -> None:
    """Say which of the files that will be replaced are known by other names too (hard links)."""
    for path in paths:
        if count := other_names(path):
            names = "another name" if count == 1 else f"{count} other names"
            note(f"{path}: has {names} (hard links), which will keep the old content")
