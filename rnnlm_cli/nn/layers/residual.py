"""Skip connections between layers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Residual(Layer):
    """``y = x + layer(x)``: the gradient reaches lower layers without decay (He et al., 2016).

    The layer must keep the size: ``D = H``.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    @property
    def params(self) -> Mapping[str, Param]:
        """The parameters of the inner layer."""
        return self.layer.params

    @property
    def remembers(self) -> bool:
        """Whether the inner layer has a state."""
        return self.layer.remembers

    def splits_in_time(self, streams: int) -> bool:
        """As the inner layer."""
        return self.layer.splits_in_time(streams)

    def initial_state(self, streams: int) -> State:
        """Return the initial state of the inner layer."""
        return self.layer.initial_state(streams)

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> ResidualPass:
        """Begin a block in the inner layer."""
        return ResidualPass(self.layer.begin(steps, streams, rng), steps)


class ResidualPass(Pass):
    """One block, through the inner layer and around it."""

    def __init__(self, inner: Pass, steps: int) -> None:
        super().__init__(steps)
        self._inner = inner

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        y, after = self._inner.forward(x, state)
        return x + y, after

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        dx, dbefore = self._inner.backward(dy, dstate)
        return dy + dx, dbefore

    def _finish(self) -> None:
        self._inner.finish()
