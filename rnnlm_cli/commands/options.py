"""Types of options that several commands share."""

from __future__ import annotations

import math
import os
from typing import Any

import click

from rnnlm_cli.errors import UsageError, is_unicode


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

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace what is there.")


def check_new(out: str, overwrite: bool) -> None:
    """Refuse to write over what is there, before any work.

    Raises:
        UsageError: The name is taken.
    """
    if os.path.exists(out) and not overwrite:
        raise UsageError(f"{out}: is there already; add --overwrite, or name another --out")
