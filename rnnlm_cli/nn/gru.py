"""Gated recurrent unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.nn.functions import sigmoid
from rnnlm_cli.nn.initializers import Initializer
from rnnlm_cli.nn.layer import Array, Param, State, flatten_steps
from rnnlm_cli.nn.recurrent import Noise, Recurrent


class Cache(NamedTuple):
    """What ``backward`` needs of ``forward``."""

    x: Array  # (T, B, D)
    h: Array  # (T+1, B, H), the initial state first
    gates: Array  # (T, B, 2H), r and z after the sigmoid
    n: Array  # (T, B, H)
    h_n: Array  # (T, B, H), h' W_hn + b_hn, what r multiplies
    noise: Noise


class GRU(Recurrent):
    """Gated recurrent unit (Cho et al., 2014), reset after the recurrent product as in cuDNN.

    ::

        r, z = sigmoid(x W_ih + h' W_hh + b)
        n    = tanh(x W_in + b_in + r * (h' W_hn + b_hn))
        h    = (1 - z) * n + z * h'

    The gates stand side by side in PyTorch's order ``r, z, n``; ``bias`` holds those of ``r``,
    ``z`` and ``b_in``.

    Attributes:
        bias_hn: ``(H,)``, the bias inside the reset product.
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        init: Initializer,
        recurrent_dropout: float = 0.0,
        weight_dropout: float = 0.0,
    ) -> None:
        super().__init__(input_size, hidden_size, init, recurrent_dropout, weight_dropout)
        self.bias_hn = Param(np.zeros(hidden_size, self.bias.value.dtype))

    @property
    def params(self) -> dict[str, Param]:
        """The shared ones and ``bias_hn``."""
        return {**super().params, "bias_hn": self.bias_hn}

    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Cache]:
        """``x (T, B, D)`` and state ``(h,)`` to ``y (T, B, H)``."""
        steps, streams, _ = x.shape
        size, b_hn = self.hidden_size, self.bias_hn.value
        noise = self.draw_noise(streams, rng)
        a = self.input_product(x)  # (T, B, 3H)
        gates, n = a[..., : 2 * size], a[..., 2 * size :]
        h = np.empty((steps + 1, streams, size), a.dtype)
        h_n = np.empty_like(h[1:])
        (h[0],) = state
        for t in range(steps):
            product = noise.product(h[t])  # (B, 3H)
            gates[t] = sigmoid(gates[t] + product[:, : 2 * size])
            r, z = gates[t, :, :size], gates[t, :, size:]
            h_n[t] = product[:, 2 * size :] + b_hn
            n[t] = np.tanh(n[t] + r * h_n[t])
            h[t + 1] = n[t] + z * (h[t] - n[t])
        return h[1:], (h[-1].copy(),), Cache(x, h, gates, n, h_n, noise)

    def backward(self, dy: Array, dstate: State, cache: Cache) -> tuple[Array, State]:
        """``dy (T, B, H)`` and dstate ``(dh,)`` to ``dx (T, B, D)``."""
        x, h, gates, n, h_n, noise = cache
        size = self.hidden_size
        dgates = gates * (1 - gates)  # sigmoid' of all steps
        dtanh_n = 1 - n**2
        da = np.empty((*n.shape[:2], 3 * size), n.dtype)  # gradient of x W_ih + b
        dp = np.empty_like(da)  # gradient of h' W_hh + (0, 0, b_hn)
        (dh,) = dstate
        for t in reversed(range(len(da))):
            r, z = gates[t, :, :size], gates[t, :, size:]
            dh = dy[t] + dh
            da_n = dh * (1 - z) * dtanh_n[t]
            da[t, :, :size] = da_n * h_n[t] * dgates[t, :, :size]
            da[t, :, size : 2 * size] = dh * (h[t] - n[t]) * dgates[t, :, size:]
            da[t, :, 2 * size :] = da_n
            dp[t, :, : 2 * size] = da[t, :, : 2 * size]
            dp[t, :, 2 * size :] = da_n * r
            dh = dh * z + noise.product_backward(dp[t])
        self.bias_hn.add(flatten_steps(dp[..., 2 * size :]).sum(axis=0))
        self.recurrent_backward(dp, h[:-1], noise)
        return self.input_product_backward(da, x), (dh,)
