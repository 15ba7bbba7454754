"""Input by token: each distinct vector of a block once, and its places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from rnnlm_cli.system.arrays import Array, Ids


@dataclass(eq=False)
class Table:
    """The distinct vectors of a block.

    Attributes:
        values: ``(N, D)``.
        gradient: ``(N, D)``, the loss's gradient with respect to them; written by the ``finish`` of
            the layer that read them, before that of the layer that made them.
    """

    values: Array
    gradient: Array | None = None


@dataclass(frozen=True)
class Lookup:
    """``x[t, b] = table.values[index[t, b]]``, for a layer that multiplies each vector once.

    A block of 700 words has about 350 different ones, a block of 2,500 characters some 60.

    Attributes:
        table: The distinct vectors; the parts of a block may share it.
        index: ``(T, B)``, in which each row of the table occurs at least once in the block.
    """

    table: Table
    index: Ids

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of ``x``, ``(T, B, D)``."""
        return (*self.index.shape, self.table.values.shape[-1])

    @property
    def size(self) -> int:
        """The number of values of ``x``."""
        return int(self.index.size * self.table.values.shape[-1])

    def __len__(self) -> int:
        """Return ``T``."""
        return len(self.index)

    def __getitem__(self, steps: slice) -> Lookup:
        """Return some of the steps, with the same table."""
        return Lookup(self.table, self.index[steps])


def in_time(parts: Sequence[Any]) -> Any:
    """Join the parts of a block, arrays ``(T, B, D)`` or lookups in one table."""
    if isinstance(parts[0], Lookup):
        return Lookup(parts[0].table, np.concatenate([part.index for part in parts]))
    return np.concatenate(parts)


def by_table(parts: Sequence[Lookup]) -> Iterator[tuple[Table, Ids, slice]]:
    """Yield each table with the indices ``(N,)`` and the steps of its parts, in time's order."""
    start = 0
    for _, same in groupby(parts, key=lambda part: id(part.table)):
        whole = in_time(list(same))
        stop = start + len(whole)
        yield whole.table, whole.index.reshape(-1), slice(start, stop)
        start = stop
