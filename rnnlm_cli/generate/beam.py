"""Beam search for the most likely continuations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.generate.continuations import (
    Alive,
    Beam,
    Candidates,
    best_candidates,
    extended,
    read_in_parts,
    rows_at_once,
)
from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.past import Branch, Start
from rnnlm_cli.generate.sampling import Reader, read_start
from rnnlm_cli.nn.state import State, of_streams
from rnnlm_cli.system.arrays import Array

WIDTH = Range(1, 10**4, whole=True)
PENALTY = Range(0, 10)


def beam_search(
    read: Reader,
    state: State,
    start: Sequence[int],
    width: int,
    length: int,
    filters: Sequence[Filter] = (),
    ends: Callable[[Sequence[int]], bool] = lambda ids: False,
    penalty: float = 1.0,
    before: Sequence[int] = (),
) -> list[Beam]:
    """Return the best continuations found, the best first, at most ``width``.

    At each step every continuation is extended by every token, and the ``width`` most likely of all
    are kept (Lowerre, 1976). A finished continuation leaves the beam and makes room. Longer ones
    have smaller probabilities, so the score is the sum of logs over ``length ** penalty`` (Wu et
    al., 2016, in its simplest form): 0 compares probabilities, 1 the mean of the logs. The search
    ends at the length, or when no unfinished continuation can beat the finished ones. Unfinished
    continuations are returned only if too few have finished.

    Args:
        read: The model.
        state: Its state before the start, for one stream.
        start: Ids; at least one here or in ``before``.
        width: How many continuations are kept.
        length: Maximum number of tokens.
        filters: Applied to the logits of each next token.
        ends: Whether a continuation is complete.
        penalty: The exponent of the length; larger values favour longer ones.
        before: Ids that are read first but are not part of the text, so filters do not see them.
    """
    begun = Start(start)

    def choose(log_probs: Array, rows: slice) -> Candidates:
        logits = log_probs
        for apply in filters:
            logits = apply(logits, [Branch(begun, ids) for ids in alive.ids[rows]])
        allowed = np.where(np.isfinite(logits), log_probs, -np.inf)
        return best_candidates(alive.totals[rows], allowed, rows.start, 2 * width)

    first = read_start(read, state, [*before, *start])
    alive = Alive.first()
    parts: Iterable[tuple[Array, State]] = [first]
    rows = rows_at_once(first[0].shape[1])
    done: list[Beam] = []
    for _ in range(length):
        # twice the width, because continuations that end leave room for others
        grown, parents, state = extended(alive, parts, choose, 2 * width)
        ended = np.array([ends(ids) for ids in grown.ids], bool)
        finished = np.flatnonzero(ended[:width])
        done = sorted([*done, *grown.beams(finished, penalty)], key=by_score)[:width]
        going = np.flatnonzero(~ended)[:width]
        alive = grown.only(going)
        hopes = alive.totals / length**penalty
        if not len(going) or (len(done) == width and hopes.max() <= done[-1].score):
            break
        tokens, state = alive.ids[:, -1], of_streams(state, parents[going])
        parts = read_in_parts(read, tokens, state, rows)
    open_ones = sorted(alive.beams(range(len(alive.totals)), penalty), key=by_score)
    return [*done, *open_ones][:width]


def by_score(beam: Beam) -> float:
    """Sort key: the best first."""
    return -beam.score
