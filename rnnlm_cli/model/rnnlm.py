"""The whole network: embedding, recurrent layers, output layer."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model.bounds import checked_log_probs
from rnnlm_cli.model.initialization import Initializers, initializers
from rnnlm_cli.model.layers import build_output, build_stack, part_of, recurrent_stacks
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.cells.base import gate_columns
from rnnlm_cli.nn.device import beside, to_host
from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.engines.choose import AUTO, ENGINES, choose_engine
from rnnlm_cli.nn.engines.unchanged import Unchanged
from rnnlm_cli.nn.init import is_placeholder, placeholder
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Bools, Ids


class Rnnlm:
    """A recurrent language model (Mikolov et al., 2010).

    Token ids in, next-token probabilities out::

        x = embedding(ids)          (T, B, E)
        h = stack(x)                (T, B, H), or (T, B, E) after a projection
        p = softmax(h W^T + b)      (T, B, V), inside the output layer

    A bidirectional network reads ids ``(2, T, B)``: the tokens before each position, and those
    after it in reverse (see ``nn/layers/bidirectional.py``). Its ``h`` at a position depends on the
    whole line except the token there.

    Attributes:
        bidirectional: Whether it reads in both directions; then it cannot generate text.
        embedding: Ids to vectors.
        stack: Dropout, recurrent layers, and a projection if tied sizes differ.
        output: Projection to the vocabulary, softmax and loss.
        params: Every distinct parameter by name; a tied one occurs once.
    """

    def __init__(
        self,
        config: ModelConfig,
        vocabulary_size: int,
        init: Initializers,
        engine: str = AUTO,
    ) -> None:
        """Assemble a network.

        Args:
            config: Cell, sizes, dropout and so on.
            vocabulary_size: ``V``.
            init: Initializers of the weights; biases start at zero.
            engine: What runs it, as for ``choose_engine``.
        """
        self.engine = ENGINES[choose_engine(engine)]
        self.bidirectional = config.direction == "bidirectional"
        self.embedding = Embedding(
            vocabulary_size, config.embedding_size, init.embedding, config.dropout.embedding
        )
        self.stack = build_stack(config, init, self.engine)
        self.output = build_output(
            config, vocabulary_size, self.embedding.weight, init.output, self.engine
        )
        self.params = {f"embedding.{key}": p for key, p in self.embedding.params.items()}
        self.params |= self.stack.params
        for key, param in self.output.params.items():
            if param is not self.embedding.weight:
                self.params[f"output.{key}"] = param
        self._unchanged = Unchanged(self.params.values())

    @classmethod
    def empty(
        cls,
        config: ModelConfig,
        vocabulary_size: int,
        dtype: npt.DTypeLike = np.float32,
        engine: str = AUTO,
    ) -> Rnnlm:
        """Assemble a network whose weights are loaded later; it takes no memory."""
        none = placeholder(dtype)
        return cls(config, vocabulary_size, Initializers(none, none, none), engine)

    def rebuilt(self, config: ModelConfig, dtype: npt.DTypeLike, engine: str = AUTO) -> Rnnlm:
        """Assemble a network with these weights, but other dropout, another type or engine.

        Args:
            config: Of the same shape.
            dtype: Of the weights, which are shared where it is theirs.
            engine: As for a new network.
        """
        network = Rnnlm.empty(config, self.types, dtype, engine)
        for name, param in network.params.items():
            param.value = self.params[name].weights.astype(dtype, copy=False)
        return network

    def placed(self) -> Rnnlm:
        """Move the weights to where the engine computes; return the network itself.

        Those of a network that only a dry run has stay where they take no memory.
        """
        for param in self.params.values():
            if not is_placeholder(param.value):
                param.value = self.engine.place(param.value)
        return self

    @classmethod
    def random(
        cls,
        config: ModelConfig,
        vocabulary_size: int,
        rng: np.random.Generator,
        dtype: npt.DTypeLike = np.float32,
        engine: str = AUTO,
    ) -> Rnnlm:
        """Assemble a network with random weights, float32, or float64 for gradient checks."""
        model = cls(config, vocabulary_size, initializers(config, rng, dtype), engine)
        if config.forget_bias != 0:
            model.set_forget_bias(config)
        return model

    def set_forget_bias(self, config: ModelConfig) -> None:
        """Set the initial bias of the gates that keep memory (Jozefowicz et al., 2015)."""
        cell = CELLS[config.cell]
        assert cell.keeps is not None  # config/ refuses the key for other cells
        columns = gate_columns(cell, cell.keeps, config.hidden_size)
        for prefix in recurrent_stacks(config):
            for k in range(config.layers):
                self.params[f"{prefix}layer{k}.bias"].value[columns] = config.forget_bias

    @property
    def trained(self) -> dict[str, Param]:
        """The parameters that training changes, by name."""
        return {name: param for name, param in self.params.items() if not param.frozen}

    def freeze(self, parts: Collection[str]) -> None:
        """Let training change all parts but these.

        Args:
            parts: Names as in ``model.freeze``; see ``frozen_parts`` in ``config/model.py``.
        """
        for name, param in self.params.items():
            param.frozen = part_of(name) in parts

    def weights(self) -> dict[str, Array]:
        """Return every parameter as a NumPy array: itself, or a copy from the device."""
        return {name: param.weights for name, param in self.params.items()}

    def on_host(self, h: Array) -> Array:
        """Return what ``read`` returned as a NumPy array."""
        return to_host(h)

    def where_it_computes(self, h: Array) -> Array:
        """Return an array where the output layer can take it."""
        return beside(h, self.embedding.weight.value)

    @property
    def parameter_count(self) -> int:
        """The number of values in all parameters."""
        return sum(param.value.size for param in self.params.values())

    @property
    def frozen_count(self) -> int:
        """The number of values among them that training leaves as they are."""
        return sum(param.value.size for param in self.params.values() if param.frozen)

    @property
    def types(self) -> int:
        """The number of tokens, ``V``."""
        return len(self.embedding.weight.value)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of all parameters."""
        return self.embedding.weight.value.dtype

    def initial_state(self, batch_size: int) -> State:
        """Return the zero state before any token, one entry per layer of the stack."""
        return self.stack.initial_state(batch_size)

    def running(self) -> AbstractContextManager[None]:
        """Apply the engine's settings around one or more passes."""
        return self.engine.running()

    def unchanged(self) -> AbstractContextManager[None]:
        """Promise that no weight changes until the end of the context.

        What an engine lays out from the weights is then kept from block to block, which single
        steps gain most from. It takes the memory of the weights once more.
        """
        return self._unchanged

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> NetworkPass:
        """Begin a block of ids ``(T, B)``; without a generator there is no dropout."""
        by_token = self.stack.by_token and steps > 1
        embedding = self.embedding.begin(steps, streams, rng, by_token)
        return RnnlmPass(embedding, self.stack.begin(steps, streams, rng), steps)

    def read(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Read ``ids (T, B)`` without training; return ``h (T, B, H)`` and the state after."""
        steps, streams = ids.shape[-2:]
        return self.begin(steps, streams).forward(ids, state)

    def zero_grad(self) -> None:
        """Reset all gradients to zero."""
        for param in self.params.values():
            param.zero_grad()

    def next_log_probs(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Read ``ids (T, B)``; return next-token log-probabilities ``(B, V)`` and the state.

        Not for bidirectional models, which do not predict the next token.

        Raises:
            DivergedError: The model has diverged (see ``model/bounds.py``).
        """
        with self.running():
            h, state = self.read(ids, state)
            log_probs = self.output.log_probs(h[-1])
        return checked_log_probs(log_probs), state


class NetworkPass(Pass):
    """One block of ids: to ``h``, the input of the output layer, and backward."""

    time_axis = -2


class RnnlmPass(NetworkPass):
    """One block in the layers of a network."""

    def __init__(self, embedding: Pass, stack: Pass, steps: int) -> None:
        super().__init__(steps)
        self._embedding, self._stack = embedding, stack

    def leave_out(self, padding: Bools, present: Ids | None = None) -> None:
        """Tell the stack."""
        self._stack.leave_out(padding, present)

    def _forward(self, x: Ids, state: State) -> tuple[Array, State]:
        looked_up, _ = self._embedding.forward(x, ())
        return self._stack.forward(looked_up, state)

    def _backward(self, dy: Array, dstate: State) -> tuple[None, State]:
        """Ids have no gradient."""
        dx, dbefore = self._stack.backward(dy, dstate)
        self._embedding.backward(dx, ())
        return None, dbefore

    def _finish(self) -> None:
        self._stack.finish()
        self._embedding.finish()
