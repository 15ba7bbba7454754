"""Two networks that read a sequence from both sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlm_cli.nn.layer import Array, Layer, Param, State


class Bidirectional:
    """``y_t``: what one network says after the left of ``t``, beside the other after its right.

    (Schuster and Paliwal, 1997.) The two are independent up to here, of whatever depth. Layers that
    were each bidirectional would leak: the second one would read what the first had seen of the
    very token that it is to predict.

    The sequence comes twice, as each of the two reads it: ``x[0, t]`` is the token before place
    ``t``, and ``x[1, s]`` the one after place ``T-1-s``.
    """

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
        ys, states, caches = [], [], []
        for layer, reading, before in zip(self.directions.values(), x, state, strict=True):
            y, after, cache = layer.forward(reading, before, rng)
            ys.append(y)
            states.append(after)
            caches.append(cache)
        left, right = ys
        return np.concatenate([left, right[::-1]], axis=-1), tuple(states), caches

    def backward(self, dy: Array, dstate: State, cache: list[Any]) -> tuple[Array, State]:
        """``dy (T, B, 2H)`` to ``dx (2, T, B, D)``."""
        left, right = np.split(dy, 2, axis=-1)
        found = [
            layer.backward(part, dafter, saved)
            for layer, part, dafter, saved in zip(
                self.directions.values(), (left, right[::-1]), dstate, cache, strict=True
            )
        ]
        return np.stack([dx for dx, _ in found]), tuple(dbefore for _, dbefore in found)
