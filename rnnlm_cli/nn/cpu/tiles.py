"""Products with few rows, again and again by the same weights: the weights cut into tiles.

BLAS copies the weights of each product into an order of its own before it multiplies. With 20 rows
that copy costs more than the product. Small products OpenBLAS does without it, on processors
with AVX-512 (its "small matrix" kernels). So the weights are laid out once for a whole block as
tiles that are small enough, and a product becomes a batch of small ones, called from one loop in C.
Elsewhere the tiles cost little and gain little.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.system.arrays import Array

SMALL_PRODUCT = 1_000_000
"""Multiplications in a product up to which OpenBLAS does not copy."""

WIDTHS = (64, 32)
"""Columns of a tile: multiples of what a register holds; the first is the faster one."""

FEWEST_ROWS = 8
"""Fewer rows at a time would leave registers empty."""

MOST_ROWS = 128
"""Among more rows the cost of the copy is small."""

FEWEST_TIMES = 4
"""Laying the weights out costs about as much as so many products gain."""


def repeated_product(weights: Array, out: Array, times: int) -> Callable[[Array], None]:
    """Return what writes ``x @ weights`` into ``out``, in the form that is fastest when repeated.

    Args:
        weights: ``(G, K, N)``, not to be changed in the meantime.
        out: ``(G, B, N)``; an ``x`` is ``(B, K)`` or ``(G, B, K)``.
        times: How often it will be called, about.
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
    """Return how many rows and columns are multiplied at once; ``None`` where it does not pay."""
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
        rest: ``(G, K, N mod n)``, the columns that fill no tile.
    """

    def __init__(self, weights: Array, out: Array, at_once: int, width: int) -> None:
        gates, inner, columns = weights.shape
        tiled = columns - columns % width
        in_tiles = weights[:, :, :tiled].reshape(gates, inner, -1, width)
        self.tiles = np.ascontiguousarray(in_tiles.transpose(0, 2, 1, 3))
        self.rest = np.ascontiguousarray(weights[:, :, tiled:])
        self._out_rest = out[:, :, tiled:]
        # R groups of rows, each of b at once: (G, R, b, N/n, n) to (R, G, N/n, b, n)
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
