"""What a search tries: its axes, and which values go together."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import Any

from rnnlm_cli.config.describe import describe
from rnnlm_cli.errors import UsageError
from rnnlm_cli.search.axis import MOST_VALUES, Axis, Draw

Values = dict[str, Any]
"""A value for each key: what a trial tries."""


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
