"""The simple recurrent network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.nn.layers.recurrent import Recurrence, Recurrent
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class Cache(NamedTuple):
    """What ``backward`` needs of ``forward``."""

    h: Array  # (T+1, B, H), the initial state first
    block: Recurrence
    now: slice  # which of its steps


class RNN(Recurrent):
    """Simple recurrent network (Elman, 1990).

    ``h = tanh(x W_ih + h' W_hh + b)``, where ``h'`` is the hidden state of the step before.
    """

    gates = 1
    block_arrays = 3

    def read(self, x: Array, state: State, block: Recurrence) -> tuple[Array, State, Cache]:
        """``x (T, B, D)`` and state ``(h,)`` to ``y (T, B, H)``."""
        now = block.next_part(len(x))
        (a,) = self.input_product(x, block, now)  # (T, B, H)
        h = block.array("h", self.hidden_size, 1)[now.start : now.stop + 1]
        (h[0],) = state
        for t in range(len(x)):
            a[t] += block.product(h[t])[0]
            np.tanh(a[t], out=h[t + 1])
        return h[1:], (h[-1].copy(),), Cache(h, block, now)

    def backward(self, dy: Array, dstate: State, cache: Cache) -> tuple[Array, State]:
        """``dy (T, B, H)`` and dstate ``(dh,)`` to ``dx (T, B, D)``."""
        h, block, now = cache
        (da,) = block.gradient("da", now)  # (T, B, H)
        (dh,) = dstate
        for t in reversed(range(len(da))):
            np.multiply(dy[t] + dh, 1 - h[t + 1] ** 2, out=da[t])
            dh = block.product_backward(da[np.newaxis, t])
        return self.products_backward(block, now), (dh,)
