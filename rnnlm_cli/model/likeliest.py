"""The most likely tokens of distributions."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.system.arrays import Array

Likeliest = list[tuple[int, float]]
"""The most likely tokens, the most likely first: ids and natural logs."""


def likeliest(log_probs: Array, top: int) -> list[Likeliest]:
    """Return the ``top`` most likely tokens of distributions ``(n, V)``; of equals the first."""
    types = log_probs.shape[1]
    if top == 0 or not len(log_probs):
        return [[] for _ in log_probs]
    if top < types:
        # all that are as likely as the last of them, so that the first of equals are found
        edge = np.partition(log_probs, types - top, axis=1)[:, types - top]
    else:
        edge = np.full(len(log_probs), -np.inf, log_probs.dtype)
    found: list[Likeliest] = []
    for row, least in zip(log_probs, edge, strict=True):
        columns = np.flatnonzero(row >= least)
        best = columns[np.argsort(-row[columns], kind="stable")[:top]]
        found.append(list(zip(best.tolist(), row[best].tolist(), strict=True)))
    return found
