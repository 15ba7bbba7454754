"""The processes of one training, the ranks: what they tell each other; and a process alone.

``mpiexec -n N rnnlm train`` starts ``N`` processes that all run the same program. Each has some of
the streams (``data/shares.py``), gradients are added up (``train/others.py``), and every rank
makes the same update. The rest of the program asks a ``Group``: one process is ``ALONE``, several
are joined by MPI (``train/parallel.py``).

Ranks call the methods of a group in the same order. Until training begins, an error on one rank
meets the others at whatever they call next, and all end with one line. Later a rank that fails
prints its line and ends all at once.
"""

from __future__ import annotations

import os
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.cpu.threads import available_cores
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.train.failures import Elsewhere, Failure, failure_of
from rnnlm_cli.train.poll import Poll, Stopped

T = TypeVar("T")

FIXED, FASTEST = "fixed", "fastest"


class Group(ABC):
    """The ranks of a training.

    Attributes:
        rank: This process, from 0.
        size: How many there are.
        names: Each rank for messages: ``rank 1 (host)``.
        hosts: The name of each rank's machine.
        mpi: Name and version of the library; empty without one.
        begun: Whether training has begun, so that ranks no longer wait for an error of others.
    """

    rank = 0
    size = 1
    mpi = ""

    def __init__(self) -> None:
        self.begun = False
        self.hosts: list[str] = [""]
        self._said: BaseException | None = None

    @property
    def names(self) -> list[str]:
        """Each rank for messages."""
        return [f"rank {rank} ({host})" for rank, host in enumerate(self.hosts)]

    @property
    def launcher(self) -> list[str]:
        """The words that start as many ranks again, before those of a command."""
        return [] if self.size == 1 else ["mpiexec", "-n", str(self.size)]

    @property
    def leads(self) -> bool:
        """Whether this rank writes the files and talks to the user."""
        return self.rank == 0

    @abstractmethod
    def _exchange(self, value: Any) -> list[Any]:
        """Return the values of all ranks, in their order; none is an array that is shared."""

    @abstractmethod
    def sum(self, values: Array, how: str = FIXED) -> None:
        """Replace ``values (n,)`` by their sum over all ranks, bit for bit the same on each.

        Args:
            values: A flat array.
            how: ``fixed`` adds in the order of the ranks, whatever the machines and the network,
                so that a repeated training is repeated; ``fastest`` leaves the order to MPI.
        """

    def begin_sum(self, values: Array) -> Callable[[], None]:
        """Begin a sum in any order while this rank goes on; return what waits for its end.

        Args:
            values: Not to be touched until then.
        """
        return partial(self.sum, values, FASTEST)

    def abort(self, exit_code: int) -> None:  # noqa: B027 (one process just ends)
        """End all ranks at once."""

    def gather(self, value: T) -> list[T]:
        """Return the values of all ranks, in their order.

        Raises:
            Elsewhere: A rank failed before it came here.
        """
        found = self._exchange(value)
        for outcome in found:
            if isinstance(outcome, Failure):
                raise Stopped if outcome.is_stop else Elsewhere(outcome.exit_code)
        return found

    def any(self, flag: bool) -> bool:
        """Whether the flag is set on any rank."""
        if self.size == 1:
            return flag
        count = np.array([flag], np.float64)
        self.sum(count)
        return bool(count[0] > 0)

    def first(self, work: Callable[[], T]) -> T:
        """Do work on rank 0 and return its result, or raise its error, on all ranks.

        Raises:
            Elsewhere: It failed, on the other ranks; on rank 0 the error itself is raised.
        """
        if self.size == 1:
            return work()
        if not self.leads:
            return self.gather(None)[0]  # type: ignore[return-value]
        try:
            outcome = work()
        except Exception as error:
            self._exchange(failure_of(error))
            self._said = error
            raise
        return self.gather(outcome)[0]

    def of_all(self, error: T) -> T | Elsewhere:
        """Return what each rank should raise for an error that all of them have: one line of it."""
        if self.leads:
            self._said = error if isinstance(error, BaseException) else None
            return error
        return Elsewhere(getattr(error, "exit_code", 1))

    def tells(self, error: BaseException) -> str | None:
        """Settle with the others which rank tells the user of an error.

        Returns:
            The name of this rank if it tells and others have not failed, empty if all have;
            ``None`` if another one tells.
        """
        if isinstance(error, Elsewhere):
            return None
        if isinstance(error, KeyboardInterrupt):  # one may come while ranks wait for each other
            return "" if self.leads else None
        if self.size == 1 or error is self._said:
            return ""
        if self.begun:
            return self.names[self.rank]
        outcomes = self._exchange(failure_of(error))
        failed = [k for k, outcome in enumerate(outcomes) if isinstance(outcome, Failure)]
        if failed[0] != self.rank:
            return None
        return "" if len(failed) == self.size else self.names[self.rank]

    def is_known(self, error: BaseException) -> bool:
        """Whether the other ranks end for this error too, without being ended."""
        if isinstance(error, KeyboardInterrupt):
            return False
        return isinstance(error, Elsewhere) or error is self._said or not self.begun

    def wait(self) -> None:
        """Wait for the others, so that a launcher does not end a rank that still has to say why."""
        self._exchange(None)

    def agreed(self, poll: Poll) -> Poll:
        """Return a poll that stops all ranks if it stops one."""
        if self.size == 1:
            return poll

        def stops() -> None:
            stopped = False
            try:
                poll()
            except Stopped:
                stopped = True
            if self.any(stopped):
                raise Stopped

        return stops

    def check_same(self, facts: Mapping[str, object], remedy: str, shown: bool = True) -> None:
        """Check that all ranks have the same.

        Args:
            facts: This rank's values by their names; the first that differs is named.
            remedy: What to do.
            shown: Whether the values say something to a reader.

        Raises:
            UsageError: A rank has something else than rank 0.
        """
        found = self.gather({name: str(value) for name, value in facts.items()})
        for name in dict.fromkeys(name for values in found for name in values):
            for rank, values in enumerate(found):
                one, other = found[0].get(name), values.get(name)
                if one != other:
                    said = f"{name} is {other}, and {one} on" if shown else f"{name} is not that of"
                    place = self.names[rank]
                    error = UsageError(f"{said} {self.names[0]}", place=place, remedy=remedy)
                    raise self.of_all(error)

    def described(self) -> dict[str, object]:
        """Return the ranks as the log has them; nothing of one process."""
        if self.size == 1:
            return {}
        return {"ranks": self.size, "hosts": self.hosts, "mpi": self.mpi}

    def threads(self) -> int | None:
        """Return this rank's part of the cores that it shares; ``None`` for all of them."""
        if self.size == 1:
            return None
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        mine = (socket.gethostname(), cores)
        return max(1, available_cores() // self.gather(mine).count(mine))


class Alone(Group):
    """One process."""

    def _exchange(self, value: Any) -> list[Any]:
        return [value]

    def sum(self, values: Array, how: str = FIXED) -> None:
        """The sum is the values themselves."""


ALONE = Alone()
