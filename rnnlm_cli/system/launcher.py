"""Whether ``mpiexec``, or a launcher like it, started this process with others."""

from __future__ import annotations

import os

LAUNCHED = (
    ("PMI_RANK", "PMI_SIZE"),  # MPICH, Intel MPI, Slurm with PMI
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),  # Open MPI
    ("PMIX_RANK", "SLURM_STEP_NUM_TASKS"),  # Slurm with PMIx
)
"""The environment variables with a process's rank and the number of ranks, by launcher."""


def launched() -> tuple[int, bool] | None:
    """Return this process's rank, and whether there may be others; ``None`` without a launcher."""
    for rank, size in LAUNCHED:
        if os.environ.get(rank, "").isdigit():
            return int(os.environ[rank]), os.environ.get(size, "2") != "1"
    return None
