"""Stack: layers on top of each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from rnnlm_cli.nn.cpu.threads import core_count, pipeline, split_rows
from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.layers.dropout import children
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array

PART_ELEMENTS = 25_000
"""Minimum number of a layer's values per part of a block; smaller parts gain nothing."""

MOST_PARTS = 10
"""Maximum parts per block: more parts overlap better but make the products too small."""


class Stack(Layer):
    """A layer made of layers, bottom first; its state is the tuple of their states.

    Names, not positions, identify the layers, so inserting a dropout layer does not rename the
    parameters of the others.

    Layers with a state run as a pipeline: a block is split in time, and while the upper layers
    process one part, the lower ones process the next (Appleyard et al., 2016). The split depends
    only on shapes, so every layer does the same work in the same order with any number of threads.
    """

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        self.layers = dict(layers)
        self.splits_in_time = all(layer.splits_in_time for layer in layers.values())

    @property
    def params(self) -> dict[str, Param]:
        """All parameters as ``layer.parameter``."""
        return {
            f"{name}.{key}": param
            for name, layer in self.layers.items()
            for key, param in layer.params.items()
        }

    @property
    def remembers(self) -> bool:
        """Whether any layer has a state."""
        return any(layer.remembers for layer in self.layers.values())

    def initial_state(self, streams: int) -> State:
        """Return one state per layer."""
        return tuple(layer.initial_state(streams) for layer in self.layers.values())

    def begin(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> StackPass:
        """Begin a block in every layer; each draws from its own generator."""
        layers = list(self.layers.values())
        tapes = [
            layer.begin(steps, streams, own)
            for layer, own in zip(layers, children(rng, len(layers)), strict=True)
        ]
        remembering = [k for k, layer in enumerate(layers) if layer.remembers]
        return StackPass(tapes, steps, remembering, self.splits_in_time)


class StackPass(Pass):
    """One block through all layers.

    With two or more layers that have a state, forward splits its input into parts and divides the
    layers among the cores, with those that have a state as evenly as possible. Backward takes the
    same parts.
    """

    def __init__(self, tapes: list[Pass], steps: int, remembering: list[int], splits: bool) -> None:
        super().__init__(steps)
        self._tapes = tapes
        self._in_flight = splits and len(remembering) > 1
        runs = split_rows(len(remembering), core_count()) if remembering else [slice(0, 0)]
        starts = [0, *(remembering[run.start] for run in runs[1:]), len(tapes)]
        self._groups = [slice(start, stop) for start, stop in pairwise(starts)]
        self._cuts: list[list[slice]] = []  # per forward call

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        states = list(state)
        steps = x.shape[-3]  # (T, B, D), or (2, T, B, D) for both directions
        most = min(MOST_PARTS, x.size // PART_ELEMENTS) if self._in_flight else 1
        self._cuts.append(split_rows(steps, most))

        def stage(group: slice) -> Callable[[Array], Array]:
            def run(x: Array) -> Array:
                for k in range(group.start, group.stop):
                    x, states[k] = self._tapes[k].forward(x, states[k])
                return x

            return run

        xs = [x] if len(self._cuts[-1]) == 1 else [x[part] for part in self._cuts[-1]]
        return joined(pipeline([stage(group) for group in self._groups], xs)), tuple(states)

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        dstates = list(dstate)

        def stage(group: slice) -> Callable[[Array], Array]:
            def run(dy: Array) -> Array:
                for k in reversed(range(group.start, group.stop)):
                    dy, dstates[k] = self._tapes[k].backward(dy, dstates[k])
                return dy

            return run

        dys = [dy[part] for part in reversed(self._cuts.pop())]
        dxs = pipeline([stage(group) for group in reversed(self._groups)], dys)
        return joined(dxs[::-1]), tuple(dstates)

    def _finish(self) -> None:
        for tape in self._tapes:
            tape.finish()


def joined(parts: list[Array]) -> Array:
    """Concatenate the parts of a block."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
