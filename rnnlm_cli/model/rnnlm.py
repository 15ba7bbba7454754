"""The network as a whole: embedding, recurrent layers, output layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model.bounds import checked_log_probs
from rnnlm_cli.model.initialization import Initializers, initializers
from rnnlm_cli.model.layers import build_output, build_stack, recurrent_stacks
from rnnlm_cli.nn.cpu.threads import network_pass
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids


class Rnnlm:
    """A recurrent language model (Mikolov et al., 2010): ids in, the next token's odds out.

    ::

        x = embedding(ids)          (T, B, E)
        h = stack(x)                (T, B, H), or (T, B, E) after a projection
        p = softmax(h W^T + b)      (T, B, V), only ever in the output layer

    A bidirectional one reads ids ``(2, T, B)``: the tokens before each place, and those after it
    from the end (see ``nn/layers/bidirectional.py``). Its ``h`` at a place knows all of a line but
    the token there.

    Attributes:
        bidirectional: Whether it reads from both sides, and so cannot write from left to right.
        embedding: Ids to vectors.
        stack: Dropout, recurrent layers, and a projection where tied sizes differ.
        output: Projection to the vocabulary, softmax and loss.
        params: Every distinct parameter by name; a tied one stands here once.
    """

    def __init__(self, config: ModelConfig, vocabulary_size: int, init: Initializers) -> None:
        """Assemble a network.

        Args:
            config: Cell, sizes, dropout and so on.
            vocabulary_size: ``V``.
            init: How weights begin; biases begin at zero.
        """
        self.bidirectional = config.direction == "bidirectional"
        self.embedding = Embedding(
            vocabulary_size, config.embedding_size, init.embedding, config.dropout.embedding
        )
        self.stack = build_stack(config, init)
        self.output = build_output(config, vocabulary_size, self.embedding.weight, init.output)
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
        model = cls(config, vocabulary_size, initializers(config, rng, dtype))
        if config.forget_bias != 0:
            model.set_forget_bias(config)
        return model

    def set_forget_bias(self, config: ModelConfig) -> None:
        """Open the forget gates of LSTM layers from the start (Jozefowicz et al., 2015)."""
        size = config.hidden_size
        for prefix in recurrent_stacks(config):
            for k in range(config.layers):
                bias = self.params[f"{prefix}layer{k}.bias"].value  # i, f, g, o
                bias[size : 2 * size] = config.forget_bias

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
        x, _, looked_up = self.embedding.forward(ids, (), rng)
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
        """Read ``ids (T, B)``; return natural logs ``(B, V)`` of what comes next, and the state.

        Only a model that reads from the left can tell what comes next.

        Raises:
            NotFiniteError: The model has diverged (see ``model/bounds.py``).
        """
        with network_pass():
            h, state, _ = self.forward(ids, state)
            log_probs = self.output.log_probs(h[-1])
        return checked_log_probs(log_probs), state
