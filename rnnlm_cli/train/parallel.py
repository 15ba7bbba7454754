"""One training on several processes, the ranks, by MPI: what they tell each other.

``mpiexec -n N rnnlm train`` starts ``N`` processes that all run the same program. Each has some of
the streams (``data/shares.py``), gradients are added up (``train/others.py``), and every rank
makes the same update. The rest of the program asks a ``Group``; without MPI that is ``ALONE``.

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
from typing import Any, NamedTuple, TypeVar

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.cpu.threads import available_cores
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.launcher import launched
from rnnlm_cli.system.optional import extra
from rnnlm_cli.train.poll import Poll, Stopped

T = TypeVar("T")

FIXED, FASTEST = "fixed", "fastest"
SMALL = 4096
"""Values that one message to all carries faster than two to some."""


class Elsewhere(Exception):  # noqa: N818 (the error is another rank's)
    """Another rank has failed, and tells the user.

    Attributes:
        exit_code: The exit code of all.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class Failure(NamedTuple):
    """What a rank that failed gives the others instead of a value."""

    exit_code: int
    is_stop: bool = False


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


class Ranks(Group):
    """The processes that ``mpiexec`` started."""

    def __init__(self) -> None:
        """Begin.

        Raises:
            UsageError: mpi4py, or the MPI library, is not installed.
        """
        super().__init__()
        extra("mpi4py", "mpi").rc.thread_level = "funneled"  # only the main thread calls MPI
        self._mpi = extra("mpi4py.MPI", "mpi")
        self._comm = self._mpi.COMM_WORLD
        self.rank, self.size = self._comm.Get_rank(), self._comm.Get_size()
        self.mpi = self._mpi.Get_library_version().strip("\0").split("\n")[0]
        self.mpi = " ".join(self.mpi.split())
        self.hosts = self._comm.allgather(socket.gethostname())

    def _exchange(self, value: Any) -> list[Any]:
        return list(self._comm.allgather(value))

    def sum(self, values: Array, how: str = FIXED) -> None:
        """As in ``Group``.

        ``fixed`` sends each rank a part of all, which it adds up and sends to all: as many bytes as
        the best algorithms for any order, ``2 (N-1)/N`` times those of ``values``.
        """
        if how == FASTEST:
            self._comm.Allreduce(self._mpi.IN_PLACE, values)
            return
        if len(values) <= SMALL:
            parts = np.empty((self.size, len(values)), values.dtype)
            self._comm.Allgather(values, parts)
            values[:] = in_order(parts)
            return
        counts = [len(values) * (k + 1) // self.size for k in range(self.size)]
        counts = np.diff(counts, prepend=0).tolist()
        parts = np.empty((self.size, counts[self.rank]), values.dtype)
        self._comm.Alltoallv([values, counts], [parts, [counts[self.rank]] * self.size])
        self._comm.Allgatherv(in_order(parts), [values, counts])

    def begin_sum(self, values: Array) -> Callable[[], None]:
        """As in ``Group``; the library sends meanwhile, if it has a thread for that."""
        wait: Callable[[], None] = self._comm.Iallreduce(self._mpi.IN_PLACE, values).Wait
        return wait

    def abort(self, exit_code: int) -> None:
        """End all ranks at once."""
        self._comm.Abort(exit_code)


def in_order(parts: Array) -> Array:
    """Return the sum of ``parts (N, n)``, added in their order; it replaces the first."""
    total: Array = parts[0]
    for part in parts[1:]:
        total += part
    return total


def failure_of(error: BaseException) -> Failure:
    """Return what the other ranks get for an error; a reader that has read enough is none."""
    code = 0 if isinstance(error, BrokenPipeError) else getattr(error, "exit_code", 1)
    return Failure(code, isinstance(error, Stopped))


def join() -> Group:
    """Return the ranks that were started with this one.

    Raises:
        UsageError: There are others, and mpi4py is not installed; on rank 0.
        Elsewhere: The same, on the others.
    """
    found = launched()
    if found is None or not found[1]:
        return ALONE
    try:
        group = Ranks()
    except UsageError:
        if found[0] == 0:
            raise
        raise Elsewhere(UsageError.exit_code) from None
    return group if group.size > 1 else ALONE
