"""Two networks that read a sequence from both sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlm_cli.nn.cpu.threads import in_parallel
from rnnlm_cli.nn.layers.base import Layer, Plain
from rnnlm_cli.nn.layers.dropout import children
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Bidirectional(Plain):
    """``y_t``: what one network says after the left of ``t``, beside the other after its right.

    (Schuster and Paliwal, 1997.) The two are independent up to here, of whatever depth. Layers that
    were each bidirectional would leak: the second one would read what the first had seen of the
    very token that it is to predict.

    The sequence comes twice, as each of the two reads it: ``x[0, t]`` is the token before place
    ``t``, and ``x[1, s]`` the one after place ``T-1-s``.
    """

    splits_in_time = False

    def __init__(self, forward: Layer, backward: Layer) -> None:
        self.directions = {"forward": forward, "backward": backward}

    @property
    def params(self) -> dict[str, Param]:
        """Those of both, as ``forward.NAME`` and ``backward.NAME``."""
        return {
            f"{direction}.{name}": param
            for direction, layer in self.directions.items()
            for name, param in layer.params.items()
        }

    def initial_state(self, batch_size: int) -> State:
        """Return one state a direction."""
        return tuple(layer.initial_state(batch_size) for layer in self.directions.values())

    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, list[Any]]:
        """``x (2, T, B, D)`` to ``y (T, B, 2H)``."""
        layers, rngs = list(self.directions.values()), children(rng, 2)
        (left, *end), (right, *start) = in_parallel(
            lambda k: layers[k].forward(x[k], state[k], rngs[k]), 2
        )
        y = np.concatenate([left, right[::-1]], axis=-1)
        (after_left, cache_left), (after_right, cache_right) = end, start
        return y, (after_left, after_right), [cache_left, cache_right]

    def backward(self, dy: Array, dstate: State, cache: list[Any]) -> tuple[Array, State]:
        """``dy (T, B, 2H)`` to ``dx (2, T, B, D)``."""
        layers = list(self.directions.values())
        left, right = np.split(dy, 2, axis=-1)
        dys = (left, right[::-1])
        found = in_parallel(lambda k: layers[k].backward(dys[k], dstate[k], cache[k]), 2)
        return np.stack([dx for dx, _ in found]), tuple(dbefore for _, dbefore in found)
