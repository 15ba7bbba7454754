"""The likeliest continuation, or nearly: beam search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.sampling import Reader, read_start
from rnnlm_cli.nn.layer import Array, Ids, State, of_streams

WIDTH = Range(1, 10**4, whole=True)
PENALTY = Range(0, 10)


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
    """Return the best continuations that were found, the best first, ``width`` at most.

    At each step every continuation is extended by every token, and the likeliest ``width`` of all
    stay (Lowerre, 1976). One that ends leaves the beam and makes room. Longer ones have smaller
    probabilities, so what is compared is the sum of logs over ``length ** penalty`` (Wu et al.,
    2016, in its simplest form): 0 compares probabilities, 1 the mean of the logs. The search ends
    at the length, or when nothing that is still open can become better than what has ended.
    Continuations that have not ended are given only where too few have.

    Args:
        read: The model.
        state: Its state before the start, for one stream.
        start: Ids; at least one, or one before it.
        width: How many continuations are kept.
        length: How many tokens at most.
        filters: Applied to the odds of each next token.
        ends: Whether a continuation is complete.
        penalty: How much longer ones are favoured.
        before: Ids that are read first and are no part of the text, so that no filter sees them.
    """
    log_probs, state = read_start(read, state, [*before, *start])
    alive = [Beam([], [], 0.0)]
    done: list[Beam] = []
    for _ in range(length):
        logits = log_probs
        for apply in filters:
            logits = apply(logits, [[*start, *beam.ids] for beam in alive])
        totals = np.array([sum(beam.log_probs) for beam in alive])[:, np.newaxis] + np.where(
            np.isfinite(logits), log_probs, -np.inf
        )
        # as many again, for those that end make room
        best = [k for k in best_columns(totals, 2 * width) if np.isfinite(totals.flat[k])]
        parents, tokens = np.unravel_index(best, totals.shape)
        grown = [
            extended(alive[parent], int(token), float(log_probs[parent, token]), penalty)
            for parent, token in zip(parents, tokens, strict=True)
        ]
        ended = [ends(beam.ids) for beam in grown]
        done += [beam for rank, beam in enumerate(grown) if ended[rank] and rank < width]
        going = [rank for rank in range(len(grown)) if not ended[rank]][:width]
        alive = [grown[rank] for rank in going]
        done = sorted(done, key=lambda beam: -beam.score)[:width]
        hopes = [sum(beam.log_probs) / length**penalty for beam in alive]
        if not alive or (len(done) == width and max(hopes) <= done[-1].score):
            break
        state = of_streams(state, parents[going])
        log_probs, state = read(tokens[np.newaxis, going], state)
    open_ones = sorted(alive, key=lambda beam: -beam.score)
    return [*done, *open_ones][:width]


def extended(beam: Beam, token: int, log_prob: float, penalty: float) -> Beam:
    """Add a token to a continuation."""
    log_probs = [*beam.log_probs, log_prob]
    return Beam([*beam.ids, token], log_probs, sum(log_probs) / len(log_probs) ** penalty)


def best_columns(totals: Array, most: int) -> Ids:
    """Return the flat places of the largest values, the largest first."""
    flat = totals.reshape(-1)
    largest = np.argpartition(-flat, most - 1)[:most] if most < flat.size else np.arange(flat.size)
    found: Ids = largest[np.lexsort((largest, -flat[largest]))]
    return found
