"""The likeliest continuation, or nearly: beam search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.sampling import Reader
from rnnlm_cli.nn.layer import Array, Ids, State


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
) -> list[Beam]:
    """Return the best continuations that were found, the best first, ``width`` at most.

    At each step every continuation is extended by every token, and the likeliest ``width`` of all
    stay (Lowerre, 1976). One that ends leaves the beam; the search is over when as many have ended,
    or at the length. Longer ones have smaller probabilities, so what is compared at the end is
    the sum of logs over ``length ** penalty`` (Wu et al., 2016, in its simplest form): 0 compares
    probabilities, 1 the mean of the logs.

    Args:
        read: The model.
        state: Its state before the start, for one stream.
        start: Ids, at least one.
        width: How many continuations are kept.
        length: How many tokens at most.
        filters: Applied to the odds of each next token.
        ends: Whether a continuation is complete.
        penalty: How much longer ones are favoured.
    """
    log_probs, state = read(np.array(start)[:, np.newaxis], state)
    alive = [Beam([], [], 0.0)]
    done: list[Beam] = []
    for _ in range(length):
        logits = log_probs
        for apply in filters:
            logits = apply(logits, [[*start, *beam.ids] for beam in alive])
        totals = np.array([sum(beam.log_probs) for beam in alive])[:, np.newaxis] + np.where(
            np.isfinite(logits), log_probs, -np.inf
        )
        best = [k for k in best_columns(totals, width) if np.isfinite(totals.flat[k])]
        parents, tokens = np.unravel_index(best, totals.shape)
        grown = [
            extended(alive[parent], int(token), float(log_probs[parent, token]), penalty)
            for parent, token in zip(parents, tokens, strict=True)
        ]
        done += [beam for beam in grown if ends(beam.ids)]
        going = [k for k, beam in enumerate(grown) if not ends(beam.ids)]
        alive = [grown[k] for k in going]
        if not alive or len(done) >= width:
            break
        state = of_streams(state, parents[going])
        log_probs, state = read(tokens[np.newaxis, going], state)
    found = sorted(done + alive, key=lambda beam: -beam.score)
    return found[:width]


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


def of_streams(state: State, streams: Ids) -> State:
    """Return the state of some streams, in a new order, each as often as it is named."""
    return tuple(
        of_streams(part, streams) if isinstance(part, tuple) else part[streams] for part in state
    )
