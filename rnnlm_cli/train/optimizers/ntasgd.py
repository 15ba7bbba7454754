"""Averaged stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from rnnlm_cli.checks import Count
from rnnlm_cli.config import optimizer as schema
from rnnlm_cli.nn.param import Param
from rnnlm_cli.train.optimizers.base import copies
from rnnlm_cli.train.optimizers.mean import MeanWeights
from rnnlm_cli.train.optimizers.sgd import Sgd


class NtAsgd(Sgd):
    """Averaged SGD, non-monotonically triggered (Polyak and Juditsky, 1992; Merity et al., 2018).

    Plain SGD until a validation is worse than the best of all but the last ``n``.
    From then on the mean of the weights over all further steps is evaluated and saved.
    """

    arrays_per_parameter = 1

    def __init__(self, params: Mapping[str, Param], config: schema.NtAsgd) -> None:
        super().__init__(params, config)
        self._patience = config.epochs_without_gain
        self._validations: list[float] = []  # nats per token
        self._averaging = False
        self._steps = 0  # averaged ones
        self._mean = MeanWeights(params)

    def step(self, rate: float) -> None:
        """Take a step of SGD, then update the mean."""
        super().step(rate)
        if self._averaging:
            self._steps += 1
            self._mean.add(self._steps)

    def validated(self, nats: float) -> None:
        """Start averaging when validation no longer improves."""
        before = self._validations[: -self._patience]
        self._averaging = self._averaging or (bool(before) and nats > min(before))
        self._validations.append(nats)

    @contextmanager
    def final_weights(self) -> Iterator[None]:
        """Swap in the averaged weights."""
        with self._mean.swapped_in():
            yield

    def state(self) -> dict[str, Any]:
        """Return the validations so far and the mean."""
        return {
            "validations": self._validations,
            "averaging": self._averaging,
            "steps": self._steps,
            "mean": self._mean.values,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the validations and the mean."""
        self._validations = msgspec.convert(state["validations"], list[float])
        self._averaging = msgspec.convert(state["averaging"], bool)
        self._steps = msgspec.convert(state["steps"], Count)
        self._mean.values = copies(state["mean"], self._params)
        if bool(self._steps) != bool(self._mean.values):
            raise ValueError("a mean without steps, or steps without one")
