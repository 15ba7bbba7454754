"""What every layer is: parameters, a state, a forward and a backward pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array

Reader = Callable[[Array, State], tuple[Array, State, Any]]
"""Reads the next part of a block: ``x`` and state to ``y``, state and cache, as ``forward``."""


class Layer(Protocol):
    """The protocol of a layer that maps ``x (T, B, D)`` to ``y (T, B, H)``.

    The cache is returned by ``forward`` and handed to ``backward``; a layer keeps nothing of a
    pass on itself. ``rng=None`` means evaluation: no dropout.

    A block may come in parts, one after another in time, with the state carried and the caches
    handed back in reverse: that is the same as the block whole.
    """

    @property
    def splits_in_time(self) -> bool:
        """Whether that holds; not for a layer that has to see a block whole."""

    @property
    def params(self) -> Mapping[str, Param]:
        """The trained arrays by name."""

    def initial_state(self, batch_size: int) -> State:
        """Return the state at the start of a text, zeros; ``()`` for a layer without one."""

    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Any]:
        """Return ``y``, the state after the last step, and the cache for ``backward``."""

    def for_block(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> Reader:
        """Return what reads a block's parts, one after another.

        What is the same for all of them is done once: masks drawn, weights laid out.

        Args:
            steps: ``T`` of the whole block.
            streams: ``B``.
            rng: As for ``forward``.
        """

    def backward(self, dy: Array, dstate: State, cache: Any) -> tuple[Array, State]:
        """Return ``dx`` and the gradient of the initial state; add to the parameters' own.

        Args:
            dy: ``(T, B, H)``, the loss's gradient with respect to ``y``.
            dstate: The loss's gradient with respect to the final state.
            cache: What ``forward`` returned.
        """


class Plain(ABC):
    """A layer that learns nothing, remembers nothing and has nothing to prepare for a block.

    Those that differ in one of these say so.
    """

    splits_in_time = True

    @property
    def params(self) -> Mapping[str, Param]:
        """Return nothing: there is nothing to train."""
        return {}

    def initial_state(self, batch_size: int) -> State:
        """Return ``()``: no state is kept."""
        return ()

    @abstractmethod
    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Any]:
        """As in ``Layer``."""

    def for_block(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> Reader:
        """Return ``forward`` with the one generator for all parts."""
        return lambda x, state: self.forward(x, state, rng)
