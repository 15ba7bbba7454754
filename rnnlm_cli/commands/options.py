"""Types of options that several commands share."""

from __future__ import annotations

import math
from typing import Any

import click


class NonEmpty(click.types.StringParamType):
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


TEXT = NonEmpty()
