"""Whether what a run prints is what was kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")

CLOCK = re.compile(
    r"seconds +[\d.]+|\d+:\d\d(?::\d\d)?|[\d,.]+ (?:tokens per second|seconds|minutes)"
)
"""Times and speeds: they are another's on every machine."""


def value(number: str) -> float:
    """Return the value of a number as it is printed."""
    return float(number.replace(",", ""))


def unit(number: str) -> float:
    """Return what the last digit of a printed number counts.

    >>> unit("12"), unit("-3.25"), unit("1.5e-07")
    (1.0, 0.01, 1e-08)
    """
    digits, _, power = number.partition("e")
    decimals = len(digits.partition(".")[2])
    return float(f"1e{int(power or 0) - decimals}")


def is_close(kept: str, new: str, tolerance: float) -> bool:
    """Whether two printed numbers differ by the tolerance, or by rounding, at most."""
    if kept == new:
        return True
    a, b = value(kept), value(new)
    rounding = 1.01 * unit(kept) if "." in kept else 0.0
    return abs(a - b) <= tolerance * max(abs(a), abs(b)) + rounding


def is_same(kept: str, new: str, tolerance: float) -> bool:
    """Whether two lines have the same words and numbers that are close; clocks do not count."""
    kept, new = CLOCK.sub("#:#", kept), CLOCK.sub("#:#", new)
    if NUMBER.sub("#", kept).split() != NUMBER.sub("#", new).split():
        return False
    numbers = zip(NUMBER.findall(kept), NUMBER.findall(new), strict=True)
    return all(is_close(a, b, tolerance) for a, b in numbers)


def differences(kept: str, new: str, tolerance: float, words: bool = True) -> Iterator[str]:
    """Yield each line that differs, as a diff shows it.

    Args:
        kept: What was printed then.
        new: What is printed now.
        tolerance: By how much a number may differ, relative to it.
        words: Whether the lines are compared; else only their number is.
    """
    pairs = list(zip_longest(kept.splitlines(), new.splitlines()))
    for a, b in pairs:
        missing = a is None or b is None
        if missing or (words and not is_same(a, b, tolerance)):
            yield from [f"- {a}"] if a is not None else []
            yield from [f"+ {b}"] if b is not None else []
