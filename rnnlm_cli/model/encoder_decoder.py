"""A line in, a line out: an encoder's last state starts a decoder."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model.bounds import checked_log_probs
from rnnlm_cli.model.encoder import Encoded, Encoder, EncoderPass
from rnnlm_cli.model.initialization import Initializers
from rnnlm_cli.model.layers import build_decoder, build_output, decoder_size, recurrent_layers
from rnnlm_cli.model.network import Network, named_params
from rnnlm_cli.model.rnnlm import RnnlmPass
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.nn.engines.unchanged import Unchanged
from rnnlm_cli.nn.layers.attention import AttentionPass
from rnnlm_cli.nn.layers.dropout import children
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.layers.stack import Stack
from rnnlm_cli.nn.state import State, zeros_like
from rnnlm_cli.system.arrays import Array, Ids


class Form(NamedTuple):
    """What an encoder-decoder has besides the sizes of its layers.

    Attributes:
        reverse_source: Read the source from its end (Sutskever et al., 2014).
        peeky: Give the encoder's last ``h`` to the decoder's lowest layer and to its output layer
            at each step (Cho et al., 2014).
        attention: Give the output layer a mean of the encoder's states, weighted anew at each step
            (Luong et al., 2015).
    """

    reverse_source: bool = False
    peeky: bool = False
    attention: bool = False


BARE = Form()
"""None of the options."""


class EncoderDecoder(Network):
    """A language model of the target that starts from what an encoder made of the source.

    (Sutskever et al., 2014; Cho et al., 2014.) With ``s`` the source and ``y`` the target::

        m_1 ... m_S, last = encoder(s)                 the top layer's h, and the last state
        h_t = decoder(embedding(y_(t-1)))              from the state ``last``
        p   = softmax([h_t, c_t, v] W^T + b)           c_t with attention, v if it is peeky

    ``c_t`` is the context (see ``nn/layers/attention.py``) and ``v`` the top layer's last ``h``,
    which a peeky decoder also has beside each embedding. Encoder and decoder have layers of one
    kind and size, and embeddings of their own over one vocabulary.

    Attributes:
        encoder: Reads the source.
        embedding: The decoder's.
        stack: The decoder's layers. Their state is all that it knows of the source, so a decoder is
            read, and searched, like any other language model once ``start`` has made its state.
    """

    def __init__(
        self,
        config: ModelConfig,
        vocabulary_size: int,
        init: Initializers,
        engine: str,
        form: Form = BARE,
    ) -> None:
        """Assemble a network.

        Args:
            config: Cell, sizes, dropout and so on, of encoder and decoder.
            vocabulary_size: ``V``.
            init: Initializers of the weights; biases start at zero.
            engine: What runs it, a row of ``ENGINES``.
            form: What else it has.
        """
        self.engine = ENGINES[engine]
        self.form = form
        sizes = vocabulary_size, config.embedding_size, init.embedding, config.dropout.embedding
        read = Stack(recurrent_layers(config, init.recurrent, self.engine))
        self.encoder = Encoder(Embedding(*sizes), read, form.reverse_source)
        self.embedding = Embedding(*sizes)
        shared = self.embedding.weight
        added = form.peeky, form.attention
        self.stack = build_decoder(config, init, self.engine, shared.value.dtype, *added)
        top = decoder_size(config, *added)
        self.output = build_output(config, top, vocabulary_size, shared, init.output, self.engine)
        encoder = {f"encoder.{name}": param for name, param in self.encoder.params.items()}
        self.params = encoder | named_params(self.embedding, self.stack, self.output)
        self._unchanged = Unchanged(self.params.values())

    def start(self, source: Ids) -> State:
        """Read lines ``(B, S)``, filled up with -1; return the decoder's state before its first id.

        Inside ``running()``.
        """
        return self.decoder_state(self.encoder.begin().forward(source))

    def decoder_state(self, encoded: Encoded) -> State:
        """Return the decoder's state before its first id."""
        bias = np.where(encoded.padding, -np.inf, 0).astype(self.dtype)
        top = (encoded.last[self._top][0],)
        given = {"attention": (encoded.memory, bias), "peek_input": top, "peek_output": top}
        read = dict(zip(self.encoder.stack.layers, encoded.last, strict=True))
        return tuple(given.get(name, read.get(name, ())) for name in self.stack.layers)

    def of_encoder(self, dstate: State, encoded: Encoded) -> tuple[Array, State]:
        """Return the gradients of the encoder's memory and last state from the decoder's state."""
        found = dict(zip(self.stack.layers, dstate, strict=True))
        dmemory = found["attention"][0] if "attention" in found else np.zeros_like(encoded.memory)
        dlast = [found.get(name, ()) for name in self.encoder.stack.layers]
        for name in ("peek_input", "peek_output"):
            if name in found:
                dh, *others = dlast[self._top]
                dlast[self._top] = (dh + found[name][0], *others)
        return dmemory, tuple(dlast)

    @property
    def _top(self) -> int:
        """The place of the encoder's top recurrent layer in its stack."""
        return max(
            k for k, layer in enumerate(self.encoder.stack.layers.values()) if layer.remembers
        )

    @property
    def embeddings(self) -> tuple[Embedding, ...]:
        """The decoder's, and the encoder's."""
        return self.embedding, self.encoder.embedding

    def initial_state(self, batch_size: int) -> State:
        """Return the encoder's zero state, before any line."""
        return self.encoder.stack.initial_state(batch_size)

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> EncoderDecoderPass:
        """Begin a block of targets ``(T, B)``; without a generator there is no dropout."""
        return EncoderDecoderPass(self, steps, streams, rng)

    def read(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Let the decoder read ``ids (T, B)`` from a state, ``start``'s at first."""
        steps, streams = ids.shape
        x, _ = self.embedding.begin(steps, streams).forward(ids, ())
        return self.stack.begin(steps, streams).forward(x, state)

    def next_log_probs(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Let the decoder read ``ids (T, B)``; return next-token log-probabilities ``(B, V)``.

        Raises:
            DivergedError: The model has diverged (see ``model/bounds.py``).
        """
        with self.running():
            h, state = self.read(ids, state)
            log_probs = self.output.log_probs(h[-1])
        return checked_log_probs(log_probs), state

    def attention(self, source: Ids, ids: Ids) -> Array:
        """Return how much each step of the decoder looks at each token of the source.

        Args:
            source: ``(B, S)``, lines that are filled up with -1.
            ids: ``(T, B)``, what the decoder reads.

        Returns:
            ``(B, T, S)``, each row of sum 1, in the order of the source as it is written.
        """
        steps, streams = ids.shape
        x, _ = self.embedding.begin(steps, streams).forward(ids, ())
        tape = self.stack.begin(steps, streams)
        tape.forward(x, self.start(source))
        looked = tape.tapes[list(self.stack.layers).index("attention")]
        assert isinstance(looked, AttentionPass)
        weights = np.concatenate(looked.weights, axis=1)  # (B, T, S) in the order of reading
        found, places = np.zeros_like(weights), self.encoder.places(source)[:, : weights.shape[2]]
        np.put_along_axis(found, places[:, np.newaxis], weights, axis=2)
        return found


class EncoderDecoderPass(RnnlmPass):
    """One block of lines: ids ``(S + T, B)``, the sources above what the decoder reads, to ``h``.

    Each source, and each target, has -1 after its last id. A line ends with its block, so the
    states before and after it have no use, and no gradient comes to them.
    """

    def __init__(
        self,
        network: EncoderDecoder,
        steps: int,
        streams: int,
        rng: np.random.Generator | None,
    ) -> None:
        own = children(rng, 3)
        by_token = network.stack.by_token and steps > 1
        embedding = network.embedding.begin(steps, streams, own[0], by_token)
        super().__init__(embedding, network.stack.begin(steps, streams, own[1]), steps)
        self._network = network
        self._encoder: EncoderPass = network.encoder.begin(own[2])
        self._encoded: Encoded

    def forward(self, x: Ids, state: State) -> tuple[Array, State]:
        """Read the sources, then the targets from what the encoder made of them.

        Raises:
            ValueError: A source is empty.
        """
        source, ids = np.split(x, [len(x) - self._steps])
        self._encoded = self._encoder.forward(source.T)
        before = self._network.decoder_state(self._encoded)
        h, _ = super().forward(np.maximum(ids, 0), before)  # padding may read any id
        return h, ()

    def backward(self, dy: Array, dstate: State) -> tuple[None, State]:
        """Back-propagate through both; ids have no gradient."""
        zeros = zeros_like(self._network.decoder_state(self._encoded))
        _, dbefore = super().backward(dy, zeros)
        self._encoder.backward(*self._network.of_encoder(dbefore, self._encoded))
        return None, ()

    def _finish(self) -> None:
        super()._finish()
        self._encoder.finish()
