"""Numbers in the files of other programs."""

from __future__ import annotations

import math
import re

NUMERAL = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
"""In which digits can be read in one way alone, so that a long field takes no quadratic time."""


def read_numeral(field: str) -> float:
    """Return the number that a field holds, written as every program writes it.

    Python alone would also take ``1_000``, ``nan``, ``infinity`` and digits of other scripts.

    Raises:
        ValueError: It is not a number, or too large for one.
    """
    number = float(field) if NUMERAL.fullmatch(field) else math.inf
    if not math.isfinite(number):
        raise ValueError(f"{field[:40]!r} is not a number")
    return number
