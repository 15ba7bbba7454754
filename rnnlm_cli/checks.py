"""Checks of arguments, shared by the command line and the Python interface."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Annotated, Any

import msgspec

from rnnlm_cli.errors import UsageError, quoted

Count = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""A count in a file; bounded, because the file may be forged."""


@dataclass(frozen=True)
class Range:
    """A range of finite numbers.

    Attributes:
        low: The minimum.
        high: The maximum; ``None`` for no limit.
        whole: Allow only whole numbers.
        low_open: Exclude ``low`` itself.
        high_open: Exclude ``high`` itself.

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
        number: Any = value  # includes NumPy's numbers, which share no type with Python's
        high = math.inf if self.high is None else self.high
        above = self.low < number if self.low_open else self.low <= number
        below = number < high if self.high_open or self.high is None else number <= high
        return bool(above and below)  # both are false for NaN

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
        """Check that a value is in this range.

        Args:
            name: The argument's Python name.
            value: The value, of any type.

        Raises:
            UsageError: The value is not a number in this range.
        """
        if value not in self:
            raise UsageError(f"{quoted(value)} is not {self}", field=name)


def check_text(name: str, value: object, empty: bool = True) -> None:
    """Check that a value is a string.

    Raises:
        UsageError: It is not a string, or it is empty and ``empty`` is false.
    """
    if not isinstance(value, str):
        raise UsageError(f"{quoted(value)} is not text; give a string", field=name)
    if not value and not empty:
        raise UsageError("must not be empty; give a string with a token", field=name)


def check_flag(name: str, value: object) -> None:
    """Check that a value is a boolean.

    Raises:
        UsageError: It is not.
    """
    if not isinstance(value, bool):
        raise UsageError(f"{quoted(value)} is not True or False", field=name)
