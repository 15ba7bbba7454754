"""Scoring the hypotheses of n-best lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

import numpy as np

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.text.reader import Piece

AT_ONCE = 4096
"""Hypotheses that are gathered, so that there are enough of each length."""

Item = TypeVar("Item")


def score_hypotheses(
    saved: SavedModel, items: Iterable[Item], words_of: Callable[[Item], str]
) -> Iterator[tuple[Item, float]]:
    """Give each item with the natural log of its words' probability as a line for itself.

    Args:
        saved: A model that reads from the left.
        items: Whatever has words.
        words_of: Gives its words, separated by spaces.

    Raises:
        UsageError: The model is bidirectional, or knows no end of a line.
    """
    saved.require_left_to_right("score a hypothesis from left to right")
    start, remaining = saved.line_start(), iter(items)
    while batch := list(islice(remaining, AT_ONCE)):
        pieces = (Piece(f"{words_of(item)}\n", True) for item in batch)
        ids = [
            np.array([saved.vocabulary.id_of(t) for t in saved.tokenizer.tokens(piece)])
            for piece in pieces
        ]
        for item, log_probs in zip(batch, score_sequences(saved.model, ids, start), strict=True):
            yield item, float(log_probs.sum())
