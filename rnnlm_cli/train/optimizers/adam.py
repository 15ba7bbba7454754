"""Adam, and Adam with decoupled weight decay."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from rnnlm_cli.checks import Count
from rnnlm_cli.config import optimizer as schema
from rnnlm_cli.nn.engines.updates import AdamStep, adam_update
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.train.optimizers.base import Optimizer, copies, zeros_of


class Adam(Optimizer[schema.Adam]):
    """Adam (Kingma and Ba, 2015).

    ::

        m = beta1 m + (1 - beta1) g        mean = m / (1 - beta1^t)
        v = beta2 v + (1 - beta2) g^2      square = v / (1 - beta2^t)
        w -= rate * mean / (sqrt(square) + epsilon)

    Every weight has both means and is updated at each step, so a row-sparse gradient becomes dense.
    """

    arrays_per_parameter = 2
    _decay = 0.0

    def __init__(self, params: Mapping[str, Param], config: schema.Adam) -> None:
        self._params = params
        self._config = config
        self._steps = 0
        self._m: dict[str, Array] = {}  # made at the first step
        self._v: dict[str, Array] = {}

    def step(self, rate: float) -> None:
        """Update every parameter by its mean gradient over the root of its mean square."""
        if not self._m:
            self._m, self._v = zeros_of(self._params), zeros_of(self._params)
        self._steps += 1
        step = AdamStep(
            1 - rate * self._decay,
            self._config.beta1,
            self._config.beta2,
            rate / (1 - self._config.beta1**self._steps),
            1 / math.sqrt(1 - self._config.beta2**self._steps),
            self._config.epsilon,
        )
        for name, param in self._params.items():
            adam_update(param.value, param.grad, self._m[name], self._v[name], step)

    def state(self) -> dict[str, Any]:
        """Return the number of steps and both running means."""
        return {"steps": self._steps, "m": self._m, "v": self._v}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the number of steps and both running means."""
        self._steps = msgspec.convert(state["steps"], Count)
        self._m, self._v = copies(state["m"], self._params), copies(state["v"], self._params)
        if any((v < 0).any() for v in self._v.values()):
            raise ValueError("a mean square is negative")


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

    ``w -= rate * decay * w`` before Adam's own step; the decay does not enter its means.
    """

    def __init__(self, params: Mapping[str, Param], config: schema.AdamW) -> None:
        super().__init__(params, config)
        self._decay = config.weight_decay
