"""What computes on this machine, for ``rnnlm show --system``."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnlm_cli import __version__
from rnnlm_cli.nn.cpu.threads import available_cores, blas_libraries, core_count
from rnnlm_cli.nn.engines.choose import ENGINES, choose_engine
from rnnlm_cli.system.memory import physical_memory
from rnnlm_cli.system.processor import processor_name


def system_values() -> dict[str, Any]:
    """Return versions, processor, engine and level of its kernels, BLAS and threads.

    ``memory`` is in bytes, 0 where the system does not say; ``level`` is ``None`` without compiled
    kernels, whichever engine is chosen.

    Raises:
        ValueError: ``RNNLM_ENGINE`` or ``RNNLM_THREADS`` is invalid.
    """
    return {
        "rnnlm": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": platform.platform(),
        "processor": processor_name(),
        "architecture": platform.machine(),
        "cores": available_cores(),
        "memory": physical_memory(),
        "engine": choose_engine(),
        "level": ENGINES["compiled"].level,
        "blas": blas_libraries(),
        "threads": core_count(),
    }


def system_table(values: Mapping[str, Any]) -> str:
    """Format these values as text."""
    level = values["level"]
    kernels = f"compiled kernels of level {level}" if level else "without compiled kernels"
    memory = f", {values['memory'] / 1e9:.1f} GB of memory" if values["memory"] else ""
    lines = [
        f"rnnlm        {values['rnnlm']}, Python {values['python']}, NumPy {values['numpy']}",
        f"system       {values['platform']}",
        f"processor    {values['processor']}, {values['cores']} cores{memory}",
        f"engine       {values['engine']}, {kernels}, {values['threads']} threads",
    ]
    for library in values["blas"]:
        kernel = f", kernel {library['kernel']}" if library["kernel"] else ""
        lines.append(f"BLAS         {library['name']} {library['version']}{kernel}")
    return "\n".join(lines)
