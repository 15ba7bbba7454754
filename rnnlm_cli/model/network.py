"""What the networks of all tasks have in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import numpy as np

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model.layers import part_of
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.cells.base import gate_columns
from rnnlm_cli.nn.device import beside, to_host
from rnnlm_cli.nn.engines.base import Engine, Pass
from rnnlm_cli.nn.engines.unchanged import Unchanged
from rnnlm_cli.nn.init import is_placeholder
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.outputs.base import OutputLayer
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids

Placed = TypeVar("Placed", bound="Network")


class NetworkPass(Pass):
    """One block of ids: to ``h``, the input of the output layer, and backward."""

    time_axis = -2


class Network(ABC):
    """Ids in, ``h`` out, whose probabilities the output layer gives.

    A training and an evaluation need no more of a task's network than this::

        tape = network.begin(steps, streams, rng)
        h, state = tape.forward(inputs, network.initial_state(streams))
        nats, counted, dh = network.output.loss_and_gradients(h, targets, rng)
        tape.backward(dh, network.initial_state(streams))
        tape.finish()

    ``inputs`` are ids ``(..., B)``, one column per stream, as the blocks of the task hold them.

    Attributes:
        bidirectional: Whether it reads in both directions.
        embedding: Tokens to vectors.
        output: Projection to the tokens or labels, softmax and loss.
        params: Every distinct parameter by name; a tied one occurs once.
        engine: What runs the recurrent layers.
    """

    bidirectional = False
    embedding: Embedding
    output: OutputLayer
    params: dict[str, Param]
    engine: Engine
    _unchanged: Unchanged

    @abstractmethod
    def initial_state(self, batch_size: int) -> State:
        """Return the zero state before any token, one entry per layer of the stack."""

    @abstractmethod
    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> NetworkPass:
        """Begin a block with ``steps`` rows of targets; without a generator there is no dropout."""

    @property
    def embeddings(self) -> tuple[Embedding, ...]:
        """Every embedding of tokens that it has."""
        return (self.embedding,)

    @property
    def outcomes(self) -> int:
        """The number of tokens, or of labels, that it chooses among."""
        return self.types

    def set_forget_bias(self, config: ModelConfig) -> None:
        """Set the initial bias of the gates that keep memory (Jozefowicz et al., 2015)."""
        cell = CELLS[config.cell]
        assert cell.keeps is not None  # config/ refuses the key for other cells
        columns = gate_columns(cell, cell.keeps, config.hidden_size)
        for name, param in self.params.items():
            if re.search(r"(?:^|\.)layer\d+\.bias$", name):
                param.value[columns] = config.forget_bias

    def placed(self: Placed) -> Placed:
        """Move the weights to where the engine computes; return the network itself.

        Those of a network that only a dry run has stay where they take no memory.
        """
        if not any(is_placeholder(param.value) for param in self.params.values()):
            for param in self.params.values():
                param.value = self.engine.place(param.value)
        return self

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

    def running(self) -> AbstractContextManager[None]:
        """Apply the engine's settings around one or more passes."""
        return self.engine.running()

    def unchanged(self) -> AbstractContextManager[None]:
        """Promise that no weight changes until the end of the context.

        What an engine lays out from the weights is then kept from block to block, which single
        steps gain most from. It takes the memory of the weights once more.
        """
        return self._unchanged

    def read(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Read ``ids (T, B)`` without training; return ``h (T, B, H)`` and the state after."""
        steps, streams = ids.shape[-2:]
        return self.begin(steps, streams).forward(ids, state)

    def hidden(self, h: Array) -> Array:
        """Return the hidden state in ``h``, without what else the output layer reads there."""
        return h

    def widened(self, dhidden: Array) -> Array:
        """Return the gradient of ``h`` for that of its hidden state, where the network has it."""
        return self.where_it_computes(dhidden)

    def zero_grad(self) -> None:
        """Reset all gradients to zero."""
        for param in self.params.values():
            param.zero_grad()


def named_params(embedding: Embedding, stack: Layer, output: OutputLayer) -> dict[str, Param]:
    """Return the distinct parameters of a network's parts by name; a tied one is the embedding's.

    Args:
        embedding: Its parameters are ``embedding.NAME``.
        stack: Its parameters keep their names.
        output: Its parameters are ``output.NAME``.
    """
    found = {f"embedding.{key}": param for key, param in embedding.params.items()} | dict(
        stack.params
    )
    tied = set(map(id, embedding.params.values()))
    for key, param in output.params.items():
        if id(param) not in tied:
            found[f"output.{key}"] = param
    return found
