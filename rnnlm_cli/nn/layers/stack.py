"""Layers on top of each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from rnnlm_cli.nn.cpu.threads import core_count, pipeline, split_rows
from rnnlm_cli.nn.layers.base import Layer, Plain
from rnnlm_cli.nn.layers.dropout import children
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array

PART_ELEMENTS = 25_000
"""A part of a block has at least so many values of a layer, or is not worth a thread's waking."""

MOST_PARTS = 10
"""Of a block; more would let the threads wait less for each other, and make products small."""


class Stack(Plain):
    """A layer made of layers, bottom first; its state is the tuple of theirs.

    Names, not positions, identify the layers, so that a model keeps its parameters' names when
    a dropout layer is put between.

    Layers that remember are kept in flight at once: a block is cut in time, and while the upper
    half of the layers reads a part, the lower half reads the next (Appleyard et al., 2016). The
    cuts depend on the shapes alone; each layer does the same in the same order on any
    number of threads.
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

    @property
    def splits_in_time(self) -> bool:  # type: ignore[override]
        """Whether all layers do."""
        return all(layer.splits_in_time for layer in self.layers.values())

    def initial_state(self, batch_size: int) -> State:
        """Return one state a layer."""
        return tuple(layer.initial_state(batch_size) for layer in self.layers.values())

    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, list[list[Any]]]:
        """``x (T, B, D)`` through every layer, upward."""
        states, steps, streams = list(state), *x.shape[-3:-1]
        readers = [
            layer.for_block(steps, streams, own)
            for layer, own in zip(self.layers.values(), children(rng, len(states)), strict=True)
        ]
        caches: list[list[Any]] = [[] for _ in readers]  # of each layer, part by part

        def stage(group: slice) -> Callable[[Array], Array]:
            def run(x: Array) -> Array:
                for k in range(group.start, group.stop):
                    x, states[k], cache = readers[k](x, states[k])
                    caches[k].append(cache)
                return x

            return run

        stages = [stage(group) for group in self._groups()]
        ys = pipeline(stages, [x[part] for part in self._parts(x)])
        return joined(ys), tuple(states), caches

    def backward(self, dy: Array, dstate: State, cache: list[list[Any]]) -> tuple[Array, State]:
        """``dy (T, B, H)`` through every layer, downward; of each part, the last one first."""
        layers, dstates = list(self.layers.values()), list(dstate)
        pending = [list(parts) for parts in cache]

        def stage(group: slice) -> Callable[[Array], Array]:
            def run(dy: Array) -> Array:
                for k in reversed(range(group.start, group.stop)):
                    dy, dstates[k] = layers[k].backward(dy, dstates[k], pending[k].pop())
                return dy

            return run

        stages = [stage(group) for group in reversed(self._groups())]
        parts = split_rows(len(dy), len(cache[0]) if cache else 1)
        dxs = pipeline(stages, [dy[part] for part in reversed(parts)])
        return joined(dxs[::-1]), tuple(dstates)

    def _parts(self, x: Array) -> list[slice]:
        """Cut a block in time, if there are layers to keep in flight at once."""
        remembering = sum(bool(layer.initial_state(1)) for layer in self.layers.values())
        if remembering < 2 or not self.splits_in_time:
            return [slice(len(x))]
        return split_rows(len(x), min(MOST_PARTS, x.size // PART_ELEMENTS))

    def _groups(self) -> list[slice]:
        """Divide the layers among the cores, those that remember as evenly as can be."""
        places = [k for k, layer in enumerate(self.layers.values()) if layer.initial_state(1)]
        runs = split_rows(len(places), core_count()) if places else [slice(0, 0)]
        starts = [0, *(places[run.start] for run in runs[1:]), len(self.layers)]
        return [slice(start, stop) for start, stop in pairwise(starts)]


def joined(parts: list[Array]) -> Array:
    """Put the parts of a block together again."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
