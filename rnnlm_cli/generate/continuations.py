"""Continuations that are extended in parallel, keeping the best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.generate.sampling import Reader
from rnnlm_cli.nn.state import State, joined_streams, of_streams
from rnnlm_cli.system.arrays import Array, Ids

ELEMENTS = 1 << 22
"""Maximum log-probabilities in memory at a time."""


class Beam(NamedTuple):
    """A continuation.

    Attributes:
        ids: The ids that follow the start.
        log_probs: Natural log of each, the model's own, before any filter.
        score: The sum of the logs over ``length ** penalty``.
    """

    ids: list[int]
    log_probs: list[float]
    score: float


class Alive(NamedTuple):
    """Continuations of equal length ``N``, as arrays, so that they are copied fast."""

    ids: Ids  # (B, N)
    log_probs: Array  # (B, N)
    totals: Array  # (B,) their sums

    @classmethod
    def first(cls) -> Alive:
        """Return the empty continuation."""
        return cls(np.empty((1, 0), np.int64), np.empty((1, 0)), np.zeros(1))

    def only(self, rows: Ids) -> Alive:
        """Return the given rows."""
        return Alive(self.ids[rows], self.log_probs[rows], self.totals[rows])

    def beams(self, rows: Iterable[int], penalty: float) -> list[Beam]:
        """Return the given rows with their scores."""
        length = max(self.ids.shape[1], 1)
        return [
            Beam(
                self.ids[row].tolist(),
                self.log_probs[row].tolist(),
                float(self.totals[row]) / length**penalty,
            )
            for row in rows
        ]


def rows_at_once(columns: int) -> int:
    """Return how many continuations are extended at a time, so that memory is bounded."""
    return max(1, ELEMENTS // columns)


def read_in_parts(
    read: Reader, tokens: Ids, state: State, rows: int
) -> Iterator[tuple[Array, State]]:
    """Read one token per stream, some streams at a time.

    Args:
        read: The model.
        tokens: Ids ``(B,)``.
        state: The state of the streams.
        rows: How many streams at a time.
    """
    for start in range(0, len(tokens), rows):
        part = np.arange(start, min(start + rows, len(tokens)))
        yield read(tokens[np.newaxis, part], of_streams(state, part))


class Candidates(NamedTuple):
    """Extensions of continuations by one token, the best first."""

    totals: Array  # (N,) sums of logs, the new token included
    parents: Ids  # (N,) the row that each extends
    tokens: Ids  # (N,)
    log_probs: Array  # (N,) of the new token

    @classmethod
    def none(cls) -> Candidates:
        """Return an empty set of candidates."""
        return cls(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))

    def merged(self, others: Candidates, most: int) -> Candidates:
        """Return the best of both, at most ``most``; on ties ``self`` comes first."""
        both = [np.concatenate(pair) for pair in zip(self, others, strict=True)]
        order = np.argsort(-both[0], kind="stable")[:most]
        return Candidates(*(values[order] for values in both))


def best_candidates(totals: Array, log_probs: Array, row: int, most: int) -> Candidates:
    """Return the best extensions of some continuations, without impossible tokens.

    Args:
        totals: ``(B,)`` of the continuations.
        log_probs: ``(B, V)`` of the next token.
        row: The row of the first continuation.
        most: Maximum number of candidates.
    """
    every = totals[:, np.newaxis] + log_probs
    best = best_columns(every, most)
    best = best[np.isfinite(every.flat[best])]
    parents, tokens = np.unravel_index(best, every.shape)
    return Candidates(every.flat[best], row + parents, tokens, log_probs.flat[best])


Choice = Callable[[Array, slice], Candidates]
"""Chooses candidates from next-token log-probabilities ``(B, V)`` of the given rows."""


def extended(
    alive: Alive,
    parts: Iterable[tuple[Array, State]],
    choose: Choice,
    most: int,
) -> tuple[Alive, Ids, State]:
    """Extend continuations by one token; return the best, the best first.

    Args:
        alive: The continuations to extend.
        parts: Next-token log-probabilities and states, some continuations at a time; only the best
            of each part are kept.
        choose: Chooses the candidates of a part.
        most: Maximum number of continuations to return.

    Returns:
        The extended continuations, the row of ``alive`` that each extends, and the state of all
        rows of ``alive``.
    """
    states, best, row = [], Candidates.none(), 0
    for log_probs, state in parts:
        rows = slice(row, row + len(log_probs))
        best, row = best.merged(choose(log_probs, rows), most), rows.stop
        states.append(state)
    grown = Alive(
        np.column_stack([alive.ids[best.parents], best.tokens]),
        np.column_stack([alive.log_probs[best.parents], best.log_probs]),
        best.totals,
    )
    return grown, best.parents, joined_streams(states)


def best_columns(totals: Array, most: int) -> Ids:
    """Return the flat indices of the ``most`` largest values, the largest first."""
    flat = totals.reshape(-1)
    largest = np.argpartition(-flat, most - 1)[:most] if most < flat.size else np.arange(flat.size)
    found: Ids = largest[np.lexsort((largest, -flat[largest]))]
    return found
