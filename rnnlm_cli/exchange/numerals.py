"""Numbers in the files of other programs."""

from __future__ import annotations

import math
import re

NUMERAL = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
"""Unambiguous in its digits, so that matching a long field does not take quadratic time."""


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
