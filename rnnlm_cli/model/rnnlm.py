"""The whole network: embedding, recurrent layers, output layer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model.bounds import checked_log_probs
from rnnlm_cli.model.initialization import Initializers, initializers
from rnnlm_cli.model.layers import build_output, build_stack, top_size
from rnnlm_cli.model.network import Network, NetworkPass, named_params
from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.engines.choose import AUTO, ENGINES, choose_engine
from rnnlm_cli.nn.engines.unchanged import Unchanged
from rnnlm_cli.nn.init import placeholder
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.outputs.direct import last_tokens
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Bools, Ids


class Rnnlm(Network):
    """A recurrent language model (Mikolov et al., 2010).

    Token ids in, next-token probabilities out::

        x = embedding(ids)          (T, B, E)
        h = stack(x)                (T, B, H), or (T, B, E) after a projection
        p = softmax(h W^T + b)      (T, B, V), inside the output layer

    With ``model.direct.order: n`` the last ``n-1`` tokens are behind ``h`` and in the state, for
    the output layer (see ``nn/outputs/direct.py``).

    A bidirectional network reads ids ``(2, T, B)``: the tokens before each position, and those
    after it in reverse (see ``nn/layers/bidirectional.py``). Its ``h`` at a position depends on the
    whole line except the token there.

    Attributes:
        bidirectional: Whether it reads in both directions; then it cannot generate text.
        embedding: Ids to vectors.
        stack: Dropout, recurrent layers, and a projection if tied sizes differ.
        output: Projection to the vocabulary, softmax and loss.
        params: Every distinct parameter by name; a tied one occurs once.
        remembered: How many of the last tokens the output layer sees, ``n-1``, or 0.
    """

    remembered = 0

    def __init__(
        self,
        config: ModelConfig,
        vocabulary_size: int,
        init: Initializers,
        engine: str,
    ) -> None:
        """Assemble a network.

        Args:
            config: Cell, sizes, dropout and so on.
            vocabulary_size: ``V``.
            init: Initializers of the weights; biases start at zero.
            engine: What runs it, a row of ``ENGINES``.
        """
        self.engine = ENGINES[engine]
        self.bidirectional = config.direction == "bidirectional"
        self.embedding = Embedding(
            vocabulary_size, config.embedding_size, init.embedding, config.dropout.embedding
        )
        self.stack = build_stack(config, init, self.engine)
        top, shared = top_size(config), self.embedding.weight
        self.output = build_output(config, top, vocabulary_size, shared, init.output, self.engine)
        if config.direct.order is not None:
            self.remembered = config.direct.order - 1
        self.params = named_params(self.embedding, self.stack, self.output)
        self._unchanged = Unchanged(self.params.values())

    @classmethod
    def empty(
        cls,
        config: ModelConfig,
        vocabulary_size: int,
        dtype: npt.DTypeLike = np.float32,
        engine: str = AUTO,
    ) -> Rnnlm:
        """Assemble a network whose weights are loaded later; it takes no memory.

        Args:
            config: Cell, sizes, dropout and so on.
            vocabulary_size: ``V``.
            dtype: Of the weights.
            engine: What runs it, as for ``choose_engine``.
        """
        none = placeholder(dtype)
        init = Initializers(none, none, none)
        return cls(config, vocabulary_size, init, choose_engine(engine))

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
        init = initializers(config, rng, dtype)
        model = cls(config, vocabulary_size, init, choose_engine(engine))
        if config.forget_bias != 0:
            model.set_forget_bias(config)
        return model

    def initial_state(self, batch_size: int) -> State:
        """Return the zero state before any token.

        It has one entry per layer of the stack, and one with the last tokens if they are
        remembered, ``(B, n-1)``.
        """
        state = self.stack.initial_state(batch_size)
        if self.remembered:
            state = (*state, (np.zeros((batch_size, self.remembered), self.dtype),))
        return state

    def hidden(self, h: Array) -> Array:
        """As in ``Network``."""
        return h[..., : h.shape[-1] - self.remembered]

    def widened(self, dhidden: Array) -> Array:
        """As in ``Network``: the last tokens, behind the hidden state, have no gradient."""
        behind = np.zeros((*dhidden.shape[:-1], self.remembered), dhidden.dtype)
        return self.where_it_computes(np.concatenate([dhidden, behind], axis=-1))

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> NetworkPass:
        """Begin a block of ids ``(T, B)``; without a generator there is no dropout."""
        by_token = self.stack.by_token and steps > 1
        embedding = self.embedding.begin(steps, streams, rng, by_token)
        tape = RnnlmPass(embedding, self.stack.begin(steps, streams, rng), steps)
        return RememberingPass(self, tape, steps) if self.remembered else tape

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


class RememberingPass(NetworkPass):
    """One block of a network that gives the output layer the last tokens behind ``h``."""

    def __init__(self, network: Rnnlm, tape: RnnlmPass, steps: int) -> None:
        super().__init__(steps)
        self._network, self._tape = network, tape

    def leave_out(self, padding: Bools, present: Ids | None = None) -> None:
        """Tell the layers."""
        self._tape.leave_out(padding, present)

    def _forward(self, x: Ids, state: State) -> tuple[Array, State]:
        *below, (before,) = state
        h, after = self._tape.forward(x, tuple(below))
        tokens, last = last_tokens(x, before)
        return np.concatenate([h, tokens], axis=-1), (*after, (last,))

    def _backward(self, dy: Array, dstate: State) -> tuple[None, State]:
        """Tokens have no gradient."""
        dh = np.ascontiguousarray(self._network.hidden(dy))
        _, dbefore = self._tape.backward(dh, dstate[:-1])
        return None, (*dbefore, ())

    def _finish(self) -> None:
        self._tape.finish()
