"""Base class of layers: parameters, a state, and one pass per block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State


class Layer(ABC):
    """Maps ``x (T, B, D)`` to ``y (T, B, H)``; whatever belongs to a block is in its ``Pass``.

    Layers without parameters and state override ``begin`` only.
    """

    @property
    def params(self) -> Mapping[str, Param]:
        """The trained parameters by name."""
        return {}

    @property
    def remembers(self) -> bool:
        """Whether the layer has a state."""
        return False

    @property
    def by_token(self) -> bool:
        """Whether it takes ``x`` as a ``Lookup`` too (see ``Engine.by_token``)."""
        return False

    def splits_in_time(self, streams: int) -> bool:
        """Whether a block should come in parts; false for a layer that needs the whole block."""
        return True

    def initial_state(self, streams: int) -> State:
        """Return the state at the start of a text: zeros ``(B, H)``, or ``()`` without a state."""
        return ()

    @abstractmethod
    def begin(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> Pass:
        """Begin a block; work that all its parts share, such as drawing masks, is done here.

        Args:
            steps: ``T`` of the whole block.
            streams: ``B``.
            rng: Draws the dropout masks; ``None`` means evaluation, without dropout.
        """
