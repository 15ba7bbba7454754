"""What a search tries: keys of the config, and the values of each.

An axis is written ``KEY=VALUES``, where VALUES is a range or a list:

- ``0.0..0.6``: any number from the first to the last; whole numbers if the key takes only these;
- ``log:1e-4..1e-1``: the same, but each factor of ten is tried as often as another;
- ``64..512/64``: from the first to the last in steps;
- ``128,256``: one of these values, each in YAML, so also a whole section:
  ``training.optimizer={kind: sgd, learning_rate: 20},{kind: adam}``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
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

Values = dict[str, Any]
"""A value for each key: what a trial tries."""


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


class Space:
    """The axes of a search, in the order in which they are drawn.

    A key that only some kinds have, such as ``training.optimizer.momentum``, is drawn only for a
    trial whose section is of such a kind. So sections and kinds are drawn first.

    Attributes:
        axes: The axes.
    """

    def __init__(self, axes: Sequence[Axis], base: dict[str, Any]) -> None:
        """Order the axes.

        Args:
            axes: The axes, each of another key.
            base: The plain values of the config without them.

        Raises:
            UsageError: Two axes have the same key, or one is in another's section.
        """
        self.axes = sorted(axes, key=lambda axis: (axis.key.count("."), axis.key[-5:] != ".kind"))
        self._base = base
        for number, axis in enumerate(self.axes):
            for before in self.axes[:number]:
                if axis.key == before.key:
                    raise UsageError(f"{axis.key}: is given twice; put all values into one list")
                if axis.key.startswith(f"{before.key}."):
                    raise UsageError(f"{axis.key}: belongs to {before.key}, which is searched too")

    def drawn(self, draw: Draw) -> Values:
        """Return a value for each key that applies."""
        values: Values = {}
        for axis in self.axes:
            if self._applies(axis.key, values):
                values[axis.key] = draw(axis)
        return values

    @cached_property
    def combinations(self) -> list[Values] | None:
        """All different combinations; ``None`` if they are more than ``MOST_VALUES``."""
        lists = [_all_values(axis) for axis in self.axes]
        few = all(lists) and math.prod(map(len, lists)) <= MOST_VALUES
        return list(self._product(lists)) if few else None

    def corners(self, most: int) -> Iterator[Values]:
        """Yield combinations in which every value, or end of a range, occurs.

        Args:
            most: If there are at most so many combinations, all are given.
        """
        ends = [axis.ends for axis in self.axes]
        if math.prod(map(len, ends)) <= most:
            yield from self._product(ends)
            return
        # each value once, with every kind of a section, and the first value of other keys
        for number, values in enumerate(ends):
            kinds = [
                v if axis.key.endswith(".kind") else v[:1]
                for axis, v in zip(self.axes, ends, strict=True)
            ]
            yield from self._product([*kinds[:number], values, *kinds[number + 1 :]])

    def _product(self, lists: Sequence[Sequence[Any]]) -> Iterator[Values]:
        seen = set()
        for one in product(*lists):
            chosen = {axis.key: value for axis, value in zip(self.axes, one, strict=True)}
            values = self.drawn(lambda axis, chosen=chosen: chosen[axis.key])  # type: ignore[misc]
            if (name := json.dumps(values)) not in seen:
                seen.add(name)
                yield values

    def _applies(self, key: str, values: Values) -> bool:
        """Whether a trial with these values has a key."""
        kinds = {entry.kind for entry in describe() if entry.name == key}
        if not kinds or None in kinds:
            return True
        section = key.rpartition(".")[0]
        plain: Any = self._base
        for part in section.split("."):
            plain = plain[part]
        return values.get(f"{section}.kind", plain["kind"]) in kinds


def _all_values(axis: Axis) -> Sequence[Any]:
    """Return all values of an axis; nothing if there is no end of them."""
    if axis.whole and not axis.values:
        return range(int(axis.low), int(axis.high) + 1)
    return axis.values


def override_of(key: str, value: Any) -> str:
    """Return a value as an override of a config, ``KEY=VALUE``.

    >>> override_of("training.optimizer.learning_rate", 1e-05), override_of("model.cell", "gru")
    ('training.optimizer.learning_rate=1e-05', 'model.cell="gru"')
    """
    return f"{key}={json.dumps(value, ensure_ascii=False)}"
