"""Numbers in the files of other programs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from rnnlm_cli.system.arrays import Array

NUMERAL = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
"""Unambiguous in its digits, so that matching a long field does not take quadratic time."""

ALPHABET = re.compile(r"[-+.0-9eE]*")
"""The characters of numerals; what ``float`` reads of them is a numeral."""


def read_numeral(field: str) -> float:
    """Return the number in a field, in the common decimal notation.

    ``float`` would also accept ``1_000``, ``nan``, ``infinity`` and digits of other scripts.

    Raises:
        ValueError: It is not a number, or too large for a float.
    """
    number = float(field) if NUMERAL.fullmatch(field) else math.inf
    if not math.isfinite(number):
        raise ValueError(f"{field[:40]!r} is not a number")
    return number


def read_numerals(fields: Sequence[str]) -> Array:
    """Return the numbers in fields, ``(N,)`` float64, as ``read_numeral`` reads each.

    Raises:
        ValueError: One is not a number, or too large for a float.
    """
    if ALPHABET.fullmatch("".join(fields)):
        numbers = np.array([float(field) for field in fields])
        if np.isfinite(numbers).all():
            return numbers
    raise ValueError("one of the fields is not a number")
