"""Initializers of parameters.

An initializer gets a shape and the fan-in, the number of inputs that each output sums.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from rnnlm_cli.system.arrays import Array

Initializer = Callable[[tuple[int, ...], int], Array]
"""``initializer(shape, fan_in)`` returns a new array."""


def scaled_normal(rng: np.random.Generator, dtype: npt.DTypeLike = np.float32) -> Initializer:
    """``N(0, 1) / sqrt(fan_in)``, which keeps the variance of a sum (LeCun et al., 1998)."""

    def initialize(shape: tuple[int, ...], fan_in: int) -> Array:
        return draw_normal(rng, shape, dtype, 1 / np.sqrt(fan_in))

    return initialize


def small_normal(rng: np.random.Generator, dtype: npt.DTypeLike = np.float32) -> Initializer:
    """``N(0, 1) / 100``, for embeddings: a look-up sums no inputs, so fan-in does not apply."""

    def initialize(shape: tuple[int, ...], fan_in: int) -> Array:
        return draw_normal(rng, shape, dtype, 0.01)

    return initialize


def uniform(
    rng: np.random.Generator, limit: float, dtype: npt.DTypeLike = np.float32
) -> Initializer:
    """Uniform on ``[-limit, limit]``."""

    def initialize(shape: tuple[int, ...], fan_in: int) -> Array:
        return rng.uniform(-limit, limit, shape).astype(dtype)

    return initialize


def orthogonal(rng: np.random.Generator, dtype: npt.DTypeLike = np.float32) -> Initializer:
    """Square blocks, each a random orthogonal matrix (Saxe et al., 2014); they preserve norms.

    A matrix that cannot be divided into square blocks is drawn as by Glorot and Bengio (2010).
    """

    def initialize(shape: tuple[int, ...], fan_in: int) -> Array:
        rows, columns = shape
        if columns % rows:
            return uniform(rng, float(np.sqrt(6 / (rows + columns))), dtype)(shape, fan_in)
        blocks = rng.standard_normal((columns // rows, rows, rows))
        q, r = np.linalg.qr(blocks)
        # signs that make the draw uniform over all orthogonal matrices (Mezzadri, 2007)
        q *= np.sign(np.diagonal(r, axis1=1, axis2=2))[:, np.newaxis, :]
        return np.concatenate(list(q), axis=1).astype(dtype)

    return initialize


def draw_normal(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike, deviation: float
) -> Array:
    """Draw float64 from ``N(0, deviation^2)`` and round, so that both types start alike."""
    return (deviation * rng.standard_normal(shape)).astype(dtype)


def placeholder(dtype: npt.DTypeLike = np.float32) -> Initializer:
    """Return read-only arrays without memory of their own, for weights that are loaded later."""
    zero = np.zeros((), dtype)
    return lambda shape, fan_in: np.broadcast_to(zero, shape)


def is_placeholder(array: Array) -> bool:
    """Whether an array has one value in memory for all of its own, as ``placeholder`` makes it."""
    return array.size > 1 and not any(array.strides)
