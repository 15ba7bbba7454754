"""The simple recurrent network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.nn.layer import Array, State
from rnnlm_cli.nn.recurrent import Noise, Recurrent


class Cache(NamedTuple):
    """What ``backward`` needs of ``forward``."""

    x: Array  # (T, B, D)
    h: Array  # (T+1, B, H), the initial state first
    noise: Noise


class RNN(Recurrent):
    """Simple recurrent network (Elman, 1990).

    ``h = tanh(x W_ih + h' W_hh + b)``, where ``h'`` is the hidden state of the step before.
    """

    gates = 1

    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Cache]:
        """``x (T, B, D)`` and state ``(h,)`` to ``y (T, B, H)``."""
        steps, streams, _ = x.shape
        noise = self.draw_noise(streams, rng)
        a = self.input_product(x)  # (T, B, H)
        h = np.empty((steps + 1, streams, self.hidden_size), a.dtype)
        (h[0],) = state
        for t in range(steps):
            a[t] += noise.product(h[t])
            np.tanh(a[t], out=h[t + 1])
        return h[1:], (h[-1].copy(),), Cache(x, h, noise)

    def backward(self, dy: Array, dstate: State, cache: Cache) -> tuple[Array, State]:
        """``dy (T, B, H)`` and dstate ``(dh,)`` to ``dx (T, B, D)``."""
        x, h, noise = cache
        da = 1 - h[1:] ** 2  # tanh' of all steps
        (dh,) = dstate
        for t in reversed(range(len(da))):
            da[t] *= dy[t] + dh
            dh = noise.product_backward(da[t])
        self.recurrent_backward(da, h[:-1], noise)
        return self.input_product_backward(da, x), (dh,)
