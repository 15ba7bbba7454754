"""The network of ``task: description``: a label in, a line out."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model.initialization import Initializers
from rnnlm_cli.model.network import NetworkPass
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.engines.unchanged import Unchanged
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State, joined_parts, like_parts
from rnnlm_cli.system.arrays import Array, Bools, Ids


class Describer(Rnnlm):
    """A language model of lines whose state before each line is its label's: one in, many out.

    ::

        state before the line = row of the label in S

    All else is as in ``Rnnlm``. It reads ids ``(1 + T, B)``: the label of each line, and below it
    the line after an end of line. ``given`` is the language model of one label, which reads
    ``(T, B)``.

    Attributes:
        start: ``S (L, Z)``, the states of all layers side by side, one row per label.
    """

    def __init__(
        self,
        config: ModelConfig,
        tokens: int,
        labels: int,
        init: Initializers,
        engine: str,
    ) -> None:
        """Assemble a network.

        Args:
            config: Cell, sizes, dropout and so on.
            tokens: ``V``.
            labels: ``L``.
            init: Initializers of the weights; ``S`` is drawn like the embedding.
            engine: What runs it, a row of ``ENGINES``.
        """
        super().__init__(config, tokens, init, engine)
        size = joined_parts(self.stack.initial_state(1)).shape[-1]
        self.start = Param(init.embedding((labels, size), labels))
        self.params["embedding.label_state"] = self.start
        self._unchanged = Unchanged(self.params.values())

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> NetworkPass:
        """Begin a block of lines with their labels."""
        return DescriberPass(self, super().begin(steps, streams, rng), steps)

    def state_of(self, labels: Ids) -> State:
        """Return the state before lines with these labels ``(B,)``."""
        rows = self.start.value[labels]  # (B, Z)
        return like_parts(rows, self.stack.initial_state(len(labels)))

    def given(self, label: int) -> Given:
        """Return the language model of the lines of one label; it shares all weights."""
        return Given(self, label)


class Given(Rnnlm):
    """A describer's language model of one label: it begins at the label's state."""

    def __init__(self, network: Describer, label: int) -> None:
        vars(self).update(vars(network))
        self._describer, self._label = network, label

    def initial_state(self, batch_size: int) -> State:
        """Return the label's state."""
        return self._describer.state_of(np.full(batch_size, self._label))


class DescriberPass(NetworkPass):
    """One block of lines with their labels, ``(1 + T, B)``."""

    def __init__(self, network: Describer, lines: NetworkPass, steps: int) -> None:
        super().__init__(steps)
        self._network, self._lines = network, lines
        self._labels: Ids  # (B,)
        self._dstart: Array  # (B, Z)

    def leave_out(self, padding: Bools, present: Ids | None = None) -> None:
        """Tell the layers."""
        self._lines.leave_out(padding, present)

    def forward(self, x: Ids, state: State) -> tuple[Array, State]:
        """Read whole lines, each from the state of its label."""
        self._labels = x[0]
        return self._lines.forward(x[1:], self._network.state_of(self._labels))

    def backward(self, dy: Array, dstate: State) -> tuple[None, State]:
        """Back-propagate to the labels' states."""
        _, dbefore = self._lines.backward(dy, dstate)
        self._dstart = joined_parts(dbefore)
        return None, dbefore

    def finish(self) -> None:
        """Add the block's gradients to those of the parameters."""
        self._lines.finish()
        self._network.start.add_rows(self._labels, self._dstart)

    def _forward(self, x: Ids, state: State) -> tuple[Array, State]:
        return self.forward(x, state)

    def _backward(self, dy: Array, dstate: State) -> tuple[None, State]:
        return self.backward(dy, dstate)
