"""Repeated products of few rows with the same weights: the weights cut into tiles.

For each product BLAS first packs (copies) the weights. With 20 rows this copy costs more than the
product. On processors with AVX-512, OpenBLAS multiplies small matrices without it (its "small
matrix" kernels). So the weights are laid out once per block as tiles that are small enough, and a
product becomes a batch of small ones in one loop in C. Elsewhere the tiles cost little and gain
little.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.system.arrays import Array

SMALL_PRODUCT = 1_000_000
"""Maximum number of multiplications of a product that OpenBLAS computes without a copy."""

WIDTHS = (64, 32)
"""Columns per tile: multiples of a register's size, the faster one first."""

FEWEST_ROWS = 8
"""Minimum rows per small product; with fewer, registers stay empty."""

MOST_ROWS = 128
"""Maximum rows; with more, the cost of the copy is small."""

FEWEST_TIMES = 4
"""Minimum repetitions; with fewer, the layout costs more than the products gain."""


def repeated_product(weights: Array, out: Array, times: int) -> Callable[[Array], None]:
    """Return a function that writes ``x @ weights`` into ``out`` and is fast when repeated.

    Args:
        weights: ``(G, K, N)``; must not change while the function is in use.
        out: ``(G, B, N)``; an ``x`` is ``(B, K)`` or ``(G, B, K)``.
        times: About how often the function will be called.
    """
    tile = tile_shape(out.shape[1], *weights.shape[1:])
    if times >= FEWEST_TIMES and tile is not None:
        return TiledProduct(weights, out, *tile)
    if times >= FEWEST_TIMES:
        weights = np.ascontiguousarray(weights)

    def multiply(x: Array) -> None:
        product(x, weights, out=out)

    return multiply


def tile_shape(rows: int, inner: int, columns: int) -> tuple[int, int] | None:
    """Return the rows and columns per small product, or ``None`` if tiles do not pay off."""
    if rows > MOST_ROWS:
        return None
    for at_once in (rows // parts for parts in range(1, rows + 1) if rows % parts == 0):
        for width in WIDTHS:
            if at_once * inner * width <= SMALL_PRODUCT and width <= columns:
                return (at_once, width) if at_once >= FEWEST_ROWS else None
    return None


class TiledProduct:
    """``x @ weights``, tile by tile: ``(B, K)`` or ``(G, B, K)`` to ``(G, B, N)``.

    Attributes:
        tiles: ``(G, N/n, K, n)``, the weights cut into tiles of ``n`` columns.
        rest: ``(G, K, N mod n)``, the remaining columns.
    """

    def __init__(self, weights: Array, out: Array, at_once: int, width: int) -> None:
        gates, inner, columns = weights.shape
        tiled = columns - columns % width
        in_tiles = weights[:, :, :tiled].reshape(gates, inner, -1, width)
        self.tiles = np.ascontiguousarray(in_tiles.transpose(0, 2, 1, 3))
        self.rest = np.ascontiguousarray(weights[:, :, tiled:])
        self._out_rest = out[:, :, tiled:]
        # R groups of b rows: (G, R, b, N/n, n) to (R, G, N/n, b, n)
        self._rows = (-1, at_once)
        cut = out[:, :, :tiled].reshape(gates, -1, at_once, tiled // width, width)
        self._out_tiles = cut.transpose(1, 0, 3, 2, 4)

    def __call__(self, x: Array) -> None:
        """Write the product into ``out``."""
        groups = x.reshape(*x.shape[:-2], *self._rows, x.shape[-1])  # (..., R, b, K)
        if x.ndim == 3:
            groups = groups.swapaxes(0, 1)[:, :, np.newaxis]  # (R, G, 1, b, K)
        else:
            groups = groups[:, np.newaxis, np.newaxis]  # (R, 1, 1, b, K)
        np.matmul(groups, self.tiles, out=self._out_tiles)
        if self.rest.size:
            np.matmul(x, self.rest, out=self._out_rest)
