"""The network of ``task: classification``: a line in, the probabilities of its labels out."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.config.model import FullSoftmax, ModelConfig
from rnnlm_cli.config.task import Classification
from rnnlm_cli.model.initialization import Initializers
from rnnlm_cli.model.layers import SOFTMAXES, build_stack, top_size
from rnnlm_cli.model.network import Network, NetworkPass
from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.nn.engines.unchanged import Unchanged
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.layers.pooling import Pooling
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import IGNORED, Array, Ids


class Classifier(Network):
    """A recurrent classifier of lines: many in, one out.

    ::

        x = embedding(ids)          (T, B, E)
        h = stack(x)                (T, B, D)
        y = pooling(h)              (1, B, P), one vector per line
        p = softmax(y W^T + b)      (1, B, L), inside the output layer

    It reads ids ``(T, B)``, each line with its end and -1 after it. A bidirectional network reads
    ``(2, T, B)``: the same lines from the left, and from the right. Each direction is a stack of
    any depth, and the two meet at the output.

    Attributes:
        stack: Dropout and recurrent layers.
        pooling: All states of a line to one vector.
    """

    def __init__(
        self,
        config: ModelConfig,
        task: Classification,
        tokens: int,
        labels: int,
        init: Initializers,
        engine: str,
    ) -> None:
        """Assemble a network.

        Args:
            config: Cell, sizes, dropout and so on.
            task: Which states decide.
            tokens: ``V``.
            labels: ``L``.
            init: Initializers of the weights; biases start at zero.
            engine: What runs it, a row of ``ENGINES``.
        """
        assert isinstance(config.output_layer, FullSoftmax)  # config/ refuses the others
        self.engine = ENGINES[engine]
        self.bidirectional = config.direction == "bidirectional"
        self.embedding = Embedding(
            tokens, config.embedding_size, init.embedding, config.dropout.embedding
        )
        self.stack = build_stack(config, init, self.engine)
        self.pooling = Pooling(task.state, 2 if self.bidirectional else 1)
        size = self.pooling.width * top_size(config)
        self.output = SOFTMAXES[self.engine.name](
            Param(init.output((labels, size), size)), config.output_layer.label_smoothing
        )
        self.params = {
            **{f"embedding.{key}": param for key, param in self.embedding.params.items()},
            **self.stack.params,
            **{f"output.{key}": param for key, param in self.output.params.items()},
        }
        self._labels, self._unchanged = labels, Unchanged(self.params.values())

    @property
    def outcomes(self) -> int:
        """The number of labels."""
        return self._labels

    def initial_state(self, batch_size: int) -> State:
        """Return the zero state before a line, one entry per layer of the stack."""
        return self.stack.initial_state(batch_size)

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> ClassifierPass:
        """Begin a block of ``streams`` lines, one label each."""
        return ClassifierPass(self, streams, rng)


class ClassifierPass(NetworkPass):
    """One block of lines, whole: ids ``(T, B)``, or ``(2, T, B)``, to ``y (1, B, P)``."""

    def __init__(self, network: Classifier, streams: int, rng: np.random.Generator | None) -> None:
        super().__init__(1)
        self._network, self._streams, self._rng = network, streams, rng
        self._embedding: Pass
        self._stack: Pass
        self._lengths: Ids  # (B,)
        self._h: Array  # (T, B, D)

    def forward(self, x: Ids, state: State) -> tuple[Array, State]:
        """Read the lines; as many steps as the longest one has."""
        network, steps = self._network, x.shape[self.time_axis]
        padding = x == IGNORED
        ids = np.where(padding, 0, x)  # any token: nothing comes back from a padded step
        lines = padding if padding.ndim == 2 else padding[0]
        self._lengths = (~lines).sum(axis=0)
        self._embedding = network.embedding.begin(
            steps, self._streams, self._rng, network.stack.by_token and not network.bidirectional
        )
        self._stack = network.stack.begin(steps, self._streams, self._rng)
        self._stack.leave_out(lines)
        looked_up, _ = self._embedding.forward(ids, ())
        self._h, after = self._stack.forward(looked_up, state)
        return network.pooling.forward(self._h, self._lengths), after

    def backward(self, dy: Array, dstate: State) -> tuple[None, State]:
        """Back-propagate through the lines; ids have no gradient."""
        dh = self._network.pooling.backward(dy, self._lengths, self._h)
        dx, dbefore = self._stack.backward(dh, dstate)
        self._embedding.backward(dx, ())
        return None, dbefore

    def finish(self) -> None:
        """Add the block's gradients to those of the parameters."""
        self._stack.finish()
        self._embedding.finish()

    def _forward(self, x: Ids, state: State) -> tuple[Array, State]:
        return self.forward(x, state)

    def _backward(self, dy: Array, dstate: State) -> tuple[None, State]:
        return self.backward(dy, dstate)
