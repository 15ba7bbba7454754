"""Prints what computes: card, driver, CUDA, and the versions of Python's packages."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

from rnnlm_cli.nn import device
from rnnlm_cli.report.system import system_table, system_values

PACKAGES = ("cupy-cuda12x", "cupy-cuda13x", "numpy", "torch")


def main() -> None:
    """Print a line per thing."""
    cuda = device.cupy().cuda
    card, runtime = device.card(), cuda.runtime
    print("| what | which |\n| --- | --- |")
    print(f"| card | {card.name}, {card.total / 1e9:.0f} GB |")
    asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    print(f"| driver | {found.stdout.strip() or 'unknown'}, CUDA {runtime.driverGetVersion()} |")
    print(f"| CUDA | {runtime.runtimeGetVersion()}, cuBLAS {cublas_version(cuda)} |")
    for name in PACKAGES:
        try:
            print(f"| {name} | {version(name)} |")
        except PackageNotFoundError:
            continue
    print(f"| Python | {sys.version.split()[0]} |")
    print(system_table(system_values()))


def cublas_version(cuda: object) -> int:
    """Return the version of cuBLAS."""
    handle = cuda.device.get_cublas_handle()  # type: ignore[attr-defined]
    return int(cuda.cublas.getVersion(handle))  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
