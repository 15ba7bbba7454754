"""Skip connections in depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnlm_cli.nn.layers.base import Layer, Reader
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Residual:
    """``y = x + layer(x)``: the gradient reaches the layers below undiminished (He et al., 2016).

    The layer must keep the size: ``D = H``.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    @property
    def splits_in_time(self) -> bool:
        """The inner layer's."""
        return self.layer.splits_in_time

    @property
    def params(self) -> Mapping[str, Param]:
        """The inner layer's."""
        return self.layer.params

    def initial_state(self, batch_size: int) -> State:
        """Return the inner layer's."""
        return self.layer.initial_state(batch_size)

    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Any]:
        """``x (T, B, H)`` to ``y (T, B, H)``."""
        return self.for_block(x.shape[0], x.shape[1], rng)(x, state)

    def for_block(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> Reader:
        """Prepare the inner layer for a block."""
        read = self.layer.for_block(steps, streams, rng)

        def read_and_skip(x: Array, state: State) -> tuple[Array, State, Any]:
            y, state, cache = read(x, state)
            return x + y, state, cache

        return read_and_skip

    def backward(self, dy: Array, dstate: State, cache: Any) -> tuple[Array, State]:
        """``dy`` takes both ways down."""
        dx, dstate = self.layer.backward(dy, dstate, cache)
        return dy + dx, dstate
