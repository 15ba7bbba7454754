"""Two networks that read a sequence in both directions."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cpu.threads import in_parallel
from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.layers.dropout import children
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Bools, Ids


class Bidirectional(Layer):
    """``y_t`` concatenates two networks' outputs: left of ``t`` read forward, right backward.

    (Schuster and Paliwal, 1997.) The two are independent stacks of any depth. Bidirectional layers
    on top of each other would leak: the second would read what the first has seen of the token to
    predict.

    The input holds the sequence twice, in each network's reading order: ``x[0, t]`` is the token
    before position ``t``, and ``x[1, s]`` the one after position ``T-1-s``.
    """

    def __init__(self, forward: Layer, backward: Layer) -> None:
        self.directions = {"forward": forward, "backward": backward}

    @property
    def params(self) -> dict[str, Param]:
        """The parameters of both, as ``forward.NAME`` and ``backward.NAME``."""
        return {
            f"{direction}.{name}": param
            for direction, layer in self.directions.items()
            for name, param in layer.params.items()
        }

    @property
    def remembers(self) -> bool:
        """Whether either direction has a state."""
        return any(layer.remembers for layer in self.directions.values())

    def splits_in_time(self, streams: int) -> bool:
        """Never: the second direction begins at the block's end."""
        return False

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
    """One block, ``x (2, T, B, D)`` to ``y (T, B, 2H)``, both directions in parallel."""

    def __init__(self, tapes: list[Pass], steps: int) -> None:
        super().__init__(steps)
        self._tapes = tapes

    def leave_out(self, padding: Bools, present: Ids | None = None) -> None:
        """Tell both directions; the second reads from the end."""
        self._tapes[0].leave_out(padding, present)
        self._tapes[1].leave_out(padding[::-1], None if present is None else present[::-1])

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
