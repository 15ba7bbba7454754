"""Recurrent layer: the parameters and masks of a cell; an engine runs it."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, gate_columns
from rnnlm_cli.nn.engines.base import Engine, Masks, Pass, Weights
from rnnlm_cli.nn.init import Initializer
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.layers.dropout import dropout_mask
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Recurrent(Layer):
    """A cell over time: maps ``x (T, B, D)`` and a state to ``y (T, B, H)`` and a state.

    Attributes:
        cell: The equations of a step.
        engine: Runs the cell over a block.
        weights: ``weight_ih (D, G*H)``, ``weight_hh (H, G*H)`` of a cell that has one, ``bias
            (G*H,)``, zero at first, a ``bias_h`` for each gate that has one inside the recurrent
            product, and the cell's own.
    """

    def __init__(
        self,
        cell: Cell,
        engine: Engine,
        input_size: int,
        hidden_size: int,
        init: Initializer,
        recurrent_dropout: float = 0.0,
        weight_dropout: float = 0.0,
    ) -> None:
        """Create the parameters.

        Args:
            cell: The equations of a step.
            engine: Runs the cell over a block.
            input_size: ``D``.
            hidden_size: ``H``.
            init: Initializer of both weights.
            recurrent_dropout: Rate on the recurrent ``h``, one mask per stream for all steps of a
                block: the variational form (Gal and Ghahramani, 2016).
            weight_dropout: Rate on ``weight_hh``, one mask per block (DropConnect: Wan et al.,
                2013; in the recurrence: Merity et al., 2018).
        """
        cell = cell.sized(input_size, hidden_size)
        width = cell.products * hidden_size
        self.cell, self.engine, self.hidden_size = cell, engine, hidden_size
        self.recurrent_dropout, self.weight_dropout = recurrent_dropout, weight_dropout
        w_ih = init((input_size, width), input_size)
        if cell.recurrent:
            w_hh = init((hidden_size, width), hidden_size)
        else:
            w_hh = np.empty((hidden_size, 0), w_ih.dtype)
        inner = tuple(Param(np.zeros(hidden_size, w_ih.dtype)) for _ in cell.inner)
        bias = Param(np.zeros(width, w_ih.dtype))
        self._own = {
            name: Param(
                init(own.shape, own.shape[0])
                if own.start is None
                else np.full(own.shape, own.start, w_ih.dtype)
            )
            for name, own in cell.own(input_size, hidden_size).items()
        }
        own = (*([bias] if cell.adds_bias else []), *self._own.values())
        self.weights = Weights(Param(w_ih), Param(w_hh), bias, inner, own)

    @property
    def params(self) -> dict[str, Param]:
        """Those of ``weights``, by their names there; ``bias_h`` is followed by its gate's name."""
        weights = self.weights
        inner = (f"bias_h{gate}" for gate in self.cell.inner)
        return {
            "weight_ih": weights.ih,
            **({"weight_hh": weights.hh} if self.cell.recurrent else {}),
            "bias": weights.bias,
            **dict(zip(inner, weights.inner, strict=True)),
            **self._own,
        }

    @property
    def remembers(self) -> bool:
        """Always true."""
        return True

    @property
    def by_token(self) -> bool:
        """As the engine, but not if the cell changes ``x``."""
        return self.engine.by_token and not self.cell.mixes

    def splits_in_time(self, streams: int) -> bool:
        """As the engine."""
        return self.engine.splits_in_time(self.cell, self.weights, streams)

    def initial_state(self, streams: int) -> State:
        """Return zeros ``(B, H)``, one array for each of the cell's states."""
        shape = (streams, self.hidden_size)
        return tuple(np.zeros_like(self.weights.bias.value, shape=shape) for _ in self.cell.states)

    def gate_bias(self, gate: str) -> Array:
        """Return a gate's part of ``bias``, a writable view ``(H,)``."""
        bias: Array = self.weights.bias.value[gate_columns(self.cell, gate, self.hidden_size)]
        return bias

    def begin(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> Pass:
        """Draw the masks, the same for all steps of a block, and let the engine begin."""
        w_hh = self.weights.hh.value
        weights = h = None
        if rng is not None and self.weight_dropout > 0 and self.cell.recurrent:
            weights = dropout_mask(rng, self.weight_dropout, w_hh.shape, like=w_hh)
        if rng is not None and self.recurrent_dropout > 0 and self.cell.recurrent:
            shape = (streams, self.hidden_size)
            h = dropout_mask(rng, self.recurrent_dropout, shape, like=w_hh, by_stream=True)
        return self.engine.begin(self.cell, self.weights, steps, streams, Masks(weights, h))
