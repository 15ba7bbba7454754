"""Sums on the device in a fixed order, so that two runs give the same bits."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rnnlm_cli.nn.cuda.launch import THREADS, each, each_row
from rnnlm_cli.nn.device import beside
from rnnlm_cli.system.arrays import Array, Ids

COLUMNS = 8
"""Per block, at most (``c/sums.cu``): what one read of 32 bytes brings."""

SQUARES = 1024
"""Blocks per array in the sum of its squares, at most."""


def sum_columns(x: Array) -> Array:
    """Return the sum of each column: ``(N, D)`` to ``(D,)``."""
    rows, columns = x.shape
    out = np.empty_like(x, order="C", shape=(columns,))
    each_row("sum_columns", -(-columns // COLUMNS), x, contiguous(x), out, rows, columns)
    return out


def sum_rows(x: Array, order: Ids, starts: Ids) -> Array:
    """Add up rows ``x[order]`` between each two starts: ``(N, D)`` to ``(K, D)``.

    Args:
        x: ``(N, D)``, or ``(N,)``.
        order: ``(N,)``, on the host.
        starts: ``(K,)``, on the host, ascending from 0; empty if ``order`` is.
    """
    segments, columns = len(starts), math.prod(x.shape[1:])
    places = beside(np.concatenate([order, starts, [len(order)]]).astype(np.int64), x)
    out = np.empty_like(x, order="C", shape=(segments, *x.shape[1:]))
    own = places[: len(order)], places[len(order) :]
    each("sum_rows", out.size, x, contiguous(x), *own, out, segments, columns)
    return out


def clip(gradients: Sequence[Array], max_norm: float | None) -> float:
    """Scale gradients down to a norm, as ``clip_gradients`` does, without waiting for the norm.

    Args:
        gradients: Contiguous, of one type; at least one.
        max_norm: The threshold; ``None`` to never clip.

    Returns:
        The norm before, an array ``()`` on the device.
    """
    blocks = [min(SQUARES, -(-one.size // THREADS)) for one in gradients]
    parts = np.empty_like(gradients[0], dtype=np.float64, shape=(sum(blocks),))
    start = 0
    for one, own in zip(gradients, blocks, strict=True):
        each_row("sum_squares", own, one, one, parts[start : start + own], one.size, own)
        start += own
    figures = np.empty_like(parts, order="C", shape=(2,))
    limit = -1.0 if max_norm is None else float(max_norm)
    each_row("clip_factor", 1, gradients[0], parts, figures, limit, start)
    if max_norm is not None:
        for one in gradients:
            each("clip_scale", one.size, one, one, figures, one.size)
    norm: float = figures[0]
    return norm


def contiguous(x: Array) -> Array:
    """Return the array, or a contiguous copy."""
    return x if x.flags.c_contiguous else x.copy()
