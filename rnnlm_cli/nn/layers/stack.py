"""Stack: layers on top of each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from rnnlm_cli.nn.cpu.threads import core_count, pipeline, split_rows
from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.layers.dropout import children
from rnnlm_cli.nn.lookup import in_time
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Bools, Ids

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

    @property
    def by_token(self) -> bool:
        """As its first layer."""
        return next(iter(self.layers.values())).by_token

    def splits_in_time(self, streams: int) -> bool:
        """Whether all layers do."""
        return all(layer.splits_in_time(streams) for layer in self.layers.values())

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
        return StackPass(tapes, steps, remembering, self.splits_in_time(streams))


class StackPass(Pass):
    """One block through all layers.

    With two or more layers that have a state, forward splits its input into parts and divides the
    layers among the cores, with those that have a state as evenly as possible. Backward takes the
    same parts.

    Attributes:
        tapes: The passes of its layers, bottom first.
    """

    def __init__(self, tapes: list[Pass], steps: int, remembering: list[int], splits: bool) -> None:
        super().__init__(steps)
        self.tapes = tapes
        self._all = slice(0, len(tapes))
        self._in_flight = splits and len(remembering) > 1
        runs = split_rows(len(remembering), core_count()) if remembering else [slice(0, 0)]
        starts = [0, *(remembering[run.start] for run in runs[1:]), len(tapes)]
        self._groups = [slice(start, stop) for start, stop in pairwise(starts)]
        self._cuts: list[list[slice]] = []  # per forward call

    def leave_out(self, padding: Bools, present: Ids | None = None) -> None:
        """Tell every layer."""
        for tape in self.tapes:
            tape.leave_out(padding, present)

    def _forward(self, x: Any, state: State) -> tuple[Array, State]:
        states = list(state)
        steps = x.shape[-3]  # (T, B, D), or (2, T, B, D) for both directions
        most = min(MOST_PARTS, x.size // PART_ELEMENTS) if self._in_flight else 1
        self._cuts.append(split_rows(steps, most))
        if len(self._cuts[-1]) == 1:
            return self._up(self._all, states, x), tuple(states)
        stages = [partial(self._up, group, states) for group in self._groups]
        ys = pipeline(stages, [x[part] for part in self._cuts[-1]])
        return in_time(ys), tuple(states)

    def _backward(self, dy: Array, dstate: State) -> tuple[Any, State]:
        dstates, parts = list(dstate), self._cuts.pop()
        if len(parts) == 1:
            return self._down(self._all, dstates, dy), tuple(dstates)
        stages = [partial(self._down, group, dstates) for group in reversed(self._groups)]
        dxs = pipeline(stages, [dy[part] for part in reversed(parts)])
        return in_time(dxs[::-1]), tuple(dstates)

    def _up(self, group: slice, states: list[State], x: Any) -> Array:
        """Pass ``x`` through a group of layers, upward; replace their states."""
        for k in range(group.start, group.stop):
            x, states[k] = self.tapes[k].forward(x, states[k])
        y: Array = x
        return y

    def _down(self, group: slice, dstates: list[State], dy: Array) -> Any:
        """Pass ``dy`` through a group of layers, downward; replace their state gradients."""
        for k in reversed(range(group.start, group.stop)):
            dy, dstates[k] = self.tapes[k].backward(dy, dstates[k])
        return dy

    def _finish(self) -> None:
        for tape in self.tapes:
            tape.finish()
