"""Continuations that are extended side by side, and the best of them kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.generate.sampling import Reader
from rnnlm_cli.nn.state import State, joined_streams, of_streams
from rnnlm_cli.system.arrays import Array, Ids

ELEMENTS = 1 << 22
"""Log-probabilities that are worked on at once."""


class Beam(NamedTuple):
    """A continuation.

    Attributes:
        ids: What was added to the start.
        log_probs: Natural logs of each, the model's own.
        score: The sum of the logs over ``length ** penalty``.
    """

    ids: list[int]
    log_probs: list[float]
    score: float


class Alive(NamedTuple):
    """Continuations of one length, ``N``, as arrays, so that they are copied fast."""

    ids: Ids  # (B, N)
    log_probs: Array  # (B, N)
    totals: Array  # (B,) their sums

    @classmethod
    def first(cls) -> Alive:
        """Return the one that adds nothing."""
        return cls(np.empty((1, 0), np.int64), np.empty((1, 0)), np.zeros(1))

    def only(self, rows: Ids) -> Alive:
        """Return some of them."""
        return Alive(self.ids[rows], self.log_probs[rows], self.totals[rows])

    def beams(self, rows: Iterable[int], penalty: float) -> list[Beam]:
        """Return some of them as they are given."""
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
    """Return how many continuations are extended at once: a wide beam takes no more memory."""
    return max(1, ELEMENTS // columns)


def read_in_parts(
    read: Reader, tokens: Ids, state: State, rows: int
) -> Iterator[tuple[Array, State]]:
    """Read one token of each stream, some streams at a time.

    Args:
        read: The model.
        tokens: ``(B,)``.
        state: Of the streams.
        rows: How many streams at a time.
    """
    for start in range(0, len(tokens), rows):
        part = np.arange(start, min(start + rows, len(tokens)))
        yield read(tokens[np.newaxis, part], of_streams(state, part))


class Candidates(NamedTuple):
    """One more token for some continuations, the best first."""

    totals: Array  # (N,)
    parents: Ids  # (N,) the row that each extends
    tokens: Ids  # (N,)
    log_probs: Array  # (N,) of the token

    @classmethod
    def none(cls) -> Candidates:
        """Return none."""
        return cls(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))

    def merged(self, others: Candidates, most: int) -> Candidates:
        """Return the best of both; of equals these come first."""
        both = [np.concatenate(pair) for pair in zip(self, others, strict=True)]
        order = np.argsort(-both[0], kind="stable")[:most]
        return Candidates(*(values[order] for values in both))


def best_candidates(totals: Array, log_probs: Array, row: int, most: int) -> Candidates:
    """Return the best of all tokens for some continuations, impossible ones left out.

    Args:
        totals: ``(B,)`` of the continuations.
        log_probs: ``(B, V)`` of the next token.
        row: The number of the first continuation.
        most: How many at most.
    """
    every = totals[:, np.newaxis] + log_probs
    best = best_columns(every, most)
    best = best[np.isfinite(every.flat[best])]
    parents, tokens = np.unravel_index(best, every.shape)
    return Candidates(every.flat[best], row + parents, tokens, log_probs.flat[best])


Choice = Callable[[Array, slice], Candidates]
"""From ``(B, V)`` log-probabilities of what follows some continuations, and their rows."""


def extended(
    alive: Alive,
    parts: Iterable[tuple[Array, State]],
    choose: Choice,
    most: int,
) -> tuple[Alive, Ids, State]:
    """Return the best continuations with one more token, the best first.

    Args:
        alive: Those to extend.
        parts: Log-probabilities of what comes next and the state, some continuations at a time;
            only the best of each are kept.
        choose: What may follow some of them.
        most: How many at most.

    Returns:
        They, the row of ``alive`` that each extends, and the state of those rows.
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
    """Return the flat places of the largest values, the largest first."""
    flat = totals.reshape(-1)
    largest = np.argpartition(-flat, most - 1)[:most] if most < flat.size else np.arange(flat.size)
    found: Ids = largest[np.lexsort((largest, -flat[largest]))]
    return found
