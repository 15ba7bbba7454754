"""A running mean of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rnnlm_cli.nn.cpu.pieces import in_pieces
from rnnlm_cli.nn.cuda import updates
from rnnlm_cli.nn.device import on_device
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import Array


class MeanWeights:
    """A running mean of the parameters, which can take their place (Polyak and Juditsky, 1992).

    Attributes:
        values: The mean of each parameter by name; empty before the first step.
    """

    def __init__(self, params: Mapping[str, Param]) -> None:
        self.values: dict[str, Array] = {}
        self._params = params

    def add(self, steps: float) -> None:
        """Include the parameters' values: ``mean += (value - mean) / steps``.

        Args:
            steps: For a plain mean, their number with this one. The first mean is the values.
        """
        if not self.values:
            self.values = {name: param.value.copy() for name, param in self._params.items()}
            return

        def update(mean: Array, value: Array) -> None:
            mean += (value - mean) / steps

        for name, param in self._params.items():
            if on_device(param.value):
                updates.running_mean(self.values[name], param.value, steps)
            else:
                in_pieces(update, self.values[name], param.value)

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """Give the parameters their means, if there are any, until the end of the context."""
        learning = {name: param.value for name, param in self._params.items()}
        try:
            for name, mean in self.values.items():
                self._params[name].value = mean
            yield
        finally:
            for name, value in learning.items():
                self._params[name].value = value
