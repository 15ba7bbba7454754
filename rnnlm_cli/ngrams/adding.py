"""Tables of n-grams in any order, of any program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnlm_cli.ngrams.tables import BackoffTable
from rnnlm_cli.system.arrays import Array, Ids


def add_table(
    tables: list[BackoffTable], types: int, ngrams: Ids, log_probs: Array, backoffs: Array
) -> Ids:
    """Add the n-grams of the next order, which may come in any order.

    Their beginnings that are not in a table get a row there.

    Args:
        tables: Those of all lower orders; the new one is appended.
        types: The number of words.
        ngrams: ``(M, n)``.
        log_probs: ``(M,)``.
        backoffs: ``(M,)``.

    Returns:
        ``(M,)`` which n-gram became each row. Equal n-grams have the order that they came in.
    """
    rows = np.zeros(len(ngrams), np.int64)
    for length in range(1, ngrams.shape[1]):
        keys = rows * types + ngrams[:, length - 1]
        rows = tables[length - 1].rows_of(keys)
        if (rows < 0).any():
            insert_rows(tables, types, length, np.unique(keys[rows < 0]))
            rows = tables[length - 1].rows_of(keys)
    keys = rows * types + ngrams[:, -1]
    by_key = keys.argsort(kind="stable")
    tables.append(BackoffTable(keys[by_key], log_probs[by_key], backoffs[by_key]))
    return by_key


def insert_rows(tables: list[BackoffTable], types: int, order: int, keys: Ids) -> None:
    """Insert n-grams that the model does not have into the table of their order.

    Args:
        tables: One per order; those of this order and of the next one are replaced.
        types: The number of words.
        order: That of the n-grams.
        keys: Theirs, sorted; none is in the table.
    """
    old = tables[order - 1]
    at = old.keys.searchsorted(keys)
    tables[order - 1] = BackoffTable(
        np.insert(old.keys, at, keys),
        np.insert(old.log_probs, at, np.nan),
        np.insert(old.backoffs, at, 0.0),
    )
    if order < len(tables):
        above = tables[order]
        prefix, word = np.divmod(above.keys, types)
        prefix += at.searchsorted(prefix, side="right")  # rows that were inserted before each
        tables[order] = replace(above, keys=prefix * types + word)
