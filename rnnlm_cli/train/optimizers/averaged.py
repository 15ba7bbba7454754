"""Averaging of the weights, for any optimizer: each kind is a function and a row in the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from rnnlm_cli.checks import Count
from rnnlm_cli.config import optimizer as schema
from rnnlm_cli.nn.param import Param
from rnnlm_cli.train.optimizers.base import Optimizer, copies
from rnnlm_cli.train.optimizers.mean import MeanWeights


class Place(NamedTuple):
    """How far training is after a step."""

    step: int  # finished steps
    total_steps: int  # of the whole training
    averaged: int  # steps in the mean, with this one


def ema(config: schema.EmaAverage, place: Place) -> float:
    """``1 / (1 - decay)`` steps, fewer at first so that the initial weights are soon forgotten.

    At first the average covers about a ninth of all steps so far, as TensorFlow's
    ``ExponentialMovingAverage`` does where it knows their number.
    """
    return min(1 / (1 - config.decay), (place.averaged + 8) / 9)


def tail(config: schema.TailAverage, place: Place) -> float:
    """All steps since the tail began; 0 before it."""
    is_in_tail = place.step > (1 - config.fraction) * place.total_steps
    return place.averaged if is_in_tail else 0


AVERAGES: dict[type[schema.AverageConfig], Callable[[Any, Place], float]] = {
    schema.EmaAverage: ema,
    schema.TailAverage: tail,
}
"""For each kind of configuration: over how many steps the mean goes after a step; 0 for no mean."""


class Averaged(Optimizer[schema.OptimizerConfig]):
    """An optimizer whose averaged weights are evaluated and saved.

    Training itself is not changed. If a resumed training has more steps, so that a step is before
    the tail again, the mean so far is dropped.
    """

    def __init__(
        self,
        optimizer: Optimizer[Any],
        params: Mapping[str, Param],
        config: schema.AverageConfig,
        total_steps: int,
    ) -> None:
        """Average what an optimizer does to its parameters.

        Args:
            optimizer: Updates the parameters.
            params: Its parameters.
            config: How to average.
            total_steps: Of the whole training.
        """
        self.arrays_per_parameter = optimizer.arrays_per_parameter + 1
        self._optimizer, self._params, self._config = optimizer, params, config
        self._total_steps = total_steps
        self._steps = self._averaged = 0
        self._mean = MeanWeights(params)

    def step(self, rate: float) -> None:
        """Take a step of the optimizer, then update the mean."""
        self._optimizer.step(rate)
        self._steps += 1
        place = Place(self._steps, self._total_steps, self._averaged + 1)
        over = AVERAGES[type(self._config)](self._config, place)
        if over > 0:
            self._averaged += 1
            self._mean.add(over)
        else:
            self._averaged, self._mean.values = 0, {}

    def validated(self, nats: float) -> None:
        """Tell the optimizer."""
        self._optimizer.validated(nats)

    @contextmanager
    def final_weights(self) -> Iterator[None]:
        """Swap in the averaged weights."""
        with self._optimizer.final_weights(), self._mean.swapped_in():
            yield

    def state(self) -> dict[str, Any]:
        """Return the optimizer's state, the numbers of steps and the mean."""
        return {
            "optimizer": self._optimizer.state(),
            "steps": self._steps,
            "averaged": self._averaged,
            "mean": self._mean.values,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the optimizer, the numbers of steps and the mean."""
        self._optimizer.restore(state["optimizer"])
        self._steps = msgspec.convert(state["steps"], Count)
        self._averaged = msgspec.convert(state["averaged"], Count)
        self._mean.values = copies(state["mean"], self._params)
        if bool(self._averaged) != bool(self._mean.values):
            raise ValueError("a mean without steps, or steps without one")
