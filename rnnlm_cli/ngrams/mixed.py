"""One back-off model that stands for the mixture of two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnlm_cli.ngrams.kneser_ney import log10
from rnnlm_cli.ngrams.tables import NOTHING, PLACES, BackoffTable, BackoffTables
from rnnlm_cli.system.arrays import Array, Ids


def mixed(one: BackoffTables, other: BackoffTables, weight: float) -> BackoffTables:
    """Return a model with the n-grams of two, as Stolcke (2002) mixes them for SRILM.

    ::

        p(w | h) = weight p_one(w | h) + (1 - weight) p_other(w | h)    where one of them has hw
        b(h)     = (1 - sum p(w | h)) / (1 - sum p(w | h'))             over these words w

    ``h'`` is h without its first word. Where neither has ``hw``, the model backs off, so that its
    probability is not quite that of the mixture; a decoder reads one file.

    Args:
        one: A model without gaps.
        other: The same, with the same words and the same order.
        weight: That of ``one``, between 0 and 1.
    """
    tables: list[BackoffTable] = []
    rows = [np.zeros(1, np.int64)] * 2  # of the n-grams of each model, in the table below
    for pair in zip(one.tables, other.tables, strict=True):
        keys = [
            at[table.keys // one.types] * one.types + table.keys % one.types
            for at, table in zip(rows, pair, strict=True)
        ]
        every = np.union1d(*keys)
        rows = [every.searchsorted(own) for own in keys]
        found = BackoffTable(every, np.zeros(len(every)), np.zeros(len(every)))
        found = replace(found, log_probs=_log_probs([*tables, found], one, other, weight))
        if tables:
            tables[-1] = replace(tables[-1], backoffs=_backoffs(tables, found, one.types))
        tables.append(found)
    return BackoffTables(tables, one.types)


def _log_probs(
    tables: list[BackoffTable], one: BackoffTables, other: BackoffTables, weight: float
) -> Array:
    """Return log10 of the mixed probabilities of the n-grams of the last table."""
    parts = []
    for words in _ngrams(BackoffTables(tables, one.types)):
        histories = np.full((len(words), one.order - 1), NOTHING)
        histories[:, one.order - words.shape[1] :] = words[:, :-1]
        a, b = (10 ** model.log_probs_after(histories, words[:, -1]) for model in (one, other))
        parts.append(log10(weight * a + (1 - weight) * b))
    found: Array = np.minimum(np.concatenate(parts), 0)  # rounding may exceed probability 1
    return found


def _backoffs(tables: list[BackoffTable], above: BackoffTable, types: int) -> Array:
    """Return log10 of the back-off weights of the n-grams of the last table.

    Args:
        tables: With probabilities.
        above: The n-grams that are longer by one word.
        types: The number of words.
    """
    below = BackoffTables(tables, types)
    parts = [
        below.log_probs_after(words[:, 1:-1], words[:, -1])
        for words in _ngrams(BackoffTables([*tables, above], types))
    ]
    context, size = above.keys // types, len(tables[-1])
    left = 1 - np.bincount(context, 10**above.log_probs, size)
    left_below = 1 - np.bincount(context, 10 ** np.concatenate(parts), size)
    weights = np.ones(size)
    np.divide(left.clip(0), left_below, out=weights, where=left_below > 0)
    return log10(weights)


def _ngrams(model: BackoffTables) -> Iterator[Ids]:
    """Yield the longest n-grams, ``(M, order)``, some at a time."""
    for start in range(0, len(model.tables[-1]), PLACES):
        yield model.ngrams(model.order, slice(start, start + PLACES))
