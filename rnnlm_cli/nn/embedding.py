"""Embedding: a token's id picks a row of a matrix."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.initializers import Initializer
from rnnlm_cli.nn.layer import Array, Ids, Param, State, flatten_steps


class Embedding:
    """``y[t, b] = weight[x[t, b]]``: a one-hot vector times a matrix, without the zeros.

    Attributes:
        weight: ``(V, E)``, one row a token.
    """

    def __init__(self, vocabulary_size: int, embedding_size: int, init: Initializer) -> None:
        self.weight = Param(init((vocabulary_size, embedding_size), vocabulary_size))

    @property
    def params(self) -> dict[str, Param]:
        """``weight``."""
        return {"weight": self.weight}

    def initial_state(self, batch_size: int) -> State:
        """Return ``()``: an embedding keeps no state."""
        return ()

    def forward(
        self, x: Ids, state: State = (), rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Ids]:
        """``x (T, B)`` token ids to ``y (T, B, E)``."""
        return self.weight.value[x], (), x

    def backward(self, dy: Array, dstate: State, cache: Ids) -> tuple[None, State]:
        """Add ``dy (T, B, E)`` to the rows that were looked up; ids have no gradient."""
        self.weight.add_rows(cache.reshape(-1), flatten_steps(dy))
        return None, ()
