"""Drawing tokens one after another, several samples side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.nn.layer import Array, Ids, State

Reader = Callable[[Ids, State], tuple[Array, State]]
"""Reads ids ``(T, B)``; returns natural logs ``(B, V)`` of what comes next, and the state."""


class Draw(NamedTuple):
    """One more token of every sample."""

    ids: Ids  # (B,)
    log_probs: Array  # (B,) natural logs, the model's own, before any filter


def sample(
    read: Reader,
    state: State,
    start: Sequence[int],
    rngs: Sequence[np.random.Generator],
    filters: Sequence[Filter] = (),
) -> Iterator[Draw]:
    """Draw from the model without end: the whole start is read, then each token drawn.

    Args:
        read: The model.
        state: Its state before the start, for as many streams as there are generators.
        start: Ids, at least one.
        rngs: A generator a sample, so that each is what it would be alone.
        filters: Applied in this order.
    """
    ids = np.repeat(np.array(start)[:, np.newaxis], len(rngs), axis=1)  # (T, B)
    while True:
        log_probs, state = read(ids, state)
        logits = log_probs
        for apply in filters:
            logits = apply(logits)
        drawn = draw(logits, rngs)
        yield Draw(drawn, log_probs[np.arange(len(drawn)), drawn])
        ids = drawn[np.newaxis]


def draw(logits: Array, rngs: Sequence[np.random.Generator]) -> Ids:
    """Draw one column of each row ``(B, V)`` in proportion to ``exp(logits)``: ``(B,)``.

    By inversion: the first column at which the cumulative distribution exceeds a uniform number.
    """
    odds = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    cumulative = odds.cumsum(axis=1)
    cumulative /= cumulative[:, -1:]  # the last is exactly 1, above every uniform number
    return np.array(
        [
            np.searchsorted(row, rng.random(), side="right")
            for row, rng in zip(cumulative, rngs, strict=True)
        ]
    )
