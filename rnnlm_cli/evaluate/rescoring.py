"""Scoring the hypotheses of n-best lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Ids

TOKENS_AT_ONCE = 1 << 14
"""Tokens per batch: enough hypotheses to read in parallel, few enough to fit into memory, whether
hypotheses are long or short."""

Item = TypeVar("Item")


def score_hypotheses(
    model: TrainedModel, items: Iterable[Item], text_of: Callable[[Item], str]
) -> Iterator[tuple[Item, float]]:
    """Yield each item with the natural log of its text's probability as an independent line.

    Args:
        model: A left-to-right model.
        items: Any objects that have a text.
        text_of: Returns an item's text.

    Raises:
        UsageError: The model is bidirectional, or has no end-of-line token.
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    model.require_left_to_right("score a hypothesis from left to right")
    start = model.line_start()
    for batch in batches(model, items, text_of):
        scores = score_sequences(model.network, [ids for _, ids in batch], start)
        for (item, _), log_probs in zip(batch, scores, strict=True):
            yield item, float(log_probs.sum())


def batches(
    model: TrainedModel, items: Iterable[Item], text_of: Callable[[Item], str]
) -> Iterator[list[tuple[Item, Ids]]]:
    """Yield items with the ids of their texts, about TOKENS_AT_ONCE tokens at a time."""
    batch: list[tuple[Item, Ids]] = []
    tokens = 0
    for item in items:
        ids = model.encode(text_of(item), ends_line=True)
        if batch and tokens + len(ids) > TOKENS_AT_ONCE:
            yield batch
            batch, tokens = [], 0
        batch.append((item, ids))
        tokens += len(ids)
    if batch:
        yield batch
