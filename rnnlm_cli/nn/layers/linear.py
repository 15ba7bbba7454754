"""Linear: one product over all rows of a block (the notes' Time Affine)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.init import Initializer
from rnnlm_cli.nn.layers.base import Plain
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, flatten_steps


class Linear(Plain):
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

    def forward(
        self, x: Array, state: State = (), rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Array]:
        """``x (T, B, D)`` to ``y (T, B, H)``."""
        y = product(flatten_steps(x), self.weight.value)
        y += self.bias.value
        return y.reshape(*x.shape[:-1], -1), (), x

    def backward(self, dy: Array, dstate: State, cache: Array) -> tuple[Array, State]:
        """``dy (T, B, H)`` to ``dx (T, B, D)``."""
        x, dy_rows = cache, flatten_steps(dy)
        self.bias.add(dy_rows.sum(axis=0))
        self.weight.add_product(flatten_steps(x), dy_rows)
        dx = product(dy_rows, self.weight.value.T)
        return dx.reshape(x.shape), ()
