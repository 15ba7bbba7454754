"""Layers on top of each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnlm_cli.nn.layer import Array, Layer, Param, State


class Stack:
    """A layer made of layers, bottom first; its state is the tuple of theirs.

    Names, not positions, identify the layers, so that a model keeps its parameters' names when
    a dropout layer is put between.
    """

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        self.layers = dict(layers)

    @property
    def params(self) -> dict[str, Param]:
        """All parameters as ``layer.parameter``."""
        return {
            f"{name}.{key}": param
            for name, layer in self.layers.items()
            for key, param in layer.params.items()
        }

    def initial_state(self, batch_size: int) -> State:
        """Return one state a layer."""
        return tuple(layer.initial_state(batch_size) for layer in self.layers.values())

    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, list[Any]]:
        """``x (T, B, D)`` through every layer, upward."""
        states, caches = [], []
        for layer, before in zip(self.layers.values(), state, strict=True):
            x, after, cache = layer.forward(x, before, rng)
            states.append(after)
            caches.append(cache)
        return x, tuple(states), caches

    def backward(self, dy: Array, dstate: State, cache: list[Any]) -> tuple[Array, State]:
        """``dy (T, B, H)`` through every layer, downward."""
        dstates = []
        layers = list(self.layers.values())
        for layer, dafter, saved in zip(
            reversed(layers), reversed(dstate), reversed(cache), strict=True
        ):
            dy, dbefore = layer.backward(dy, dafter, saved)
            dstates.append(dbefore)
        return dy, tuple(reversed(dstates))
