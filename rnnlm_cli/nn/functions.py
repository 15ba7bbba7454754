"""Element-wise functions and their stable forms."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.system.arrays import Array


def sigmoid(x: Array) -> Array:
    """Logistic function ``1 / (1 + exp(-x))``, any shape.

    Written with ``tanh``, which neither overflows nor needs two branches:
    ``sigmoid(x) = (1 + tanh(x / 2)) / 2``.
    """
    y = np.tanh(0.5 * x)
    y *= 0.5
    y += 0.5
    return y


def log_sum_exp(x: Array) -> Array:
    """``log(sum(exp(x)))`` over the last axis, stable: ``(..., V)`` to ``(...)``."""
    peak = x.max(axis=-1, keepdims=True)
    total: Array = np.log(np.exp(x - peak).sum(axis=-1)) + peak[..., 0]
    return total
