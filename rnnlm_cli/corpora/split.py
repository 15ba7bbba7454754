"""A corpus in three parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

HELD_OUT = 20
"""Of generated lines, one of this many is for validation and one for test."""


class Split(NamedTuple):
    """Lines of text by split."""

    train: list[str]
    valid: list[str]
    test: list[str]

    @classmethod
    def of(cls, lines: Sequence[str]) -> Split:
        """Split lines that are in no order."""
        held_out = len(lines) // HELD_OUT
        train = len(lines) - 2 * held_out
        ends = train, train + held_out, len(lines)
        starts = 0, *ends[:-1]
        return cls(*(list(lines[start:end]) for start, end in zip(starts, ends, strict=True)))
