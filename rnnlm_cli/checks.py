"""Checks of values from outside; the command line and the Python interface share them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Annotated, Any

import msgspec

from rnnlm_cli.errors import UsageError, quoted

Count = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""A number of things in a file that this program wrote, and that may have been forged."""


@dataclass(frozen=True)
class Range:
    """A range of finite numbers.

    Attributes:
        low: The least one.
        high: The greatest one; ``None`` for no limit.
        whole: Only whole numbers.
        low_open: ``low`` itself is not allowed.
        high_open: ``high`` itself is not allowed.

    >>> str(Range(0, 1, low_open=True))
    'a number above 0 and at most 1'
    >>> 3 in Range(1, 5, whole=True), True in Range(0, 5), 0.5 in Range(0, 5, whole=True)
    (True, False, False)
    """

    low: float
    high: float | None = None
    whole: bool = False
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: object) -> bool:
        kind = Integral if self.whole else Real
        if not isinstance(value, kind) or isinstance(value, bool):
            return False
        number: Any = value  # numbers of NumPy too, which have no type in common with Python's
        high = math.inf if self.high is None else self.high
        above = self.low < number if self.low_open else self.low <= number
        below = number < high if self.high_open or self.high is None else number <= high
        return bool(above and below)  # "nan" is neither

    def __str__(self) -> str:
        what = "a whole number" if self.whole else "a number"
        low = f"{self.low:,.15g}"
        if self.high is None:
            return f"{what} {'above' if self.low_open else 'of at least'} {low}"
        high = f"{self.high:,.15g}"
        if not self.low_open and not self.high_open:
            return f"{what} from {low} to {high}"
        return (
            f"{what} {'above' if self.low_open else 'of at least'} {low} and "
            f"{'below' if self.high_open else 'at most'} {high}"
        )

    def check(self, name: str, value: object) -> None:
        """Refuse a value outside.

        Args:
            name: Of the argument, in Python's words.
            value: Anything.

        Raises:
            UsageError: It is no number of this range.
        """
        if value not in self:
            raise UsageError(f"{quoted(value)} is not {self}", field=name)


def check_text(name: str, value: object, empty: bool = True) -> None:
    """Refuse what is not text.

    Raises:
        UsageError: It is not a string, or it is empty and must not be.
    """
    if not isinstance(value, str):
        raise UsageError(f"{quoted(value)} is not text; give a string", field=name)
    if not value and not empty:
        raise UsageError("must not be empty; give a string with a token", field=name)


def check_flag(name: str, value: object) -> None:
    """Refuse what is neither true nor false.

    Raises:
        UsageError: It is something else.
    """
    if not isinstance(value, bool):
        raise UsageError(f"{quoted(value)} is not True or False", field=name)
