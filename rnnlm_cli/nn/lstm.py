"""Long short-term memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.nn.layer import Array, State
from rnnlm_cli.nn.recurrent import Noise, Recurrent


class Cache(NamedTuple):
    """What ``backward`` needs of ``forward``."""

    x: Array  # (T, B, D)
    h: Array  # (T+1, B, H), the initial state first
    c: Array  # (T+1, B, H), the initial cell first
    gates: Array  # (T, B, 4H), i, f, g, o after their activations
    tanh_c: Array  # (T, B, H)
    noise: Noise


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000).

    ::

        i, f, o = sigmoid(x W_ih + h' W_hh + b)
        g       = tanh(x W_ih + h' W_hh + b)
        c       = f * c' + i * g
        h       = o * tanh(c)

    The four gates stand side by side in PyTorch's order ``i, f, g, o``. All four are one call of
    ``tanh``, because ``sigmoid(a) = (tanh(a / 2) + 1) / 2``. The slopes are ``y - y^2`` of a
    ``y = sigmoid(a)``, and ``1 - y^2`` of a ``y = tanh(a)``.

    Element-wise work is done step by step, on arrays that the step has just brought into the
    core's cache, rather than for all steps at once in memory.
    """

    gates = 4
    state_arrays = 2

    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Cache]:
        """``x (T, B, D)`` and state ``(h, c)`` to ``y (T, B, H)``."""
        steps, streams, _ = x.shape
        noise = self.draw_noise(streams, rng)
        gates = self.input_product(x)  # (T, B, 4H), activated in place
        h = np.empty((steps + 1, streams, self.hidden_size), gates.dtype)
        c = np.empty_like(h)
        tanh_c = np.empty_like(h[1:])
        h[0], c[0] = state
        for t in range(steps):
            a = gates[t]
            a += noise.product(h[t])
            sigmoid_and_tanh(a)
            i, f, g, o = split_gates(a)
            np.multiply(f, c[t], out=c[t + 1])
            c[t + 1] += i * g
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(o, tanh_c[t], out=h[t + 1])
        return h[1:], (h[-1].copy(), c[-1].copy()), Cache(x, h, c, gates, tanh_c, noise)

    def backward(self, dy: Array, dstate: State, cache: Cache) -> tuple[Array, State]:
        """``dy (T, B, H)`` and dstate ``(dh, dc)`` to ``dx (T, B, D)``."""
        x, h, c, gates, tanh_c, noise = cache
        da = np.empty_like(gates)
        dh, dc = dstate
        for t in reversed(range(len(da))):
            slopes(gates[t], out=da[t])
            i, f, g, o = split_gates(gates[t])
            da_i, da_f, da_g, da_o = split_gates(da[t])
            dh = dy[t] + dh
            dc = dc + dh * o * (1 - tanh_c[t] ** 2)
            da_o *= dh * tanh_c[t]
            da_g *= dc * i
            da_f *= dc * c[t]
            da_i *= dc * g
            dc = dc * f
            dh = noise.product_backward(da[t])
        self.recurrent_backward(da, h[:-1], noise)
        return self.input_product_backward(da, x), (dh, dc)


def sigmoid_and_tanh(a: Array) -> None:
    """Activate all gates ``(B, 4H)`` in place: ``tanh`` for g, ``sigmoid`` for the others."""
    size = a.shape[-1] // 4
    i_and_f, o = a[:, : 2 * size], a[:, 3 * size :]
    i_and_f *= 0.5
    o *= 0.5
    np.tanh(a, out=a)
    for gate in (i_and_f, o):
        gate *= 0.5
        gate += 0.5


def slopes(gates: Array, out: Array) -> None:
    """Write the slopes of activated gates ``(B, 4H)``: ``y - y^2``, for g ``1 - y^2``."""
    size = gates.shape[-1] // 4
    np.multiply(gates, gates, out=out)
    for gate in (slice(0, 2 * size), slice(3 * size, None)):
        np.subtract(gates[:, gate], out[:, gate], out=out[:, gate])
    g = out[:, 2 * size : 3 * size]
    np.subtract(1, g, out=g)


def split_gates(a: Array) -> tuple[Array, Array, Array, Array]:
    """Views of the four gates: ``(B, 4H)`` to four of ``(B, H)``."""
    size = a.shape[-1] // 4
    return a[:, :size], a[:, size : 2 * size], a[:, 2 * size : 3 * size], a[:, 3 * size :]
