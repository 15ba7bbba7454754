"""Filling blanks in a line with a model that reads it from both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.layer import Array, Ids
from rnnlm_cli.nn.threads import one_blas_thread
from rnnlm_cli.text.blocks import both_ways

MOST_ROUNDS = 10
"""How often all blanks are gone through before the search for a stable filling ends."""


class Candidate(NamedTuple):
    """A token for a blank."""

    token: str
    log_prob: float  # natural log, given all other tokens of the line


class Filling(NamedTuple):
    """A line without blanks, and what else each blank could hold."""

    tokens: list[str]
    candidates: list[list[Candidate]]  # of each blank, the likeliest first


def cut_blanks(saved: SavedModel, line: str, blank: str) -> list[str | None]:
    """Cut a line into tokens, ``None`` for a blank.

    Raises:
        UsageError: There is no blank in it.
    """
    parts = line.split(blank)
    if len(parts) == 1:
        raise UsageError(f"{line!r}: has no blank; write {blank} where a word is to be found")
    tokens: list[str | None] = list(saved.tokenizer.words(parts[0]))
    for part in parts[1:]:
        tokens += [None, *saved.tokenizer.words(part)]
    return tokens


def fill(
    saved: SavedModel, tokens: Sequence[str | None], top: int, skip: Sequence[int] = ()
) -> Filling:
    """Find the likeliest token for each blank, and its rivals.

    A blank is predicted from all other tokens of the line. Where several are blank, each is at
    first unknown to the others; then one after another takes the likeliest token given the rest,
    until nothing changes (iterated conditional modes: Besag, 1986).

    Args:
        saved: A bidirectional model.
        tokens: Those of a line, ``None`` for a blank; others are unknown to the model.
        top: How many candidates to give.
        skip: Ids that fill no blank.

    Raises:
        UsageError: The line has an end within, or there is nothing left to fill a blank with.
    """
    vocabulary, end = saved.vocabulary, saved.tokenizer.end_of_line
    if end is None or end in tokens:
        raise UsageError(f"{end} ends a line and cannot stand within one; leave it out")
    end_of_line = vocabulary.index[end]
    skipped = sorted({*skip, end_of_line})
    if len(skipped) == len(vocabulary):
        raise UsageError("--skip: leaves no token to fill a blank with; allow some")
    ids = np.array([vocabulary.id_of(vocabulary.unknown if t is None else t) for t in tokens])
    blanks = [place for place, token in enumerate(tokens) if token is None]
    for _ in range(MOST_ROUNDS):
        before = ids.copy()
        for place in blanks:
            ids[place] = log_probs_at(saved.model, ids, place, end_of_line, skipped).argmax()
        if np.array_equal(ids, before) or len(blanks) == 1:
            break
    candidates = []
    for place in blanks:
        log_probs = log_probs_at(saved.model, ids, place, end_of_line, skipped)
        likeliest = [k for k in np.argsort(-log_probs, kind="stable")[:top] if k not in skipped]
        candidates.append([Candidate(vocabulary.tokens[k], float(log_probs[k])) for k in likeliest])
    filled = [vocabulary.tokens[k] if t is None else t for k, t in zip(ids, tokens, strict=True)]
    return Filling(filled, candidates)


def log_probs_at(
    model: Rnnlm, ids: Ids, place: int, end_of_line: int, skipped: Sequence[int]
) -> Array:
    """Natural logs ``(V,)`` of what stands at a place, whatever ``ids (T,)`` has there."""
    inputs = both_ways(ids[:, np.newaxis], end_of_line)
    with one_blas_thread():
        h, _, _ = model.forward(inputs, model.initial_state(1))
        log_probs: Array = model.output.log_probs(h[place])[0]
    log_probs[list(skipped)] = -np.inf
    return log_probs
