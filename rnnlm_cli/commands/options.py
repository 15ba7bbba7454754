"""Types of options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from rnnlm_cli.commands.messages import note
from rnnlm_cli.errors import UsageError, is_unicode
from rnnlm_cli.whole_file import other_names, regular_file, taken


class Utf8(click.types.StringParamType):
    """Text that can be written out again: bytes that are no UTF-8 are refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the text, or fail."""
        text = super().convert(value, param, ctx)
        if not is_unicode(text):
            self.fail(f"{text!a} is not UTF-8", param, ctx)
        return text


class NonEmpty(Utf8):
    """Text that is not empty: an unset variable of a script must not pass for no option."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the text, or fail."""
        if not value:
            self.fail("is empty; name something, or leave the option away", param, ctx)
        return super().convert(value, param, ctx)


class FiniteRange(click.FloatRange):
    """A number of a range, neither infinite nor "nan"."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


UTF8 = Utf8()
TEXT = NonEmpty()
LENGTH = click.IntRange(0, 10**12)

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
