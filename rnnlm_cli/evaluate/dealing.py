"""Who works on a batch of items: this process, or several that divide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Deal(Protocol):
    """Applies a function to batches; the results come in the order of the items."""

    def __call__(
        self, work: Callable[[list[Item]], list[Result]], batches: Iterable[list[Item]], /
    ) -> Iterator[list[Result]]:
        """Yield lists of results, which together have one per item."""


def alone(
    work: Callable[[list[Item]], list[Result]], batches: Iterable[list[Item]], /
) -> Iterator[list[Result]]:
    """Do all the work in this process, batch by batch."""
    return map(work, batches)
