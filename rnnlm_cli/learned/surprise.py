"""How much each token of a text surprises a model, and what it expected instead."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.data.streams import blocks_of
from rnnlm_cli.evaluate.next_token import Candidate, candidates
from rnnlm_cli.evaluate.stream import read_stream
from rnnlm_cli.learned.excerpt import Excerpt, parts_of
from rnnlm_cli.model import checked_log_probs
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array, Ids

STEPS = 64
"""Tokens per block: all probabilities of a block are in memory at once."""


class Surprise(NamedTuple):
    """One token of a text.

    Attributes:
        token: As written in the text.
        known: Whether the model knows it; else it is scored as the unknown token.
        nats: ``-log p``; ``None`` for a first token that nothing comes before.
        rank: How many tokens were at least as likely, itself among them: 1 for the likeliest one.
        expected: The likeliest tokens in its place, the likeliest first.
        entropy: The mean of ``-log p`` that the model itself expected here, in nats.
    """

    token: str
    known: bool
    nats: float | None
    rank: int | None
    expected: list[Candidate]
    entropy: float | None


def surprises(model: TrainedModel, excerpt: Excerpt, top: int) -> list[Surprise]:
    """Score every token of a text, and say what was expected in its place (Hale, 2001).

    Args:
        model: A left-to-right model.
        excerpt: The text.
        top: How many expected tokens to return.

    Raises:
        UsageError: The model is bidirectional.
        DivergedError: The model has diverged.
    """
    model.require_left_to_right("be surprised by the next token")
    unknown = model.vocabulary.unknown_id
    found = [
        Surprise(token, k != unknown or token == model.vocabulary.unknown, None, None, [], None)
        for token, k in zip(excerpt.tokens, excerpt.ids.tolist(), strict=True)
    ]
    for part in parts_of(model, excerpt):
        place = part.where.start + 1 - part.given
        for log_probs, targets in _distributions(model, part.inputs):
            expected = candidates(model.vocabulary, log_probs, top)
            for row, target, instead in zip(log_probs, targets.tolist(), expected, strict=True):
                found[place] = found[place]._replace(
                    nats=-float(row[target]),
                    rank=int((row >= row[target]).sum()),
                    expected=instead,
                    entropy=entropy(row),
                )
                place += 1
    return found


def mean_nats(found: list[Surprise]) -> float:
    """Return the mean over the tokens that have a score; NaN if none has."""
    nats = [one.nats for one in found if one.nats is not None]
    return math.fsum(nats) / len(nats) if nats else math.nan


def entropy(log_probs: Array) -> float:
    """Return the entropy of a distribution ``(V,)`` in nats."""
    p = np.exp(log_probs.astype(np.float64))
    return -float(p @ np.where(p > 0, log_probs, 0))


def _distributions(model: TrainedModel, ids: Ids) -> Iterator[tuple[Array, Ids]]:
    network = model.network
    for scored in read_stream(network, blocks_of(ids, STEPS), network.initial_state(1)):
        with network.running():
            log_probs = network.output.log_probs(scored.h[:, 0])  # (T, V)
        yield checked_log_probs(log_probs), scored.block.targets[:, 0]
