"""Softmax and cross-entropy in their simplest form: read this output layer first.

Every other one is tested against it.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.init import Initializer
from rnnlm_cli.nn.outputs.base import Loss, OutputLayer, log_sum_exp
from rnnlm_cli.nn.outputs.direct import DirectConnections
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import IGNORED, Array, Ids, flatten_steps

Output = TypeVar("Output", bound="PlainSoftmax")

NO_RUNS: Ids = np.empty((0, 0), np.int64)
"""Where the runs of a softmax without direct connections begin."""


class PlainSoftmax(OutputLayer):
    """``p = softmax(h W^T + b)`` and its cross-entropy with the targets.

    Attributes:
        weight: ``(V, H)``, one row per token as in an embedding. Sharing the embedding's
            ``Param`` is weight tying (Press and Wolf, 2017; Inan et al., 2017).
        bias: ``(V,)``, zero at first.
        smoothing: ``s``. In training, with a generator, the gradient is that of the cross-entropy
            with ``q = (1 - s) onehot(target) + s/V`` instead of the target alone (label smoothing:
            Szegedy et al., 2016). ``Loss.nats`` is that of the target in any case.
        direct: Adds to the logits what the last tokens say; then these are behind ``h``.
    """

    def __init__(
        self, weight: Param, smoothing: float = 0.0, direct: DirectConnections | None = None
    ) -> None:
        self.weight = weight
        self.smoothing = smoothing
        self.direct = direct
        if direct is not None:
            self.dense = False
        self.bias = Param(np.zeros_like(weight.value, shape=(len(weight.value),)))

    @classmethod
    def untied(
        cls: type[Output],
        hidden_size: int,
        vocabulary_size: int,
        init: Initializer,
        direct: DirectConnections | None = None,
    ) -> Output:
        """Return an output layer with its own weight."""
        return cls(Param(init((vocabulary_size, hidden_size), hidden_size)), direct=direct)

    @property
    def params(self) -> dict[str, Param]:
        """``weight`` and ``bias``, and ``direct`` with direct connections."""
        found = {"weight": self.weight, "bias": self.bias}
        return found | ({"direct": self.direct.table} if self.direct else {})

    def loss_and_gradients(
        self,
        h: Array,
        targets: Ids,
        rng: np.random.Generator | None = None,
        mean_over: int | None = None,
    ) -> Loss:
        """As in ``OutputLayer``; with ``rng`` labels are smoothed."""
        wanted, smoothing = targets.reshape(-1), 0.0 if rng is None else self.smoothing
        rows = np.flatnonzero(wanted != IGNORED)  # N of T*B
        target = wanted[rows]  # (N,)
        x, starts = self._read(flatten_steps(h)[rows])  # (N, H)
        log_p = self._log_probs(x, starts)  # (N, V)
        nats = -float(log_p[np.arange(len(rows)), target].astype(np.float64).sum())
        dlogits = np.exp(log_p)  # p
        dlogits[np.arange(len(rows)), target] -= 1 - smoothing  # p - q
        dlogits -= smoothing / len(self.bias.value)
        dlogits /= max(len(rows) if mean_over is None else mean_over, 1)
        self.weight.add(dlogits.T @ x)
        self.bias.add(dlogits.sum(axis=0))
        if self.direct is not None and (runs := self.direct.runs(starts)) is not None:
            runs.collect(sums := runs.zeros(), slice(None), dlogits)
            runs.finish([sums])
        dh = np.zeros_like(flatten_steps(h))
        dh[rows, : x.shape[1]] = dlogits @ self.weight.value
        return Loss(nats, len(rows), dh.reshape(h.shape))

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """As in ``OutputLayer``."""
        log_p = self.log_probs(h).astype(np.float64)  # (T, B, V)
        found = np.take_along_axis(log_p, targets[..., np.newaxis].astype(np.int64), axis=-1)
        wanted: Array = np.where(targets == IGNORED, 0.0, found[..., 0])
        return wanted

    def log_probs(self, h: Array) -> Array:
        """Return the logits ``h W^T + b`` minus their log-sum-exp."""
        return self._log_probs(*self._read(h))

    def _read(self, h: Array) -> tuple[Array, Ids]:
        """Divide the input into ``h (..., H)`` and where the direct runs begin, ``(N, K)``.

        Without direct connections these are empty.
        """
        return (h, NO_RUNS) if self.direct is None else self.direct.parts(h)

    def _log_probs(self, x: Array, starts: Ids) -> Array:
        """As ``log_probs``, of rows that are divided."""
        logits = x @ self.weight.value.T + self.bias.value
        if self.direct is not None:
            self.direct.add_to(logits.reshape(-1, self.direct.types), starts)
        log_p: Array = logits - log_sum_exp(logits)[..., np.newaxis]
        return log_p

    def probabilities(self, h: Array) -> Array:
        """Return all probabilities where ``h`` is: ``(..., H)`` to ``(..., V)``."""
        return np.exp(self.log_probs(h))

    def begin_at(self, shares: Array) -> None:
        """As in ``OutputLayer``: ``b = log(share)``."""
        self.bias.value[...] = np.log(shares)

    def split(self, token: int, shares: Array) -> None:
        """As in ``OutputLayer``.

        ::

            w_new = w_token    b_new = b_token + log(share)    b_token += log(share of the token)

        With ``z = h w_token + b_token``, the terms of these tokens in the softmax's sum are
        ``exp(z) share``, which together are ``exp(z)``, the token's term before. So the sum is
        the same after any ``h``. A shared weight gives each new token the token's embedding too.

        Raises:
            UsageError: There are direct connections: in the runs of the table new tokens would have
                the weights of others.
        """
        if self.direct is not None:
            raise UsageError("a model with model.direct.order cannot get new tokens")
        logs = np.log(shares)
        bias = self.bias.value.astype(np.float64)
        added = bias[token] + logs[1:]
        bias[token] += logs[0]
        self.weight.repeat_row(token, len(added))
        self.bias.value = np.concatenate([bias, added]).astype(self.bias.value.dtype)

    def loss_elements(self, rows: int) -> int:
        """As in ``OutputLayer``: four arrays ``(N, V)``, and the weight's gradient twice.

        With direct connections a fifth array, and the sums of the table's gradient.
        """
        elements = 4 * rows * len(self.bias.value) + 2 * self.weight.value.size
        if self.direct is not None:
            elements += rows * len(self.bias.value) + self.direct.elements(rows)
        return elements
