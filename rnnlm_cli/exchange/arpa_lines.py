"""The lines of n-grams in an ARPA file, many at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.exchange.arpa_file import WRITE_AGAIN
from rnnlm_cli.exchange.backoff import ZERO
from rnnlm_cli.exchange.numerals import read_numeral, read_numerals
from rnnlm_cli.system.arrays import Array


class LineFault(Exception):  # noqa: N818 (the reader makes an error of it, with the place)
    """What is wrong with one of the lines.

    Attributes:
        problem: What is wrong.
        remedy: What to do.
        number: That of the line; ``None`` for one that was given by itself.
    """

    def __init__(self, problem: str, remedy: str = WRITE_AGAIN, number: int | None = None) -> None:
        super().__init__(problem)
        self.problem, self.remedy, self.number = problem, remedy, number


class Columns(NamedTuple):
    """The fields of lines of n-grams."""

    words: list[list[str]]  # the first words, the second words, ...
    log_probs: Array  # (n,) log10
    backoffs: Array  # (n,) log10


def columns_of(lines: Sequence[str], order: int) -> Columns:
    """Parse lines of n-grams.

    Raises:
        LineFault: One of them is wrong; if there is but one, this says what is wrong with it.
    """
    text = "\n".join(lines).replace(" ", "\t")
    while "\t\t" in text:
        text = text.replace("\t\t", "\t")
    rows = text.split("\n") if lines else []
    tabs = [row.count("\t") for row in rows]
    widths = set(tabs)
    if not widths <= {order, order + 1}:
        raise LineFault(f"{lines[0][:40]!r} is not a {order}-gram with its numbers")
    if len(widths) == 2:  # with and without a back-off weight
        rows = [row if tab > order else row + "\t0" for row, tab in zip(rows, tabs, strict=True)]
    width = max(widths, default=order) + 1
    fields = "\t".join(rows).split("\t") if rows else []
    log_probs = logs(fields[::width])
    if (log_probs > 0).any():
        raise LineFault(f"{fields[0][:40]!r} is the logarithm of a probability above 1")
    words = [fields[k::width] for k in range(1, order + 1)]
    weights = fields[order + 1 :: width] if width > order + 1 else []
    backoffs = logs(weights) if weights else np.zeros(len(log_probs))
    if (backoffs > -ZERO).any():
        raise LineFault(f"{weights[0][:40]!r} is not the logarithm of a back-off weight")
    return Columns(words, log_probs, backoffs)


def logs(fields: Sequence[str]) -> Array:
    """Read logarithms; the values that mean log of zero become minus infinity.

    Raises:
        LineFault: One is not a logarithm.
    """
    try:
        numbers = read_numerals(fields)
    except ValueError:
        numbers = np.array([log_or_fault(field) for field in fields])
    return np.where(numbers > ZERO, numbers, -math.inf)


def log_or_fault(field: str) -> float:
    """Read a logarithm, which may be minus infinity.

    Raises:
        LineFault: It is not a logarithm.
    """
    try:
        return read_numeral(field)
    except ValueError:
        if field.lower() == "-inf":
            return -math.inf
        raise LineFault(f"{field[:40]!r} is not a log-probability") from None
