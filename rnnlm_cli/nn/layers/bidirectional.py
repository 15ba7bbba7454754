"""Two networks that read a sequence from both sides."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cpu.threads import in_parallel
from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.layers.dropout import children
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Bidirectional(Layer):
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

    @property
    def remembers(self) -> bool:
        """If a direction does."""
        return any(layer.remembers for layer in self.directions.values())

    def initial_state(self, streams: int) -> State:
        """Return one state per direction."""
        return tuple(layer.initial_state(streams) for layer in self.directions.values())

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> BidirectionalPass:
        """Begin a block in both directions."""
        layers, rngs = self.directions.values(), children(rng, 2)
        tapes = [layer.begin(steps, streams, own) for layer, own in zip(layers, rngs, strict=True)]
        return BidirectionalPass(tapes, steps)


class BidirectionalPass(Pass):
    """A block ``x (2, T, B, D)`` on its way to ``y (T, B, 2H)``, both directions at once."""

    def __init__(self, tapes: list[Pass], steps: int) -> None:
        super().__init__(steps)
        self._tapes = tapes

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        (left, after_left), (right, after_right) = in_parallel(
            lambda k: self._tapes[k].forward(x[k], state[k]), 2
        )
        return np.concatenate([left, right[::-1]], axis=-1), (after_left, after_right)

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        left, right = np.split(dy, 2, axis=-1)
        dys = (left, right[::-1])
        found = in_parallel(lambda k: self._tapes[k].backward(dys[k], dstate[k]), 2)
        return np.stack([dx for dx, _ in found]), tuple(dbefore for _, dbefore in found)

    def _finish(self) -> None:
        for tape in self._tapes:
            tape.finish()
