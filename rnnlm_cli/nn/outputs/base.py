"""What every output layer is: a loss to learn from, and exact log-probabilities."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import Array, Ids


class Loss(NamedTuple):
    """The loss of a block and its gradient."""

    nats: float  # summed over the counted targets, in float64
    counted: int  # how many targets
    dh: Array  # (T, B, H), of the mean over the counted targets


class OutputLayer(ABC):
    """From hidden states to probabilities; it keeps nothing of a pass on itself."""

    @property
    @abstractmethod
    def params(self) -> Mapping[str, Param]:
        """The trained arrays by name."""

    @abstractmethod
    def loss_and_gradients(
        self,
        h: Array,
        targets: Ids,
        rng: np.random.Generator | None = None,
        mean_over: int | None = None,
    ) -> Loss:
        """Return the mean cross-entropy over the counted targets; add to the gradients.

        Forward and backward in one: the gradient of the loss by the logits is simply
        ``p - onehot(target)``, over the number of targets.

        Args:
            h: ``(T, B, H)``.
            targets: ``(T, B)`` token ids; -1 is ignored.
            rng: For output layers that sample; ``None`` means the full softmax.
            mean_over: How many targets the mean is over, where these are only some of them.
        """

    @abstractmethod
    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """Natural log of each target's probability, ``(T, B)`` float64; 0 where it is ignored."""

    @abstractmethod
    def log_probs(self, h: Array) -> Array:
        """Natural logs of the whole distribution: ``(..., H)`` to ``(..., V)``."""

    @abstractmethod
    def loss_elements(self, rows: int) -> int:
        """Count the values that ``loss_and_gradients`` holds for ``rows`` targets, ``h`` apart."""


def log_sum_exp(x: Array) -> Array:
    """``log(sum(exp(x)))`` over the last axis, stable: ``(..., V)`` to ``(...)``."""
    peak = x.max(axis=-1, keepdims=True)
    total: Array = np.log(np.exp(x - peak).sum(axis=-1)) + peak[..., 0]
    return total
