"""Long short-term memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rnnlm_cli.nn.layers.recurrent import Recurrence, Recurrent
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Cache(NamedTuple):
    """What ``backward`` needs of ``forward``."""

    c: Array  # (T+1, B, H), the initial cell first
    gates: Array  # (4, T, B, H), i, f, g, o after their activations
    tanh_c: Array  # (T, B, H)
    block: Recurrence
    now: slice  # which of its steps


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000).

    ::

        i, f, o = sigmoid(x W_ih + h' W_hh + b)
        g       = tanh(x W_ih + h' W_hh + b)
        c       = f * c' + i * g
        h       = o * tanh(c)

    The gates are in PyTorch's order ``i, f, g, o``. All four are one call of ``tanh``, because
    ``sigmoid(a) = tanh(a / 2) / 2 + 1 / 2``.

    Element-wise work is done step by step, on arrays that the step has just brought into the
    core's cache, rather than for all steps at once in memory.
    """

    gates = 4
    state_arrays = 2
    block_arrays = 14

    def read(self, x: Array, state: State, block: Recurrence) -> tuple[Array, State, Cache]:
        """``x (T, B, D)`` and state ``(h, c)`` to ``y (T, B, H)``."""
        now, size = block.next_part(len(x)), self.hidden_size
        gates = self.input_product(x, block, now)  # (4, T, B, H), activated in place
        h = block.array("h", size, 1)[now.start : now.stop + 1]
        c = block.array("c", size, 1)[now.start : now.stop + 1]
        tanh_c = block.array("tanh_c", size)[now]
        scale, shift = activation_constants(gates.dtype)
        h[0], c[0] = state
        for t in range(len(x)):
            a = gates[:, t]  # (4, B, H)
            a += block.product(h[t])
            a *= scale
            np.tanh(a, out=a)
            a *= scale
            a += shift
            i, f, g, o = a
            np.multiply(f, c[t], out=c[t + 1])
            c[t + 1] += i * g
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(o, tanh_c[t], out=h[t + 1])
        return h[1:], (h[-1].copy(), c[-1].copy()), Cache(c, gates, tanh_c, block, now)

    def backward(self, dy: Array, dstate: State, cache: Cache) -> tuple[Array, State]:
        """``dy (T, B, H)`` and dstate ``(dh, dc)`` to ``dx (T, B, D)``."""
        c, gates, tanh_c, block, now = cache
        da = block.gradient("da", now)  # (4, T, B, H)
        is_tanh = np.array([0, 0, 1, 0], da.dtype).reshape(4, 1, 1)
        dh, dc = dstate
        for t in reversed(range(da.shape[1])):
            i, f, g, o = gates[:, t]
            slopes = da[:, t]  # (1 - y) y of a sigmoid, (1 - y) (y + 1) of a tanh
            np.add(gates[:, t], is_tanh, out=slopes)
            slopes *= 1 - gates[:, t]
            da_i, da_f, da_g, da_o = slopes
            dh = dy[t] + dh
            dc = dc + dh * o * (1 - tanh_c[t] ** 2)
            da_o *= dh * tanh_c[t]
            da_g *= dc * i
            da_f *= dc * c[t]
            da_i *= dc * g
            dc = dc * f
            dh = block.product_backward(da[:, t])
        return self.products_backward(block, now), (dh, dc)


def activation_constants(dtype: npt.DTypeLike) -> tuple[Array, Array]:
    """Return what makes ``scale * tanh(scale * a) + shift`` the four gates, ``(4, 1, 1)`` each.

    That is ``sigmoid(a)`` for i, f and o, and ``tanh(a)`` for g.
    """
    scale = np.array([0.5, 0.5, 1, 0.5], dtype).reshape(4, 1, 1)
    return scale, 1 - scale
