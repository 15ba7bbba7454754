"""Work on many items that the ranks divide: lines, hypotheses, lattices, settings to try.

Rank 0 reads, and hands out what it has read, so that the others need no file of the user's but the
model. Every rank gets all results, in the order of the items, as if it had worked alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

from rnnlm_cli.data.shares import share_of
from rnnlm_cli.evaluate.dealing import Deal, alone
from rnnlm_cli.nn.cpu.threads import use_threads
from rnnlm_cli.train.group import Group

Item = TypeVar("Item")
Result = TypeVar("Result")


def share_cores(group: Group) -> None:
    """Give this rank its part of the cores of its machine."""
    if group.size > 1:
        use_threads(group.threads())


def deal_of(group: Group) -> Deal:
    """Give this rank its part of the cores; return how work is divided among all."""
    share_cores(group)
    return alone if group.size == 1 else Dealt(group)


class Dealt:
    """Divides work; see ``evaluate/dealing.py``.

    In each round rank 0 reads as many batches as there are ranks, and each rank gets an equal part
    of their items, so that a single batch is divided too.
    """

    def __init__(self, group: Group) -> None:
        """Take the ranks, all of which do the same work."""
        self._group = group

    def __call__(
        self, work: Callable[[list[Item]], list[Result]], batches: Iterable[list[Item]], /
    ) -> Iterator[list[Result]]:
        """Yield the results of a round; an error of one rank is every rank's.

        Args:
            work: Gives the results of some items, one each, in their order.
            batches: The items, which only rank 0 reads.

        Raises:
            Elsewhere: Another rank failed.
        """
        group, unread = self._group, iter(batches)
        while items := group.first(lambda: list(chain(*islice(unread, group.size)))):
            own = items[share_of(len(items), group.rank, group.size)]
            yield list(chain(*group.gather(work(own) if own else [])))
