"""What ``rnnlm eval tune dynamic`` tries."""

from __future__ import annotations

from itertools import product

import click

from rnnlm_cli.evaluate.dynamic import DynamicSettings

RATES, DECAYS = (0.03, 0.1, 0.3, 1.0), (0.0, 0.001)
RMS_RATES, RMS_DECAYS = (0.00003, 0.0001, 0.0003, 0.001), (0.0, 0.002, 0.01)
"""Learning rates and decays of plain SGD, and with root mean squares."""


def listed(numbers: tuple[float, ...]) -> str:
    """Write numbers of a default."""
    return ", ".join(f"{number:.10f}".rstrip("0").rstrip(".") for number in numbers)


def dynamic_grid(
    rates: tuple[float, ...],
    decays: tuple[float, ...],
    epsilons: tuple[float, ...],
    segments: tuple[int, ...],
    rms: bool,
    rms_file: str | None,
) -> list[DynamicSettings]:
    """Return the settings of dynamic evaluation to try, those of a segment side by side.

    Raises:
        UsageError: One file would be of several segments.
    """
    if rms_file is not None and len(set(segments)) > 1:
        raise click.UsageError("--rms-file is of one --segment; give one, or omit --rms-file")
    grid = product(
        sorted(set(segments)),
        rates or (RMS_RATES if rms else RATES),
        decays or (RMS_DECAYS if rms else DECAYS),
        epsilons if rms else (None,),
    )
    return [
        DynamicSettings(rate, decay, epsilon, segment) for segment, rate, decay, epsilon in grid
    ]
