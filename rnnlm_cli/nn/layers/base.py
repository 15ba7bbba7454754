"""What every layer is: parameters, a state, and a pass per block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State


class Layer(ABC):
    """A layer maps ``x (T, B, D)`` to ``y (T, B, H)``, and keeps nothing of a pass on itself.

    Layers without parameters and state need ``begin`` alone.
    """

    splits_in_time = True
    """Whether a block may come in parts; not for a layer that has to see a block whole."""

    @property
    def params(self) -> Mapping[str, Param]:
        """The trained arrays by name."""
        return {}

    @property
    def remembers(self) -> bool:
        """Whether there is a state."""
        return False

    def initial_state(self, streams: int) -> State:
        """Return the state at the start of a text, zeros ``(B, H)``; ``()`` without a state."""
        return ()

    @abstractmethod
    def begin(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> Pass:
        """Begin a block.

        What is the same for all its parts is done once: masks drawn, weights laid out.

        Args:
            steps: ``T`` of the whole block.
            streams: ``B``.
            rng: For what is dropped; ``None`` means evaluation, in which nothing is.
        """
