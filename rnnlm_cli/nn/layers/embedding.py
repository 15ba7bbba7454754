"""Embedding: a token's id selects a row of a matrix."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.device import beside
from rnnlm_cli.nn.engines.base import Pass, masked
from rnnlm_cli.nn.init import Initializer
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.layers.dropout import dropout_mask
from rnnlm_cli.nn.lookup import Lookup, Table
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids, flatten_steps


class Embedding(Layer):
    """``y[t, b] = weight[x[t, b]]``: a one-hot vector times a matrix, without the zeros.

    Dropout drops whole rows: a dropped word is missing everywhere in the block (Gal and
    Ghahramani, 2016). It does not affect an output layer that shares the weight.

    Attributes:
        weight: ``(V, E)``, one row per token.
        dropout: The dropout rate.
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

    def begin(
        self,
        steps: int,
        streams: int,
        rng: np.random.Generator | None = None,
        by_token: bool = False,
    ) -> EmbeddingPass:
        """Begin a block and draw the rows to drop in all of it.

        Args:
            steps: ``T`` of the whole block.
            streams: ``B``.
            rng: Draws the rows; ``None`` for none.
            by_token: Whether forward returns a ``Lookup``, for a layer that reads it so; then
                backward gets it back, and ``finish`` takes the gradient from its table.
        """
        weight, mask = self.weight.value, None
        if rng is not None and self.dropout > 0:
            mask = dropout_mask(rng, self.dropout, (len(weight), 1), like=weight)
        return (TablePass if by_token else EmbeddingPass)(self.weight, steps, mask)


class EmbeddingPass(Pass):
    """One block of ids ``(T, B)``, or ``(2, T, B)`` for both directions."""

    time_axis = -2

    def __init__(self, weight: Param, steps: int, mask: Array | None) -> None:
        super().__init__(steps)
        self._weight, self._mask = weight, mask  # (V, 1)
        self._ids: list[Ids] = []
        self._dy: list[Array] = []  # the last part first

    def _forward(self, x: Ids, state: State) -> tuple[Array, State]:
        self._ids.append(x)
        places = beside(x, self._weight.value)
        return masked(self._weight.value[places], self._kept(places)), ()

    def _backward(self, dy: Array, dstate: State) -> tuple[None, State]:
        """Keep ``dy`` for ``finish``; ids have no gradient."""
        self._dy.append(masked(dy, self._kept(self._ids[len(self._parts) - 1])))
        return None, ()

    def _finish(self) -> None:
        for ids, dy in zip(self._ids, reversed(self._dy), strict=True):
            self._weight.add_rows(ids.reshape(-1), flatten_steps(dy))

    def _kept(self, ids: Ids) -> Array | None:
        return None if self._mask is None else self._mask[ids]


class TablePass(EmbeddingPass):
    """One block of ids ``(T, B)``, each distinct one looked up once per part."""

    def __init__(self, weight: Param, steps: int, mask: Array | None) -> None:
        super().__init__(weight, steps, mask)
        self._tables: list[tuple[Ids, Table]] = []

    def _forward(self, x: Ids, state: State) -> tuple[Lookup, State]:  # type: ignore[override]
        distinct, index = np.unique(x, return_inverse=True)
        table = Table(masked(self._weight.value[distinct], self._kept(distinct)))
        self._tables.append((distinct, table))
        return Lookup(table, index.reshape(x.shape)), ()

    def _backward(self, dy: Lookup, dstate: State) -> tuple[None, State]:  # type: ignore[override]
        """Nothing yet: ``dy`` has its gradient after ``finish`` of the layer above."""
        return None, ()

    def _finish(self) -> None:
        for distinct, table in self._tables:
            assert table.gradient is not None
            self._weight.add_rows(distinct, masked(table.gradient, self._kept(distinct)))
