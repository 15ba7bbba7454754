"""Drawing tokens one after another, several samples side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.past import Growing, Start
from rnnlm_cli.nn.state import State, of_streams
from rnnlm_cli.system.arrays import Array, Ids

Reader = Callable[[Ids, State], tuple[Array, State]]
"""Reads ids ``(T, B)``; returns natural logs ``(B, V)`` of what comes next, and the state."""

PIECE = 128
"""Columns that are summed at once when a token is drawn."""

PART = 512
"""Tokens of a start that are read in one go."""


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
    before: Sequence[int] = (),
) -> Iterator[Draw]:
    """Draw from the model without end: the whole start is read, then each token drawn.

    Args:
        read: The model.
        state: Its state before the start, for one stream.
        start: Ids; at least one, or one before it.
        rngs: A generator a sample, so that each is what it would be alone.
        filters: Applied in this order.
        before: Ids that are read first and are no part of the text, so that no filter sees them.
    """
    log_probs, state = read_start(read, state, [*before, *start])
    every = np.zeros(len(rngs), np.int64)
    log_probs, state = log_probs[every], of_streams(state, every)
    begun = Start(start)
    history = [Growing(begun) for _ in rngs]
    while True:
        logits = log_probs
        for apply in filters:
            logits = apply(logits, history)
        drawn = draw(logits, rngs)
        for text, token in zip(history, drawn.tolist(), strict=True):
            text.append(token)
        yield Draw(drawn, log_probs[np.arange(len(drawn)), drawn])
        log_probs, state = read(drawn[np.newaxis], state)


def read_start(read: Reader, state: State, start: Sequence[int]) -> tuple[Array, State]:
    """Read a start in one stream, a part at a time; a whole book takes no more memory.

    Returns:
        Natural logs ``(1, V)`` of what comes next, and the state.
    """
    ids = np.array(start)[:, np.newaxis]  # (T, 1)
    for begin in range(0, len(ids), PART):
        log_probs, state = read(ids[begin : begin + PART], state)
    return log_probs, state


def draw(logits: Array, rngs: Sequence[np.random.Generator]) -> Ids:
    """Draw one column of each row ``(B, V)`` in proportion to ``exp(logits)``: ``(B,)``.

    By inversion: the first column at which the cumulative sum exceeds a uniform share of the whole.
    The sum is taken over pieces of a row, and within one piece only.
    """
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    starts = np.arange(0, odds.shape[1], PIECE)
    ends = np.add.reduceat(odds, starts, axis=1).cumsum(axis=1, dtype=np.float64)  # (B, pieces)
    wanted = ends[:, -1] * [rng.random() for rng in rngs]
    piece = (ends <= wanted[:, np.newaxis]).sum(axis=1)
    every = np.arange(len(odds))
    wanted -= np.where(piece > 0, ends[every, piece - 1], 0)
    columns = starts[piece][:, np.newaxis] + np.arange(min(PIECE, odds.shape[1]))
    within = np.where(
        columns < odds.shape[1], odds[every[:, np.newaxis], columns % odds.shape[1]], 0
    )
    column = (within.cumsum(axis=1, dtype=np.float64) <= wanted[:, np.newaxis]).sum(axis=1)
    # both sums are rounded: what lies beyond the piece is its last column that may be drawn
    last = within.shape[1] - 1 - (within[:, ::-1] > 0).argmax(axis=1)
    drawn: Ids = starts[piece] + np.minimum(column, last)
    return drawn
