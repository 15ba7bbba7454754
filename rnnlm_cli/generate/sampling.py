"""Drawing tokens one after another, several samples in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.past import Growing, Start
from rnnlm_cli.nn.state import State, of_streams
from rnnlm_cli.system.arrays import Array, Ids

Reader = Callable[[Ids, State], tuple[Array, State]]
"""Reads ids ``(T, B)``; returns natural logs ``(B, V)`` of the next token, and the state."""

PIECE = 128
"""Columns that are summed at a time when a token is drawn."""

CACHED = 32_768
"""Logits whose rows are summed at a time, so that they stay in a core's cache."""

PART = 512
"""Tokens of a start that are read at a time."""


class Draw(NamedTuple):
    """The next token of every sample."""

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
    """Read the start, then draw tokens without end.

    Args:
        read: The model.
        state: Its state before the start, for one stream.
        start: Ids; at least one here or in ``before``.
        rngs: One generator per sample, so that a sample does not depend on the others.
        filters: Applied in this order.
        before: Ids that are read first but are not part of the text, so filters do not see them.
    """
    log_probs, state = read_start(read, state, [*before, *start])
    every = np.zeros(len(rngs), np.int64)
    log_probs, state = log_probs[every], of_streams(state, every)
    begun = Start(start)
    history = [Growing(begun) for _ in rngs]
    while True:
        drawn = draw_next(log_probs, filters, history, rngs)
        yield drawn
        log_probs, state = read(drawn.ids[np.newaxis], state)


def draw_next(
    log_probs: Array,
    filters: Sequence[Filter],
    history: Sequence[Growing],
    rngs: Sequence[np.random.Generator],
) -> Draw:
    """Draw the next token of several texts, and add it to their history.

    Args:
        log_probs: ``(B, V)``.
        filters: Applied in this order.
        history: The texts so far.
        rngs: One generator per text.
    """
    logits = log_probs
    for apply in filters:
        logits = apply(logits, history)
    drawn = draw(logits, rngs)
    for text, token in zip(history, drawn.tolist(), strict=True):
        text.append(token)
    return Draw(drawn, log_probs[np.arange(len(drawn)), drawn])


def start_parts(
    read: Reader, state: State, start: Sequence[int], part: int = PART
) -> Iterator[tuple[Array, State]]:
    """Read a start in one stream, part by part, so that memory and each part's time are bounded.

    Yields:
        Natural logs ``(1, V)`` of the token after each part, and the state.
    """
    ids = np.array(start)[:, np.newaxis]  # (T, 1)
    for begin in range(0, len(ids), part):
        log_probs, state = read(ids[begin : begin + part], state)
        yield log_probs, state


def read_start(read: Reader, state: State, start: Sequence[int]) -> tuple[Array, State]:
    """Read a start in one stream; it has at least one id.

    Returns:
        Natural logs ``(1, V)`` of the next token, and the state.
    """
    *_, last = start_parts(read, state, start)
    return last


def draw(logits: Array, rngs: Sequence[np.random.Generator]) -> Ids:
    """Draw one column of each row ``(B, V)`` in proportion to ``exp(logits)``: ``(B,)``.

    By inversion: the first column at which the cumulative sum exceeds a uniform share of the total.
    """
    shares = np.array([rng.random() for rng in rngs])
    rows = max(1, CACHED // logits.shape[1])
    parts = [slice(begin, begin + rows) for begin in range(0, len(logits), rows)]
    return np.concatenate([columns_at(logits[part], shares[part]) for part in parts])


def columns_at(logits: Array, shares: Array) -> Ids:
    """Return the first column at which the sum of ``exp(logits)`` exceeds a share of its total.

    The sum is taken over pieces of a row, then within one piece.

    Args:
        logits: ``(B, V)``.
        shares: ``(B,) float64``, from 0 to below 1.
    """
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    starts = np.arange(0, weights.shape[1], PIECE)
    ends = np.add.reduceat(weights, starts, axis=1).cumsum(axis=1, dtype=np.float64)  # (B, pieces)
    wanted = ends[:, -1] * shares
    piece = (ends <= wanted[:, np.newaxis]).sum(axis=1)
    every = np.arange(len(weights))
    wanted -= np.where(piece > 0, ends[every, piece - 1], 0)
    columns = starts[piece][:, np.newaxis] + np.arange(min(PIECE, weights.shape[1]))
    within = np.where(
        columns < weights.shape[1], weights[every[:, np.newaxis], columns % weights.shape[1]], 0
    )
    column = (within.cumsum(axis=1, dtype=np.float64) <= wanted[:, np.newaxis]).sum(axis=1)
    # both sums are rounded; past the piece's end, take its last column with nonzero weight
    last = within.shape[1] - 1 - (within[:, ::-1] > 0).argmax(axis=1)
    drawn: Ids = starts[piece] + np.minimum(column, last)
    return drawn
