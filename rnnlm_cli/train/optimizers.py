"""How a gradient moves the weights; one class and one row in the table each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from rnnlm_cli.config import schema
from rnnlm_cli.nn.layer import Array, Param


class Optimizer(Protocol):
    """The protocol of an optimizer."""

    def step(self, rate: float) -> None:
        """Move every parameter against its gradient; the gradients are used up."""

    def state(self) -> dict[str, Any]:
        """Return what the next steps depend on, as plain values and arrays."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``state`` returned."""


class Sgd:
    """Stochastic gradient descent, ``w -= rate * g``.

    A gradient of rows costs what its rows cost.
    """

    def __init__(self, params: Mapping[str, Param], config: schema.Sgd) -> None:
        self._params = params

    def step(self, rate: float) -> None:
        """Move every parameter against its gradient."""
        for param in self._params.values():
            param.descend(rate)

    def state(self) -> dict[str, Any]:
        """Return nothing: each step stands alone."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take nothing up."""


class Adam:
    """Adam (Kingma and Ba, 2015).

    ::

        m = beta1 m + (1 - beta1) g        mean = m / (1 - beta1^t)
        v = beta2 v + (1 - beta2) g^2      square = v / (1 - beta2^t)
        w -= rate * mean / (sqrt(square) + epsilon)
    """

    def __init__(self, params: Mapping[str, Param], config: schema.Adam) -> None:
        self._params = params
        self._config = config
        self._steps = 0
        self._m: dict[str, Array] = {}  # made at the first step
        self._v: dict[str, Array] = {}

    def step(self, rate: float) -> None:
        """Move every parameter by its mean gradient over the root of its mean square."""
        beta1, beta2, epsilon = self._config.beta1, self._config.beta2, self._config.epsilon
        if not self._m:
            self._m = {name: np.zeros_like(param.value) for name, param in self._params.items()}
            self._v = {name: np.zeros_like(m) for name, m in self._m.items()}
        self._steps += 1
        mean_scale = rate / (1 - beta1**self._steps)
        root_scale = 1 / math.sqrt(1 - beta2**self._steps)
        for name, param in self._params.items():
            g, m, v = param.grad, self._m[name], self._v[name]
            m *= beta1
            m += (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * (g * g)
            root = np.sqrt(v)
            root *= root_scale
            root += epsilon
            param.value -= mean_scale * (m / root)

    def state(self) -> dict[str, Any]:
        """Return the number of steps and both running means."""
        return {"steps": self._steps, "m": self._m, "v": self._v}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up the number of steps and both running means."""
        self._steps = state["steps"]
        self._m = {name: np.array(m) for name, m in state["m"].items()}
        self._v = {name: np.array(v) for name, v in state["v"].items()}


OPTIMIZERS: dict[type[schema.OptimizerConfig], Any] = {schema.Sgd: Sgd, schema.Adam: Adam}
"""The class for each kind of configuration."""


def build_optimizer(params: Mapping[str, Param], config: schema.OptimizerConfig) -> Optimizer:
    """Return the optimizer that a configuration asks for."""
    optimizer: Optimizer = OPTIMIZERS[type(config)](params, config)
    return optimizer
