"""Embedding: a token's id picks a row of a matrix."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.nn.init import Initializer
from rnnlm_cli.nn.layers.dropout import dropout_mask
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids, flatten_steps


class Cache(NamedTuple):
    """What ``backward`` needs of ``forward``."""

    ids: Ids  # (T, B)
    kept: Array | None  # (T, B, 1)


class Embedding:
    """``y[t, b] = weight[x[t, b]]``: a one-hot vector times a matrix, without the zeros.

    With a dropout rate whole rows are dropped: a word is missing from a block wherever it stands
    in it (Gal and Ghahramani, 2016). The output layer, if it shares the weight, is spared.

    Attributes:
        weight: ``(V, E)``, one row a token.
    """

    def __init__(
        self, vocabulary_size: int, embedding_size: int, init: Initializer, dropout: float = 0.0
    ) -> None:
        self.weight = Param(init((vocabulary_size, embedding_size), vocabulary_size))
        self.dropout = dropout

    @property
    def params(self) -> dict[str, Param]:
        """``weight``."""
        return {"weight": self.weight}

    def initial_state(self, batch_size: int) -> State:
        """Return ``()``: an embedding keeps no state."""
        return ()

    def forward(
        self, x: Ids, state: State = (), rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Cache]:
        """``x (T, B)`` token ids to ``y (T, B, E)``."""
        y = self.weight.value[x]
        if rng is None or self.dropout == 0:
            return y, (), Cache(x, None)
        kept = dropout_mask(rng, self.dropout, (len(self.weight.value), 1), like=y)[x]
        return y * kept, (), Cache(x, kept)

    def backward(self, dy: Array, dstate: State, cache: Cache) -> tuple[None, State]:
        """Add ``dy (T, B, E)`` to the rows that were looked up; ids have no gradient."""
        if cache.kept is not None:
            dy = dy * cache.kept
        self.weight.add_rows(cache.ids.reshape(-1), flatten_steps(dy))
        return None, ()
