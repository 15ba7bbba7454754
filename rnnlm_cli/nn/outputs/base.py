"""Base class of output layers: the training loss and exact log-probabilities."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from rnnlm_cli.nn.outputs.direct import DirectConnections
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import Array, Ids


class Loss(NamedTuple):
    """The loss of a block and its gradient."""

    nats: float  # sum over the counted targets, in float64; on a device an array (), not waited for
    counted: int  # the number of targets that are not ignored
    dh: Array  # (T, B, H), gradient of the mean over the counted targets


class OutputLayer(ABC):
    """Maps hidden states to probabilities; it stores nothing of a pass.

    Attributes:
        dense: Whether the gradients of its parameters are dense in every block, or zero.
        direct: Direct connections from the last tokens, if there are any.
    """

    dense: bool = True
    direct: DirectConnections | None = None

    @property
    @abstractmethod
    def params(self) -> Mapping[str, Param]:
        """The trained parameters by name."""

    @abstractmethod
    def loss_and_gradients(
        self,
        h: Array,
        targets: Ids,
        rng: np.random.Generator | None = None,
        mean_over: int | None = None,
    ) -> Loss:
        """Return the cross-entropy of the targets and the gradient of its mean.

        The parameters' gradients are added to theirs. Forward and backward are one call: the
        gradient of the loss with respect to the logits is ``p - onehot(target)``, divided by the
        number of targets.

        Args:
            h: ``(T, B, H)``.
            targets: ``(T, B)`` token ids; -1 is ignored.
            rng: Draws the sample of a sampled softmax; ``None`` means the full softmax.
            mean_over: The number of targets in the mean, if these are only some of them.
        """

    @abstractmethod
    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """Natural log of each target's probability, ``(T, B)`` float64; 0 for ignored targets.

        In NumPy, wherever the weights are.
        """

    @abstractmethod
    def log_probs(self, h: Array) -> Array:
        """Natural log of all probabilities, in NumPy: ``(..., H)`` to ``(..., V)``."""

    @abstractmethod
    def begin_at(self, shares: Array) -> None:
        """Set the biases so that ``h = 0`` gives these probabilities.

        Args:
            shares: ``(V,)`` float64, above 0, of sum 1.
        """

    @abstractmethod
    def split(self, token: int, shares: Array) -> None:
        """Add tokens at the end that share the probability of one that exists.

        Afterwards, after any ``h``, the token has the first share of the probability that it had,
        the new tokens have the others, and every other token has the same probability as before.

        Args:
            token: The id of the token.
            shares: ``(1 + n,)`` float64, above 0, of sum 1: that of the token, then those of the
                ``n`` new ones.

        Raises:
            UsageError: This output layer cannot do it for this token; nothing is changed.
        """

    @abstractmethod
    def loss_elements(self, rows: int) -> int:
        """Count the values that ``loss_and_gradients`` holds for ``rows`` targets, ``h`` aside."""


def log_sum_exp(x: Array) -> Array:
    """Numerically stable ``log(sum(exp(x)))`` over the last axis: ``(..., V)`` to ``(...)``."""
    peak = x.max(axis=-1, keepdims=True)
    total: Array = np.log(np.exp(x - peak).sum(axis=-1)) + peak[..., 0]
    return total
