"""Types of options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from rnnlm_cli.checks import Range
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.errors import UsageError, is_unicode, quoted
from rnnlm_cli.system.text_encodings import UTF8 as DEFAULT_ENCODING
from rnnlm_cli.system.text_encodings import is_encoding, near_encodings
from rnnlm_cli.system.whole_file import other_names, regular_file, taken

Command = Callable[..., Any]


class Utf8(click.types.StringParamType):
    """Text in UTF-8, in every locale; other bytes are refused.

    In the C locale Python keeps bytes that are not ASCII as surrogates; here they are decoded.
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
    """Text that is not empty: a script's unset variable must not count as an omitted option."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the text, or fail."""
        if not value:
            omit = "" if isinstance(param, click.Argument) else " or omit the option"
            self.fail(f"must not be empty; give a value{omit}", param, ctx)
        return super().convert(value, param, ctx)


class TextEncoding(Utf8):
    """An encoding of texts that Python knows, or ``auto``."""

    name = "encoding"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name, or fail."""
        name = super().convert(value, param, ctx)
        if not is_encoding(name):
            near = near_encodings(name)
            meant = f"; did you mean {' or '.join(near)}?" if near else ""
            known = "is not auto or an encoding that Python knows"
            self.fail(f"{quoted(name)} {known}{meant}", param, ctx)
        return name


def encoding_option(default: str = DEFAULT_ENCODING) -> Callable[[Command], Command]:
    """Return the option ``--encoding``; the help shows ``default``."""
    return click.option(
        "--encoding",
        type=TextEncoding(),
        metavar="NAME",
        help=f"Encoding of the text, such as cp949; auto finds it.  [default: {default}]",
    )


def number_in(limits: Range, kind: type[int] | type[float], value: Any) -> Any:
    """Return a number in a range.

    Raises:
        click.BadParameter: The value is not in the range.
    """
    try:
        number = kind(value)
    except (ValueError, OverflowError):
        number = None
    if number not in limits:
        raise click.BadParameter(f"{quoted(value)} is not {limits}")
    return number


class FiniteRange(click.FloatRange):
    """A finite number in a range."""

    name = "number"

    @classmethod
    def of(cls, limits: Range) -> FiniteRange:
        """Use the limits of the Python interface."""
        return cls(limits.low, limits.high, limits.low_open, limits.high_open)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail."""
        low = -math.inf if self.min is None else self.min
        limits = Range(low, self.max, False, self.min_open, self.max_open)
        return number_in(limits, float, value)


class WholeRange(click.IntRange):
    """A whole number in a range."""

    name = "number"

    @classmethod
    def of(cls, limits: Range) -> WholeRange:
        """Use the limits of the Python interface."""
        return cls(int(limits.low), None if limits.high is None else int(limits.high))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail."""
        return number_in(Range(self.min or 0, self.max, True), int, value)


UTF8 = Utf8()
TEXT = NonEmpty()

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace existing files.")


def check_outputs(paths: Sequence[str | Path], overwrite: bool) -> None:
    """Refuse to replace files, before any work and before any of them is written.

    A symbolic link counts as an existing file, even if its target does not exist.

    Args:
        paths: All files that a command is about to write.
        overwrite: Whether existing files may be replaced.

    Raises:
        UsageError: Some exist and may not be replaced, or are not regular files; all are named.
    """
    for path in paths:
        try:
            regular_file(path)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; name a file") from None
    existing = [path for path in paths if os.path.lexists(path)]
    if existing and not overwrite:
        raise taken(existing)
    note_other_names(existing)


def note_other_names(paths: Sequence[str | Path]) -> None:
    """Print a note for each file to be replaced that has other names (hard links)."""
    for path in paths:
        if count := other_names(path):
            names = "another name" if count == 1 else f"{count} other names"
            note(f"{path}: has {names} (hard links), which will keep the old content")
