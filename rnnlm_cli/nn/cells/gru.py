"""Gated recurrent unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.nn.functions import sigmoid
from rnnlm_cli.nn.init import Initializer
from rnnlm_cli.nn.layers.recurrent import Recurrence, Recurrent
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, flatten_steps


class Cache(NamedTuple):
    """What ``backward`` needs of ``forward``."""

    h: Array  # (T+1, B, H), the initial state first
    gates: Array  # (3, T, B, H), r, z, n after their activations
    h_n: Array  # (T, B, H), h' W_hn + b_hn, what r multiplies
    block: Recurrence
    now: slice  # which of its steps


class GRU(Recurrent):
    """Gated recurrent unit (Cho et al., 2014), reset after the recurrent product as in cuDNN.

    ::

        r, z = sigmoid(x W_ih + h' W_hh + b)
        n    = tanh(x W_in + b_in + r * (h' W_hn + b_hn))
        h    = (1 - z) * n + z * h'

    The gates are in PyTorch's order ``r, z, n``; ``bias`` holds those of ``r``,
    ``z`` and ``b_in``.

    Attributes:
        bias_hn: ``(H,)``, the bias inside the reset product.
    """

    gates = 3
    block_arrays = 15

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

    def read(self, x: Array, state: State, block: Recurrence) -> tuple[Array, State, Cache]:
        """``x (T, B, D)`` and state ``(h,)`` to ``y (T, B, H)``."""
        now, size, b_hn = block.next_part(len(x)), self.hidden_size, self.bias_hn.value
        gates = self.input_product(x, block, now)  # (3, T, B, H), activated in place
        h = block.array("h", size, 1)[now.start : now.stop + 1]
        h_n = block.array("h_n", size)[now]
        (h[0],) = state
        for t in range(len(x)):
            product = block.product(h[t])  # (3, B, H)
            r, z, n = a = gates[:, t]
            a[:2] += product[:2]
            a[:2] = sigmoid(a[:2])
            np.add(product[2], b_hn, out=h_n[t])
            n += r * h_n[t]
            np.tanh(n, out=n)
            np.add(n, z * (h[t] - n), out=h[t + 1])
        return h[1:], (h[-1].copy(),), Cache(h, gates, h_n, block, now)

    def backward(self, dy: Array, dstate: State, cache: Cache) -> tuple[Array, State]:
        """``dy (T, B, H)`` and dstate ``(dh,)`` to ``dx (T, B, D)``."""
        h, gates, h_n, block, now = cache
        da = block.gradient("da", now)  # gradient of x W_ih + b, (3, T, B, H)
        dp = block.gradient("dp", now)  # gradient of h' W_hh + (0, 0, b_hn)
        (dh,) = dstate
        for t in reversed(range(da.shape[1])):
            r, z, n = gates[:, t]
            da_r, da_z, da_n = da[:, t]
            dh = dy[t] + dh
            np.multiply(dh * (1 - z), 1 - n**2, out=da_n)
            np.multiply(da_n * h_n[t], r * (1 - r), out=da_r)
            np.multiply(dh * (h[t] - n), z * (1 - z), out=da_z)
            dp[:2, t] = da[:2, t]
            np.multiply(da_n, r, out=dp[2, t])
            dh = dh * z + block.product_backward(dp[:, t])
        self.bias_hn.add(flatten_steps(dp[2]).sum(axis=0))
        return self.products_backward(block, now, dp="dp"), (dh,)
