"""How a gradient moves the weights; one class and one row in the table each."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np

from rnnlm_cli.checkpoint import Count
from rnnlm_cli.config import training as schema
from rnnlm_cli.nn.param import Param, array_like
from rnnlm_cli.system.arrays import Array


class Optimizer(ABC):
    """What every optimizer is."""

    @abstractmethod
    def step(self, rate: float) -> None:
        """Move every parameter against its gradient; the gradients are used up."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return what the next steps depend on, as plain values and arrays."""

    @abstractmethod
    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``state`` returned.

        Raises:
            AttributeError, LookupError, TypeError, ValueError, msgspec.ValidationError: It is none.
        """

    def validated(self, nats: float) -> None:  # noqa: B027 (most do not care)
        """Take notice of an epoch's validation, in nats a token."""

    @contextmanager
    def final_weights(self) -> Iterator[None]:
        """Put the weights to evaluate and save in place of those that learn, if they differ."""
        yield


class Sgd(Optimizer):
    """Stochastic gradient descent, ``w -= rate * (g + decay * w)``.

    A gradient of rows costs what its rows cost, unless all weights decay.
    """

    def __init__(self, params: Mapping[str, Param], config: schema.Sgd | schema.NtAsgd) -> None:
        self._params = params
        self._decay = config.weight_decay

    def step(self, rate: float) -> None:
        """Move every parameter against its gradient."""
        for param in self._params.values():
            decay(param, rate * self._decay)
            param.descend(rate)

    def state(self) -> dict[str, Any]:
        """Return nothing: each step stands alone."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take nothing up."""


class Momentum(Optimizer):
    """Stochastic gradient descent with momentum (Polyak, 1964), in PyTorch's form.

    ::

        v = momentum * v + g + decay * w
        w -= rate * v
    """

    def __init__(self, params: Mapping[str, Param], config: schema.Momentum) -> None:
        self._params = params
        self._config = config
        self._v: dict[str, Array] = {}  # made at the first step

    def step(self, rate: float) -> None:
        """Move every parameter along its velocity."""
        if not self._v:
            self._v = zeros_of(self._params)
        for name, param in self._params.items():
            v = self._v[name]
            v *= self._config.momentum
            v += param.grad
            if self._config.weight_decay > 0:
                v += self._config.weight_decay * param.value
            param.value -= rate * v

    def state(self) -> dict[str, Any]:
        """Return the velocities."""
        return {"v": self._v}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up the velocities."""
        self._v = copies(state["v"], self._params)


class Adam(Optimizer):
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
        if not self._m:
            self._m, self._v = zeros_of(self._params), zeros_of(self._params)
        beta1, beta2, epsilon = self._config.beta1, self._config.beta2, self._config.epsilon
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
        self._steps = msgspec.convert(state["steps"], Count)
        self._m, self._v = copies(state["m"], self._params), copies(state["v"], self._params)
        if any((v < 0).any() for v in self._v.values()):
            raise ValueError("a mean square is negative")


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

    ``w -= rate * decay * w`` before Adam's own step, which never sees the decay.
    """

    def __init__(self, params: Mapping[str, Param], config: schema.AdamW) -> None:
        super().__init__(params, config)
        self._decay = config.weight_decay

    def step(self, rate: float) -> None:
        """Shrink every parameter, then move it as Adam does."""
        for param in self._params.values():
            decay(param, rate * self._decay)
        super().step(rate)


class NtAsgd(Sgd):
    """Averaged SGD, non-monotonically triggered (Polyak and Juditsky, 1992; Merity et al., 2018).

    Plain SGD until an epoch's validation is worse than the best of all epochs but the last ``n``;
    from then on the mean of the weights over all further steps is what is evaluated and saved.
    """

    def __init__(self, params: Mapping[str, Param], config: schema.NtAsgd) -> None:
        super().__init__(params, config)
        self._patience = config.epochs_without_gain
        self._validations: list[float] = []  # nats a token
        self._averaging = False
        self._steps = 0  # averaged ones
        self._mean: dict[str, Array] = {}

    def step(self, rate: float) -> None:
        """Move every parameter against its gradient; average."""
        super().step(rate)
        if not self._averaging:
            return
        self._steps += 1
        if self._steps == 1:
            self._mean = {name: param.value.copy() for name, param in self._params.items()}
            return
        for name, param in self._params.items():
            mean = self._mean[name]
            mean += (param.value - mean) / self._steps

    def validated(self, nats: float) -> None:
        """Begin to average where validation no longer improves."""
        before = self._validations[: -self._patience]
        self._averaging = self._averaging or (bool(before) and nats > min(before))
        self._validations.append(nats)

    @contextmanager
    def final_weights(self) -> Iterator[None]:
        """Put the averaged weights in place of those that learn."""
        learning = {name: param.value for name, param in self._params.items()}
        try:
            for name, mean in self._mean.items():
                self._params[name].value = mean
            yield
        finally:
            for name, value in learning.items():
                self._params[name].value = value

    def state(self) -> dict[str, Any]:
        """Return the validations so far and the mean."""
        return {
            "validations": self._validations,
            "averaging": self._averaging,
            "steps": self._steps,
            "mean": self._mean,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up the validations and the mean."""
        self._validations = msgspec.convert(state["validations"], list[float])
        self._averaging = msgspec.convert(state["averaging"], bool)
        self._steps = msgspec.convert(state["steps"], Count)
        self._mean = copies(state["mean"], self._params)
        if bool(self._steps) != bool(self._mean):
            raise ValueError("a mean without steps, or steps without one")


OPTIMIZERS: dict[type[schema.OptimizerConfig], Any] = {
    schema.Sgd: Sgd,
    schema.Momentum: Momentum,
    schema.Adam: Adam,
    schema.AdamW: AdamW,
    schema.NtAsgd: NtAsgd,
}
"""The class for each kind of configuration."""


def build_optimizer(params: Mapping[str, Param], config: schema.OptimizerConfig) -> Optimizer:
    """Return the optimizer that a configuration asks for."""
    optimizer: Optimizer = OPTIMIZERS[type(config)](params, config)
    return optimizer


def decay(param: Param, share: float) -> None:
    """Take a share of a parameter away."""
    if share > 0:
        param.value *= 1 - share


def zeros_of(params: Mapping[str, Param]) -> dict[str, Array]:
    """Return zeros of every parameter's shape."""
    return {name: np.zeros_like(param.value) for name, param in params.items()}


def copies(arrays: Mapping[str, Array], params: Mapping[str, Param]) -> dict[str, Array]:
    """Return arrays that can be written to: one a parameter, or none before the first step.

    Raises:
        ValueError: They are not like the parameters.
    """
    if arrays and arrays.keys() != params.keys():
        raise ValueError("the optimizer's arrays are not those of the parameters")
    return {name: array_like(array, params[name].value, name) for name, array in arrays.items()}
