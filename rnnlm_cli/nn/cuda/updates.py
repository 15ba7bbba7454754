"""Updates of weights on the device, one kernel each."""

from __future__ import annotations

from rnnlm_cli.nn.cuda.launch import each
from rnnlm_cli.system.arrays import Array


def descend(value: Array, gradient: Array, rate: float) -> None:
    """Subtract in place: ``value -= rate * gradient``."""
    each("descend", value.size, value, value, gradient, float(rate), value.size)


def adam(value: Array, gradient: Array, m: Array, v: Array, numbers: tuple[float, ...]) -> None:
    """Take a step of Adam in place; the numbers are those of ``AdamStep``."""
    each("adam", value.size, value, value, gradient, m, v, *map(float, numbers), value.size)


def running_mean(mean: Array, value: Array, steps: float) -> None:
    """Update in place: ``mean += (value - mean) / steps``."""
    each("running_mean", mean.size, mean, mean, value, float(steps), mean.size)
