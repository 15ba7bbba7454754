"""The network as a whole: embedding, recurrent layers, output layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rnnlm_cli.config.schema import ModelConfig
from rnnlm_cli.nn.dropout import Dropout
from rnnlm_cli.nn.embedding import Embedding
from rnnlm_cli.nn.gru import GRU
from rnnlm_cli.nn.initializers import Initializer, scaled_normal, small_normal
from rnnlm_cli.nn.layer import Array, Ids, Layer, State
from rnnlm_cli.nn.linear import Linear
from rnnlm_cli.nn.lstm import LSTM
from rnnlm_cli.nn.recurrent import Recurrent
from rnnlm_cli.nn.residual import Residual
from rnnlm_cli.nn.rnn import RNN
from rnnlm_cli.nn.softmax import SoftmaxOutput
from rnnlm_cli.nn.stack import Stack

CELLS: dict[str, type[Recurrent]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
"""A new cell is a file in ``nn/``, a row here and a name in the schema."""


class Rnnlm:
    """A recurrent language model (Mikolov et al., 2010): ids in, the next token's odds out.

    ::

        x = embedding(ids)          (T, B, E)
        h = stack(x)                (T, B, H), or (T, B, E) after a projection
        p = softmax(h W^T + b)      (T, B, V), only ever in the output layer

    Attributes:
        embedding: Ids to vectors.
        stack: Dropout, recurrent layers, and a projection where tied sizes differ.
        output: Projection to the vocabulary, softmax and loss.
        params: Every distinct parameter by name; a tied one stands here once.
    """

    def __init__(
        self,
        config: ModelConfig,
        vocabulary_size: int,
        init: Initializer,
        init_embedding: Initializer,
    ) -> None:
        """Assemble a network.

        Args:
            config: Cell, sizes, dropout and so on.
            vocabulary_size: ``V``.
            init: How weights begin; biases begin at zero.
            init_embedding: How the embedding begins.
        """
        self.embedding = Embedding(vocabulary_size, config.embedding_size, init_embedding)
        self.stack = build_stack(config, init)
        if config.tie_weights:
            self.output = SoftmaxOutput(self.embedding.weight)
        else:
            self.output = SoftmaxOutput.untied(config.hidden_size, vocabulary_size, init)
        self.params = {f"embedding.{key}": p for key, p in self.embedding.params.items()}
        self.params |= self.stack.params
        for key, param in self.output.params.items():
            if param is not self.embedding.weight:
                self.params[f"output.{key}"] = param

    @classmethod
    def random(
        cls,
        config: ModelConfig,
        vocabulary_size: int,
        rng: np.random.Generator,
        dtype: npt.DTypeLike = np.float32,
    ) -> Rnnlm:
        """Assemble a network with random weights, float32, or float64 for gradient checks."""
        weights, embedding = scaled_normal(rng, dtype), small_normal(rng, dtype)
        return cls(config, vocabulary_size, weights, embedding)

    @property
    def parameter_count(self) -> int:
        """How many numbers are trained."""
        return sum(param.value.size for param in self.params.values())

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of all parameters."""
        return self.embedding.weight.value.dtype

    def initial_state(self, batch_size: int) -> State:
        """Return the state before any token, zeros: one entry a layer of the stack."""
        return self.stack.initial_state(batch_size)

    def forward(
        self, ids: Ids, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Any]:
        """Read ``ids (T, B)``; return ``h (T, B, H)`` for the output layer, state and cache.

        Without a generator nothing is dropped.
        """
        x, _, looked_up = self.embedding.forward(ids)
        h, state, cache = self.stack.forward(x, state, rng)
        return h, state, (looked_up, cache)

    def backward(self, dh: Array, dstate: State, cache: Any) -> State:
        """Go back through the block; add to every gradient.

        Args:
            dh: ``(T, B, H)``, from the output layer's loss.
            dstate: The gradient of the state after the block; zeros where the pass is truncated.
            cache: What ``forward`` returned.

        Returns:
            The gradient of the state before the block.
        """
        looked_up, saved = cache
        dx, dbefore = self.stack.backward(dh, dstate, saved)
        self.embedding.backward(dx, (), looked_up)
        return dbefore

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for param in self.params.values():
            param.zero_grad()

    def next_log_probs(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Read ``ids (T, B)``; return natural logs ``(B, V)`` of what comes next, and the state."""
        h, state, _ = self.forward(ids, state)
        return self.output.log_probs(h[-1]), state


def build_stack(config: ModelConfig, init: Initializer) -> Stack:
    """Lay dropout, recurrent layers and projection on each other, bottom first."""
    drop = config.dropout
    recurrent_dropout = drop.hidden if drop.variational else 0.0
    layers: dict[str, Layer] = {}
    add_dropout(layers, "dropout_input", drop.input, drop.variational)
    size = config.embedding_size
    for k in range(config.layers):
        if k > 0:
            add_dropout(layers, f"dropout{k}", drop.hidden, drop.variational)
        cell = CELLS[config.cell](size, config.hidden_size, init, recurrent_dropout)
        keeps_size = size == config.hidden_size
        layers[f"layer{k}"] = Residual(cell) if config.residual and keeps_size else cell
        size = config.hidden_size
    if config.tie_weights and size != config.embedding_size:
        layers["projection"] = Linear(size, config.embedding_size, init)
    add_dropout(layers, "dropout_output", drop.output, drop.variational)
    return Stack(layers)


def add_dropout(layers: dict[str, Layer], name: str, rate: float, variational: bool) -> None:
    """Put a dropout layer on top, if there is anything to drop."""
    if rate > 0:
        layers[name] = Dropout(rate, variational)
