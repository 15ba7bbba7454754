"""Which tokens of a text occur near each other, as a sparse matrix, and its main directions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rnnlm_cli.text.storage import Stored, chunks

WINDOW = 2
"""Tokens on each side that count as near."""

MOST_TOKENS = 20_000_000
"""Tokens of a text that are counted, from its beginning."""

POWERS, SPARE = 4, 10
"""Products with the matrix that sharpen the directions, and directions more than are wanted."""

GATHERED = 4_000_000
"""Maximum values that a product gathers at once."""

Floats = npt.NDArray[np.floating[Any]]


class Sparse(NamedTuple):
    """A symmetric matrix ``(V, V)`` by its entries that are not zero, in the order of rows."""

    rows: npt.NDArray[np.int64]  # (n,) ascending
    columns: npt.NDArray[np.int64]  # (n,)
    values: npt.NDArray[np.float32]  # (n,)
    size: int  # V

    def times(self, x: Floats) -> Floats:
        """Return the product with ``x (V, K)``."""
        product = np.zeros((self.size, x.shape[1]), np.float32)
        step = max(1, GATHERED // x.shape[1])
        for start in range(0, len(self.rows), step):
            part = slice(start, start + step)
            rows = self.rows[part]
            first = np.flatnonzero(np.diff(rows, prepend=-1))  # of each row
            terms = x[self.columns[part]] * self.values[part, np.newaxis]
            product[rows[first]] += np.add.reduceat(terms, first, axis=0)
        return product


def pairs(ids: Stored, types: int) -> Sparse:
    """Count how often two tokens are at most ``WINDOW`` apart, in both orders.

    Args:
        ids: ``(N,)`` of the text.
        types: ``V``.
    """
    keys, counts = np.empty(0, np.int64), np.empty(0, np.int64)
    for chunk in chunks(min(len(ids), MOST_TOKENS)):
        part = np.asarray(ids[chunk.start : chunk.stop + WINDOW]).astype(np.int64)
        most = chunk.stop - chunk.start
        ahead = [(part[:most], part[k:]) for k in range(1, WINDOW + 1)]
        near = [left[: len(right)] * types + right[: len(left)] for left, right in ahead]
        found, times = np.unique(np.concatenate(near), return_counts=True)
        joined, where = np.unique(np.concatenate([keys, found]), return_inverse=True)
        counts = np.bincount(where, np.concatenate([counts, times]), len(joined)).astype(np.int64)
        keys = joined
    left, right = np.divmod(keys, types)
    both = np.concatenate([keys, right * types + left])
    keys, where = np.unique(both, return_inverse=True)
    total = np.bincount(where, np.concatenate([counts, counts]), len(keys))
    rows, columns = np.divmod(keys, types)
    return Sparse(rows, columns, total.astype(np.float32), types)


def ppmi(counts: Sparse) -> Sparse:
    """Return the positive pointwise mutual information (Bullinaria and Levy, 2007).

    ``max(0, ln(C(a, b) N / (C(a) C(b))))``, where ``C(a)`` is the sum of a row, ``N`` that of all.
    """
    sums = np.bincount(counts.rows, counts.values, counts.size)  # float64
    expected = sums[counts.rows] * sums[counts.columns] / max(sums.sum(), 1.0)
    found = np.log(counts.values / expected)
    kept = np.flatnonzero(found > 0)
    return Sparse(
        counts.rows[kept], counts.columns[kept], found[kept].astype(np.float32), counts.size
    )


def top_eigenvectors(matrix: Sparse, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the eigenvalues ``(count,)`` of largest size and their vectors ``(V, count)``.

    By products with random directions (Halko et al., 2011). For a symmetric matrix the sizes are
    the singular values, and the vectors the left singular vectors.
    """
    width = min(matrix.size, count + SPARE)
    basis = np.linalg.qr(rng.standard_normal((matrix.size, width)).astype(np.float32))[0]
    for _ in range(POWERS):
        basis = np.linalg.qr(matrix.times(basis))[0]
    values, vectors = np.linalg.eigh(basis.T @ matrix.times(basis))
    order = np.argsort(-np.abs(values), kind="stable")[:count]
    return values[order], basis @ vectors[:, order]
