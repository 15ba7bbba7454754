"""An axis of a search: a key of the config, and the values to try.

It is written ``KEY=VALUES``, where VALUES is a range or a list:

- ``0.0..0.6``: any number from the first to the last; whole numbers if the key takes only these;
- ``log:1e-4..1e-1``: the same, but each factor of ten is tried as often as another;
- ``64..512/64``: from the first to the last in steps;
- ``128,256``: one of these values, each in YAML, so also a whole section:
  ``training.optimizer={kind: sgd, learning_rate: 20},{kind: adam}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnnlm_cli.config.describe import describe
from rnnlm_cli.config.document import parse_yaml
from rnnlm_cli.errors import UsageError, quoted

NUMBER = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
RANGE = re.compile(rf"\s*(log:)?\s*({NUMBER})\s*\.\.\s*({NUMBER})\s*(?:/\s*({NUMBER}))?\s*")

DIGITS = 4
"""Significant digits of a number that is drawn: more would be noise in a config."""

MOST_VALUES = 10_000
"""Maximum values of a range in steps, and combinations that are listed."""

INCOMPARABLE = {
    "checkpoint": "each trial has files of its own",
    "corpus": "it changes what is predicted, so that trials could not be compared",
    "model.direction": "it changes the measure, so that trials could not be compared",
    "training.lines": "it changes how the validation text is read, so that trials could not be "
    "compared",
}
"""Keys and sections that are not searched, with the reason."""

COMPARABLE = "corpus.subword."
"""An exception: subwords of any size predict the same text, and bits per byte compare them."""


@dataclass(frozen=True)
class Axis:
    """A key with the values to try: a list, or the ends of a range.

    Attributes:
        key: The dotted key.
        text: The values as they were written.
        values: The values of a list, or of a range in steps; empty for other ranges.
        low: The first value of a range.
        high: The last value of a range.
        log: Whether factors are drawn uniformly, instead of differences.
        step: The difference of two values, if the range is in steps.
        whole: Whether its numbers are whole.
    """

    key: str
    text: str
    values: tuple[Any, ...] = ()
    low: float = 0
    high: float = 0
    log: bool = False
    step: float | None = None
    whole: bool = False

    @property
    def is_range(self) -> bool:
        """Whether it is a range, with or without steps."""
        return self.low < self.high

    @property
    def ends(self) -> tuple[Any, ...]:
        """Return values that are allowed only if all are: a list, or the ends of a range."""
        if not self.is_range:
            return self.values
        return self.rounded(self.low), self.rounded(self.high)

    def rounded(self, number: float) -> float:
        """Return a drawn number as a config has it, in the range.

        >>> Axis("a", "1e-4..0.123456", low=1e-4, high=0.123456).rounded(0.0123456)
        0.01235
        """
        if self.whole:
            return int(number)
        return min(max(float(f"{number:.{DIGITS}g}"), self.low), self.high)


Draw = Callable[[Axis], Any]
"""Returns a value of an axis."""


def axis_of(written: str, option: str) -> Axis:
    """Read ``KEY=VALUES``.

    Args:
        written: The text.
        option: What gave it, for messages.

    Raises:
        UsageError: It has another form, or the key is not searched; its values are not checked yet.
    """
    key, separator, text = (part.strip() for part in written.partition("="))
    place = f"{option} {written}"
    if not (key and separator and text):
        raise UsageError("expected KEY=VALUES, such as model.hidden_size=128,256", place=place)
    for section, reason in INCOMPARABLE.items():
        if f"{key}.".startswith(f"{section}.") and not key.startswith(COMPARABLE):
            raise UsageError(f"{key} is not searched: {reason}", place=place)
    found = RANGE.fullmatch(text)
    if found:
        return _range(key, text, found, place)
    if text.startswith("log:"):
        raise UsageError("expected a range, such as log:1e-4..1e-1", place=place)
    return _list(key, text, place)


def _range(key: str, text: str, found: re.Match[str], place: str) -> Axis:
    log, low, high = found[1] is not None, float(found[2]), float(found[3])
    step = None if found[4] is None else float(found[4])
    kinds = {entry.number for entry in describe() if entry.name == key}
    whole = kinds == {int}
    if kinds == {None}:
        raise UsageError(f"{key} takes no number; give values, such as A,B", place=place)
    if not low < high:
        raise UsageError("the first number must be below the last", place=place)
    if log and low <= 0:
        raise UsageError("a range of factors begins above 0", place=place)
    if log and step is not None:
        raise UsageError("a range of factors has no steps; omit log: or the step", place=place)
    if whole and not all(part is None or part.is_integer() for part in (low, high, step)):
        raise UsageError(f"{key} takes whole numbers", place=place)
    if step is None:
        return Axis(key, text, low=low, high=high, log=log, whole=whole)
    if not 0 < step <= high - low:
        raise UsageError(f"the step must be above 0 and at most {high - low:g}", place=place)
    count = int((high - low) / step * (1 + 1e-12)) + 1
    if count > MOST_VALUES:
        raise UsageError(f"{count:,} steps, and at most {MOST_VALUES:,} are allowed", place=place)
    last = low + (count - 1) * step
    axis = Axis(key, text, low=low, high=last, step=step, whole=whole)
    values = tuple(axis.rounded(low + number * step) for number in range(count))
    return Axis(key, text, values, low, last, False, step, whole)


def _list(key: str, text: str, place: str) -> Axis:
    values, _ = parse_yaml(f"[{text}]", place)
    if not values:
        raise UsageError("expected values, such as A,B", place=place)
    names = [json.dumps(value) for value in values]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise UsageError(f"{quoted(values[number])} is given twice", place=place)
    return Axis(key, text, tuple(values))
