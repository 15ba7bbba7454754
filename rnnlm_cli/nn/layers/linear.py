"""Linear layer: one product over all rows of a block (Time Affine in the course)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.engines.base import Pass, joined
from rnnlm_cli.nn.init import Initializer
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, flatten_steps


class Linear(Layer):
    """``y = x W + b`` at every step.

    Attributes:
        weight: ``(D, H)``.
        bias: ``(H,)``, zero at first.
    """

    def __init__(self, input_size: int, output_size: int, init: Initializer) -> None:
        self.weight = Param(init((input_size, output_size), input_size))
        self.bias = Param(np.zeros(output_size, self.weight.value.dtype))

    @property
    def params(self) -> dict[str, Param]:
        """``weight`` and ``bias``."""
        return {"weight": self.weight, "bias": self.bias}

    def begin(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> LinearPass:
        """Begin a block."""
        return LinearPass(self, steps)


class LinearPass(Pass):
    """One block; the weight's gradient is one product over all its parts."""

    def __init__(self, layer: Linear, steps: int) -> None:
        super().__init__(steps)
        self._layer = layer
        self._x: list[Array] = []  # (T*B, D) per part
        self._dy: list[Array] = []  # (T*B, H), the last part first

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        rows = flatten_steps(x)
        self._x.append(rows)
        y = product(rows, self._layer.weight.value)
        y += self._layer.bias.value
        return y.reshape(*x.shape[:-1], -1), ()

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        rows = flatten_steps(dy)
        self._dy.append(rows)
        dx = product(rows, self._layer.weight.value.T)
        return dx.reshape(*dy.shape[:-1], -1), ()

    def _finish(self) -> None:
        x, dy = joined(self._x), joined(self._dy[::-1])
        self._layer.weight.add_product(x, dy)
        self._layer.bias.add(dy.sum(axis=0))
