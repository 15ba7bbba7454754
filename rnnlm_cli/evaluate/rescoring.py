"""Scoring the hypotheses of n-best lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.dealing import Deal, alone
from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.evaluate.stream import score_stream
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Ids

TOKENS_AT_ONCE = 1 << 14
"""Tokens per batch: enough hypotheses to read in parallel, few enough to fit into memory, whether
hypotheses are long or short."""

Item = TypeVar("Item")


def score_hypotheses(
    model: TrainedModel,
    items: Iterable[Item],
    text_of: Callable[[Item], str],
    state: State | None = None,
    deal: Deal = alone,
) -> Iterator[tuple[Item, float]]:
    """Yield each item with the natural log of its text's probability as an independent line.

    Args:
        model: A left-to-right model.
        items: Any objects that have a text.
        text_of: Returns an item's text.
        state: The state before each line, see ``state_after``; ``None`` for the zero state.
        deal: Who scores them.

    Raises:
        UsageError: The model is bidirectional, or has no end-of-line token.
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    model.require_left_to_right("score a hypothesis from left to right")
    start = model.line_start()

    def scored(batch: list[tuple[Item, Ids]]) -> list[tuple[Item, float]]:
        scores = score_sequences(model.network, [ids for _, ids in batch], start, state)
        pairs = zip(batch, scores, strict=True)
        return [(item, float(log_probs.sum())) for (item, _), log_probs in pairs]

    for found in deal(scored, batches(model, items, text_of)):
        yield from found


def state_after(model: TrainedModel, lines: Iterable[str]) -> State:
    """Return the state after earlier lines, before the end of the last one is read.

    A line that is scored begins with that end, so it continues the text.

    Args:
        model: A left-to-right model.
        lines: What was said before; without a line the state is zero.

    Raises:
        UsageError: The model reads each line by itself, or has no end-of-line token.
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    model.require_left_to_right("read what was said before")
    if model.begins_each_line:
        raise UsageError(
            "the model reads each line by itself (training.lines: independent), so earlier lines "
            "change nothing",
            field="context",
            remedy="omit {context}",
        )
    ids = [np.array([model.line_start()]), *(model.encode(line, ends_line=True) for line in lines)]
    _, state = score_stream(model.network, np.concatenate(ids), model.network.initial_state(1))
    return state


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
