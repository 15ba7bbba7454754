"""An axis: where a value is, and which values are labelled."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Steps between ticks, times a power of ten."""

FEW_DECADES = 2.0
"""Up to this number of powers of ten, ticks of a logarithmic axis are also between these."""

LITTLE = 2.0
"""Up to this ratio of its ends, a logarithmic axis has the ticks of a linear one."""


class Axis(NamedTuple):
    """The range of values that an axis shows."""

    low: float
    high: float
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Return where a value is, from 0 at the low end to 1 at the high end."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def shows(self, value: float) -> bool:
        """Whether a value can be drawn on it, inside or outside its range."""
        return math.isfinite(value) and (value > 0 or not self.logarithmic)

    def ticks(self, most: int = 5) -> list[float]:
        """Return round values in the range, about ``most`` of them.

        >>> Axis(0, 100).ticks(), Axis(3, 4000, True).ticks(), Axis(50, 700, True).ticks()
        ([0.0, 20.0, 40.0, 60.0, 80.0, 100.0], [10.0, 100.0, 1000.0], [50.0, 100.0, 200.0, 500.0])
        """
        if not self.logarithmic or self.high / self.low <= LITTLE:
            return self._even(most)
        decades = math.log10(self.high / self.low)
        factors = (1, 2, 5) if decades <= FEW_DECADES else (1,)
        every = max(1, math.ceil(decades / most))
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        found = (
            factor * 10.0**power for power in range(first, last + 1, every) for factor in factors
        )
        return [value for value in found if self.low * 0.999 <= value <= self.high * 1.001]

    def _even(self, most: int) -> list[float]:
        rough = (self.high - self.low) / most
        size = 10.0 ** math.floor(math.log10(rough))
        step = size * next(one for one in STEPS if size * one >= rough * 0.999)
        first, last = math.ceil(self.low / step - 1e-6), math.floor(self.high / step + 1e-6)
        return [k * step for k in range(first, last + 1)]


def axis_over(
    values: Iterable[float],
    logarithmic: bool = False,
    limits: tuple[float, float] | None = None,
    margin: float = 0.04,
) -> Axis:
    """Return an axis that shows all values, with some room at both ends, or the given limits."""
    shown = [v for v in values if math.isfinite(v) and (v > 0 or not logarithmic)]
    low, high = limits or ((min(shown), max(shown)) if shown else (1.0, 2.0))
    if limits is None and logarithmic:
        room = (high / low) ** margin if high > low else 1.1
        return Axis(low / room, high * room, True)
    if limits is None:
        room = margin * (high - low) or abs(high) * 0.1 or 1.0
        low, high = low - room, high + room
    return Axis(low, high, logarithmic)


def label(value: float) -> str:
    """Return a value as a label of a tick.

    >>> [label(v) for v in (0, 0.001, 2.5, 1500, 40_000, 2_000_000, 1e-5, 1e9)]
    ['0', '0.001', '2.5', '1500', '40k', '2M', '1e-5', '1e9']
    """
    size = abs(value)
    if size >= 1e9 or 0 < size < 1e-3:
        mantissa, _, power = f"{value:.3g}".partition("e")
        return f"{mantissa}e{int(power)}" if power else mantissa
    for least, unit, name in ((1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if size >= least:
            return f"{value / unit:.4g}{name}"
    return f"{value:.6g}"
