"""Stochastic gradient descent, plain and with momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlm_cli.config import optimizer as schema
from rnnlm_cli.nn.cpu.pieces import in_pieces
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.train.optimizers.base import Optimizer, copies, decay, zeros_of


class Sgd(Optimizer[schema.Sgd | schema.NtAsgd]):
    """Stochastic gradient descent, ``w -= rate * (g + decay * w)``.

    A row-sparse gradient costs only its rows, unless all weights decay.
    """

    def __init__(self, params: Mapping[str, Param], config: schema.Sgd | schema.NtAsgd) -> None:
        self._params = params
        self._decay = config.weight_decay

    def step(self, rate: float) -> None:
        """Update every parameter from its gradient."""
        for param in self._params.values():
            decay(param, rate * self._decay)
            param.descend(rate)

    def state(self) -> dict[str, Any]:
        """Return an empty state: no step depends on earlier ones."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore nothing."""


class Momentum(Optimizer[schema.Momentum]):
    """Stochastic gradient descent with momentum (Polyak, 1964), in PyTorch's form.

    ::

        v = momentum * v + g + decay * w
        w -= rate * v

    Every weight has a velocity and is updated at each step, so a row-sparse gradient becomes dense.
    """

    arrays_per_parameter = 1

    def __init__(self, params: Mapping[str, Param], config: schema.Momentum) -> None:
        self._params = params
        self._config = config
        self._v: dict[str, Array] = {}  # made at the first step

    def step(self, rate: float) -> None:
        """Update every parameter by its velocity."""
        if not self._v:
            self._v = zeros_of(self._params)

        def update(value: Array, gradient: Array, v: Array) -> None:
            v *= self._config.momentum
            v += gradient
            if self._config.weight_decay > 0:
                v += self._config.weight_decay * value
            value -= rate * v

        for name, param in self._params.items():
            in_pieces(update, param.value, param.grad, self._v[name])

    def state(self) -> dict[str, Any]:
        """Return the velocities."""
        return {"v": self._v}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the velocities."""
        self._v = copies(state["v"], self._params)
