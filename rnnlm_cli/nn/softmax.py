"""The output layer: projection to the vocabulary, softmax and cross-entropy in one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.nn.functions import log_softmax
from rnnlm_cli.nn.initializers import Initializer
from rnnlm_cli.nn.layer import Array, Ids, Param, flatten_steps

IGNORED = -1
"""A target that does not count: neither in the loss nor in the gradient."""

CHUNK_ELEMENTS = 8_000_000
"""At most so many logits exist at once (32 MB as float32); more rows are more chunks."""


class Loss(NamedTuple):
    """The loss of a block and its gradient."""

    nats: float  # summed over the counted targets, in float64
    counted: int  # how many targets
    dh: Array  # (T, B, H), of the mean over the counted targets


class SoftmaxOutput:
    """``p = softmax(h W^T + b)`` and its cross-entropy with the targets.

    Fused, because the gradient of the loss by the logits is simply ``p - onehot(target)``: the
    probabilities are computed once, in place, and no array ``(T*B, V)`` outlives its chunk.

    Attributes:
        weight: ``(V, H)``, one row a token as in an embedding: handing in the embedding's own
            ``Param`` is weight tying (Press and Wolf, 2017; Inan et al., 2017).
        bias: ``(V,)``, zero at first.
    """

    def __init__(self, weight: Param) -> None:
        self.weight = weight
        self.bias = Param(np.zeros(len(weight.value), weight.value.dtype))
        self._logits: Array | None = None  # the chunk, kept from block to block

    @classmethod
    def untied(cls, hidden_size: int, vocabulary_size: int, init: Initializer) -> SoftmaxOutput:
        """Return an output layer with a matrix of its own."""
        return cls(Param(init((vocabulary_size, hidden_size), hidden_size)))

    @property
    def params(self) -> dict[str, Param]:
        """``weight`` and ``bias``."""
        return {"weight": self.weight, "bias": self.bias}

    def loss(self, h: Array, targets: Ids, rng: np.random.Generator | None = None) -> Loss:
        """Mean cross-entropy over the counted targets, and all gradients.

        Args:
            h: ``(T, B, H)``.
            targets: ``(T, B)`` token ids; ``-1`` is ignored.
            rng: For output layers that sample; the full softmax needs none.
        """
        wanted = targets.reshape(-1)
        count = int(np.count_nonzero(wanted != IGNORED))
        dh = np.empty_like(flatten_steps(h))
        nats = 0.0
        for rows, logits in self._chunks(flatten_steps(h)):
            nats += softmax_gradient(logits, wanted[rows], max(count, 1))
            self.bias.add(logits.sum(axis=0))
            self.weight.add_product(logits.T, flatten_steps(h)[rows])
            np.matmul(logits, self.weight.value, out=dh[rows])
        return Loss(nats, count, dh.reshape(h.shape))

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """Natural log of each target's probability, ``(T, B)``; 0 where the target is ignored."""
        wanted = targets.reshape(-1)
        found = np.empty(len(wanted), np.float64)
        for rows, logits in self._chunks(flatten_steps(h)):
            found[rows] = target_log_softmax(logits, wanted[rows])
        return found.reshape(targets.shape)

    def log_probs(self, h: Array) -> Array:
        """Natural logs of the whole distribution: ``(..., H)`` to ``(..., V)``."""
        rows = flatten_steps(h) @ self.weight.value.T
        rows += self.bias.value
        return log_softmax(rows).reshape(*h.shape[:-1], -1)

    def _chunks(self, h: Array) -> Iterator[tuple[slice, Array]]:
        """Give the logits of ``h (N, H)`` a chunk of rows at a time; the buffer is reused."""
        size = len(self.bias.value)
        chunk = min(len(h), max(1, CHUNK_ELEMENTS // size))
        if self._logits is None or len(self._logits) < chunk:
            self._logits = np.empty((chunk, size), h.dtype)
        for start in range(0, len(h), chunk):
            rows = slice(start, min(start + chunk, len(h)))
            logits = self._logits[: rows.stop - rows.start]
            np.matmul(h[rows], self.weight.value.T, out=logits)
            logits += self.bias.value
            yield rows, logits


def softmax_gradient(logits: Array, targets: Ids, count: int) -> float:
    """Turn logits ``(N, V)`` in place into the gradient of the mean loss; return the nats summed.

    Args:
        logits: ``(N, V)``; afterwards ``(softmax - onehot) / count``, zero rows where ignored.
        targets: ``(N,)``.
        count: What the mean divides by.
    """
    every = np.arange(len(logits))
    counted = targets != IGNORED
    safe = np.where(counted, targets, 0)
    logits -= logits.max(axis=1, keepdims=True)
    wanted = logits[every, safe].astype(np.float64)
    np.exp(logits, out=logits)
    total = logits.sum(axis=1)
    logits *= (counted / (total * count)).astype(logits.dtype)[:, np.newaxis]
    logits[every[counted], targets[counted]] -= 1.0 / count
    return float(((np.log(total.astype(np.float64)) - wanted) * counted).sum())


def target_log_softmax(logits: Array, targets: Ids) -> Array:
    """Log-softmax of ``logits (N, V)``, used up, at the targets alone: ``(N,)`` float64."""
    counted = targets != IGNORED
    logits -= logits.max(axis=1, keepdims=True)
    wanted = logits[np.arange(len(logits)), np.where(counted, targets, 0)].astype(np.float64)
    np.exp(logits, out=logits)
    found: Array = (wanted - np.log(logits.sum(axis=1).astype(np.float64))) * counted
    return found
