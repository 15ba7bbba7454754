"""Sums to learn from examples: ``57+5<TAB>62``."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.corpora.split import Split
from rnnlm_cli.errors import UsageError

LINES = Range(60, 1_000_000, whole=True)
DIGITS = Range(1, 9, whole=True)


def addition(lines: int = 50_000, digits: int = 3, seed: int = 1) -> Split:
    r"""Return sums of two numbers, as characters ("Deep Learning from Scratch 2", chapter 7).

    No two lines have the same two numbers, in either order, so what is held out is new to a model.
    The number of digits is drawn first, so that short numbers are not rare.

    Args:
        lines: How many, in all three parts together.
        digits: Maximum digits of a number.
        seed: Of the draws.

    Raises:
        UsageError: There are too few such sums.

    >>> addition(60, 2, seed=1).valid
    ['6+42\t48', '47+66\t113', '5+4\t9']
    """
    numbers = 10**digits
    possible = numbers * (numbers + 1) // 2
    if lines > possible // 2:
        raise UsageError(
            f"{lines:,} is more than half of the {possible:,} sums of numbers of at most "
            f"{digits} digits",
            field="lines",
            remedy="use fewer {lines}, or more {digits}",
        )
    rng, seen, found = np.random.default_rng(seed), set[tuple[int, int]](), list[str]()
    while len(found) < lines:
        limits = 10 ** rng.integers(1, digits + 1, (lines, 2))
        for first, second in rng.integers(limits).tolist():
            pair = min(first, second), max(first, second)
            if pair not in seen and len(found) < lines:
                seen.add(pair)
                found.append(f"{first}+{second}\t{first + second}")
    return Split.of(found)
