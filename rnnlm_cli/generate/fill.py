"""Filling blanks in a line, with a model that reads it from both sides, or from the left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.data.lines import both_ways
from rnnlm_cli.errors import DivergedError, UsageError
from rnnlm_cli.generate.continuations import (
    Alive,
    Candidates,
    Choice,
    best_candidates,
    extended,
    read_in_parts,
    rows_at_once,
)
from rnnlm_cli.model import Rnnlm, checked_log_probs
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State, of_streams
from rnnlm_cli.system.arrays import Array, Ids

MOST_ROUNDS = 10
"""How often all blanks are gone through before the search for a stable filling ends."""

BEAM = 50
"""How many lines are kept on the way from left to right."""


class Candidate(NamedTuple):
    """A token for a blank."""

    token: str
    log_prob: float  # natural log, given all other tokens of the line


class Filling(NamedTuple):
    """A line without blanks, and what else each blank could hold."""

    tokens: list[str]
    candidates: list[list[Candidate]]  # of each blank, the likeliest first


class FilledLine(NamedTuple):
    """A line without blanks, and the natural log of its probability, its end included."""

    tokens: list[str]
    log_prob: float


def fill(
    model: TrainedModel, tokens: Sequence[str | None], top: int, skip: Sequence[int] = ()
) -> Filling:
    """Find the likeliest token for each blank, and its rivals.

    A blank is predicted from all other tokens of the line. Where several are blank, each is at
    first unknown to the others; then one after another takes the likeliest token given the rest,
    until nothing changes (iterated conditional modes: Besag, 1986).

    Args:
        model: A bidirectional model.
        tokens: Those of a line, ``None`` for a blank; others are unknown to the model.
        top: How many candidates to give.
        skip: Ids that fill no blank.

    Raises:
        UsageError: The line has an end within, or there is nothing left to fill a blank with.
    """
    vocabulary, end = model.vocabulary, model.codec.end_of_line
    if end is None or end in tokens:
        raise UsageError(f"{end} ends a line and cannot stand within one; leave it out")
    end_of_line = vocabulary.index[end]
    skipped = sorted({*skip, end_of_line})
    if len(skipped) == len(vocabulary):
        raise UsageError("leaves no token to fill a blank with; allow some", field="skip")
    ids = vocabulary.ids_of(vocabulary.unknown if t is None else t for t in tokens)
    blanks = [place for place, token in enumerate(tokens) if token is None]
    for _ in range(MOST_ROUNDS):
        before = ids.copy()
        for place in blanks:
            ids[place] = log_probs_at(model.network, ids, place, end_of_line, skipped).argmax()
        if np.array_equal(ids, before) or len(blanks) == 1:
            break
    candidates = []
    for place in blanks:
        log_probs = log_probs_at(model.network, ids, place, end_of_line, skipped)
        likeliest = [k for k in np.argsort(-log_probs, kind="stable")[:top] if k not in skipped]
        candidates.append([Candidate(vocabulary.tokens[k], float(log_probs[k])) for k in likeliest])
    filled = [vocabulary.tokens[k] if t is None else t for k, t in zip(ids, tokens, strict=True)]
    return Filling(filled, candidates)


def fill_from_the_left(
    model: TrainedModel,
    tokens: Sequence[str | None],
    top: int,
    skip: Sequence[int] = (),
    width: int = BEAM,
) -> list[FilledLine]:
    """Return the likeliest lines of a given form that beam search finds, the likeliest first.

    The words that are given stay, each blank becomes one token, and the probability of all of the
    line counts, its end included: a model that reads from the left chooses a word before it has
    seen what follows, and the beam keeps enough choices for what follows to decide.

    Args:
        model: A model that reads from the left.
        tokens: Those of a line, ``None`` for a blank; others are unknown to the model.
        top: How many lines to give.
        skip: Ids that fill no blank.
        width: How many lines are kept on the way; at least ``top``.

    Raises:
        UsageError: The model knows no end of a line, or there is nothing left to fill a blank with.
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    vocabulary, network, start = model.vocabulary, model.network, model.line_start()
    skipped = sorted({*skip, start})
    if len(skipped) == len(vocabulary):
        raise UsageError("leaves no token to fill a blank with; allow some", field="skip")
    first = network.next_log_probs(np.array([[start]]), network.initial_state(1))
    lines = Alive.first()
    parts: Iterable[tuple[Array, State]] = [first]
    rows = rows_at_once(len(vocabulary))
    for token in (*tokens, vocabulary.tokens[start]):
        if token is None:
            choose, most = _any_but(lines, skipped, max(width, top)), max(width, top)
        else:
            choose, most = _this(lines, vocabulary.id_of(token)), len(lines.totals)
        lines, parents, state = extended(lines, parts, choose, most)
        if not len(parents):
            raise DivergedError(
                "no token can fill the blank: to the model each is impossible; train it anew"
            )
        last = lines.ids[:, -1]
        parts = read_in_parts(network.next_log_probs, last, of_streams(state, parents), rows)
    likeliest = np.argsort(-lines.totals, kind="stable")[:top]
    return [
        FilledLine(
            [
                vocabulary.tokens[k] if token is None else token
                for k, token in zip(lines.ids[number], tokens, strict=False)
            ],
            float(lines.totals[number]),
        )
        for number in likeliest
    ]


def _any_but(lines: Alive, skipped: Sequence[int], most: int) -> Choice:
    """Return the choice of the likeliest tokens for a blank."""

    def choose(log_probs: Array, rows: slice) -> Candidates:
        log_probs[:, skipped] = -np.inf
        return best_candidates(lines.totals[rows], log_probs, rows.start, most)

    return choose


def _this(lines: Alive, token: int) -> Choice:
    """Return the choice of a token that is given."""

    def choose(log_probs: Array, rows: slice) -> Candidates:
        column = log_probs[:, token]
        parents = np.arange(rows.start, rows.stop)
        totals = lines.totals[rows] + column
        return Candidates(totals, parents, np.full(len(parents), token), column)

    return choose


def log_probs_at(
    network: Rnnlm, ids: Ids, place: int, end_of_line: int, skipped: Sequence[int]
) -> Array:
    """Natural logs ``(V,)`` of what stands at a place, whatever ``ids (T,)`` has there.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    inputs = both_ways(ids[:, np.newaxis], end_of_line)
    with network.running():
        h, _ = network.read(inputs, network.initial_state(1))
        log_probs = checked_log_probs(network.output.log_probs(h[place])[0])
    log_probs[list(skipped)] = -np.inf
    return log_probs
