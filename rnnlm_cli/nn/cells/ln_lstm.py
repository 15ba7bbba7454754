"""Long short-term memory with layer normalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, Own, sigmoid
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array

EPSILON = 1e-5
"""Added to a variance, as in PyTorch's ``LayerNorm``."""

Normal = tuple[Array, Array]
"""Normalized values, and one over the deviation of the values before."""


class LayerNormLSTM(Cell):
    """Long short-term memory with layer normalization (Ba, Kiros and Hinton, 2016).

    ::

        a       = u * N(x W_ih) + v * N(h' W_hh) + b
        i, f, o = sigmoid(a)
        g       = tanh(a)
        c       = f * c' + i * g
        h       = o * tanh(w * N(c) + d)

    ``N`` subtracts the mean and divides by the deviation, over the units of all gates, or of ``c``,
    of one stream at one step. The gains ``u``, ``v`` and ``w`` are one at first. The published
    equations add a bias after each ``N``; those of both products and ``b`` are one parameter here.
    """

    title = "layer-normalized LSTM"
    gates = ("i", "f", "g", "o")
    states = ("h", "c")
    keeps = "f"
    adds_bias = True
    block_arrays = 33

    def own(self, input_size: int, hidden_size: int) -> dict[str, Own]:
        """``u``, ``v``, ``w`` and ``d``."""
        wide, narrow = (4 * hidden_size,), (hidden_size,)
        return {
            "gain_ih": Own(wide, 1.0),
            "gain_hh": Own(wide, 1.0),
            "gain_c": Own(narrow, 1.0),
            "bias_c": Own(narrow, 0.0),
        }

    def forward(self, from_x: Array, from_h: Array, before: State) -> tuple[State, tuple[Any, ...]]:
        """Compute ``(h, c)`` from ``(h', c')``."""
        _, c_before = before
        (b, u, v), (w, d) = (by_gate(value) for value in self.values[:3]), self.values[3:]
        normal_x, normal_h = normal(from_x, (0, 2)), normal(from_h, (0, 2))
        i, f, g, o = u * normal_x[0] + v * normal_h[0] + b  # (B, H) each
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * c_before + i * g
        normal_c = normal(c, (1,))
        tanh_c = np.tanh(w * normal_c[0] + d)
        return (o * tanh_c, c), (i, f, g, o, c_before, tanh_c, normal_x, normal_h, normal_c)

    def backward(self, dafter: State, saved: tuple[Any, ...]) -> tuple[Array, Array, State]:
        """Compute the gradients of both products through their normalization."""
        dh, dc = dafter
        i, f, g, o, c_before, tanh_c, normal_x, normal_h, normal_c = saved
        _, u, v = (by_gate(value) for value in self.values[:3])
        da_c = dh * o * (1 - tanh_c**2)
        dc = dc + through_normal(self.values[3] * da_c, normal_c, (1,))
        da = np.stack(
            [
                dc * g * i * (1 - i),
                dc * c_before * f * (1 - f),
                dc * i * (1 - g**2),
                dh * tanh_c * o * (1 - o),
            ]
        )
        for gradient, own in zip(
            self.gradients,
            (da, da * normal_x[0], da * normal_h[0], da_c * normal_c[0], da_c),
            strict=True,
        ):
            gradient += own.sum(axis=-2).reshape(-1)
        dfrom_x = through_normal(u * da, normal_x, (0, 2))
        dfrom_h = through_normal(v * da, normal_h, (0, 2))
        return dfrom_x, dfrom_h, (np.zeros_like(dh), dc * f)


def by_gate(values: Array) -> Array:
    """View ``(4H,)`` as ``(4, 1, H)``."""
    return values.reshape(4, 1, -1)


def normal(a: Array, axes: tuple[int, ...]) -> Normal:
    """Normalize over some axes."""
    centered = a - a.mean(axis=axes, keepdims=True)
    inverse = 1 / np.sqrt((centered**2).mean(axis=axes, keepdims=True) + EPSILON)
    return centered * inverse, inverse


def through_normal(dy: Array, found: Normal, axes: tuple[int, ...]) -> Array:
    """Return the gradient of the values before ``normal``."""
    y, inverse = found
    straight = dy - dy.mean(axis=axes, keepdims=True)
    dx: Array = inverse * (straight - y * (dy * y).mean(axis=axes, keepdims=True))
    return dx
