"""Filling blanks in a line, with a bidirectional or a left-to-right model."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import NamedTuple, TypeVar

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
"""Maximum passes over all blanks in the search for a stable filling."""

BEAM = 50
"""How many lines beam search keeps from left to right."""


class Candidate(NamedTuple):
    """A token for a blank."""

    token: str
    log_prob: float  # natural log, given all other tokens of the line


class Filling(NamedTuple):
    """A filled line, and the candidates for each blank."""

    tokens: list[str]
    candidates: list[list[Candidate]]  # per blank, the most likely first


class FilledLine(NamedTuple):
    """A filled line, and the natural log of its probability, including its end."""

    tokens: list[str]
    log_prob: float


Found = TypeVar("Found")


def all_steps(steps: Generator[None, None, Found]) -> Found:
    """Take all steps; return the result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Found = end.value
            return found


def fill(
    model: TrainedModel, tokens: Sequence[str | None], top: int, skip: Sequence[int] = ()
) -> Filling:
    """Find the most likely token for each blank; see ``fill_steps``."""
    return all_steps(fill_steps(model, tokens, top, skip))


def fill_steps(
    model: TrainedModel, tokens: Sequence[str | None], top: int, skip: Sequence[int] = ()
) -> Generator[None, None, Filling]:
    """Find the most likely token for each blank, and the other candidates.

    A blank is predicted from all other tokens of the line. With several blanks, each starts as the
    unknown token; then one after another takes the most likely token given the rest, until nothing
    changes (iterated conditional modes: Besag, 1986).

    Args:
        model: A bidirectional model.
        tokens: The tokens of a line, ``None`` for a blank; a token that is not in the vocabulary
            is read as the unknown token.
        top: How many candidates to return per blank.
        skip: Ids that must not fill a blank.

    Raises:
        UsageError: An end of line is inside the line, or no token is left to fill a blank with.
    """
    vocabulary, end = model.vocabulary, model.codec.end_of_line
    if end is None or end in tokens:
        raise UsageError(f"{end} ends a line and cannot be inside one; omit it")
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
            yield
        if np.array_equal(ids, before) or len(blanks) == 1:
            break
    candidates = []
    for place in blanks:
        log_probs = log_probs_at(model.network, ids, place, end_of_line, skipped)
        likeliest = [k for k in np.argsort(-log_probs, kind="stable")[:top] if k not in skipped]
        candidates.append([Candidate(vocabulary.tokens[k], float(log_probs[k])) for k in likeliest])
        yield
    filled = [vocabulary.tokens[k] if t is None else t for k, t in zip(ids, tokens, strict=True)]
    return Filling(filled, candidates)


def fill_from_the_left(
    model: TrainedModel,
    tokens: Sequence[str | None],
    top: int,
    skip: Sequence[int] = (),
    width: int = BEAM,
) -> list[FilledLine]:
    """Return the most likely lines with filled blanks; see ``fill_steps_from_the_left``."""
    return all_steps(fill_steps_from_the_left(model, tokens, top, skip, width))


def fill_steps_from_the_left(
    model: TrainedModel,
    tokens: Sequence[str | None],
    top: int,
    skip: Sequence[int] = (),
    width: int = BEAM,
) -> Generator[None, None, list[FilledLine]]:
    """Return the most likely lines with filled blanks that beam search finds, the best first.

    Given words are kept, each blank becomes one token, and lines are ranked by the probability of
    the whole line, including its end. A left-to-right model chooses a word before it reads the
    words after it, so the beam keeps enough choices for these to decide.

    Args:
        model: A left-to-right model.
        tokens: The tokens of a line, ``None`` for a blank; a token that is not in the vocabulary
            is read as the unknown token.
        top: How many lines to return.
        skip: Ids that must not fill a blank.
        width: How many lines the beam keeps; at least ``top``.

    Raises:
        UsageError: The model has no end-of-line token, or no token is left to fill a blank with.
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
                "no token can fill the blank: the model gives each probability zero; train it again"
            )
        last = lines.ids[:, -1]
        parts = read_in_parts(network.next_log_probs, last, of_streams(state, parents), rows)
        yield
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
    """Return a choice of the most likely tokens for a blank."""

    def choose(log_probs: Array, rows: slice) -> Candidates:
        log_probs[:, skipped] = -np.inf
        return best_candidates(lines.totals[rows], log_probs, rows.start, most)

    return choose


def _this(lines: Alive, token: int) -> Choice:
    """Return the choice of one given token."""

    def choose(log_probs: Array, rows: slice) -> Candidates:
        column = log_probs[:, token]
        parents = np.arange(rows.start, rows.stop)
        totals = lines.totals[rows] + column
        return Candidates(totals, parents, np.full(len(parents), token), column)

    return choose


def log_probs_at(
    network: Rnnlm, ids: Ids, place: int, end_of_line: int, skipped: Sequence[int]
) -> Array:
    """Natural logs ``(V,)`` of the token at a place, whatever ``ids (T,)`` has there.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    inputs = both_ways(ids[:, np.newaxis], end_of_line)
    with network.running():
        h, _ = network.read(inputs, network.initial_state(1))
        log_probs = checked_log_probs(network.output.log_probs(h[place])[0])
    log_probs[list(skipped)] = -np.inf
    return log_probs
