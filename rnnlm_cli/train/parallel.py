"""The ranks of a training by MPI: ``join`` gives those that ``mpiexec`` started together."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.launcher import launched
from rnnlm_cli.system.optional import extra
from rnnlm_cli.train.failures import Elsewhere
from rnnlm_cli.train.group import ALONE, FASTEST, FIXED, Group

SMALL = 4096
"""Values that one message to all carries faster than two to some."""


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
