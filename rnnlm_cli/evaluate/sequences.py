"""Scoring many sequences, each for itself, in batches of like length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.layer import Array, Ids
from rnnlm_cli.nn.threads import one_blas_thread
from rnnlm_cli.text.blocks import IGNORED

MOST_STREAMS = 64
"""Sequences in a batch."""

MOST_PADDING = 1.5
"""How much longer the longest of a batch may be than the shortest."""

BLOCK_TOKENS = 2048
"""Tokens that are read in one go; longer batches are read in several."""


def score_sequences(model: Rnnlm, sequences: Sequence[Ids], start: int) -> list[Array]:
    """Return natural logs ``(n,)`` of every token of every sequence, in their order.

    Each is read from the zero state, to which ``start`` is fed, the token that ends a line.

    Args:
        model: A model that reads from the left.
        sequences: Ids ``(n,)`` each.
        start: The id that stands for the beginning.
    """
    found: list[Array] = [np.empty(0)] * len(sequences)
    for batch in by_length([len(sequence) for sequence in sequences]):
        longest = len(sequences[batch[-1]])
        ids = np.full((longest + 1, len(batch)), start, np.int64)  # (T+1, B)
        targets = np.full((longest, len(batch)), IGNORED, np.int64)
        for column, number in enumerate(batch):
            length = len(sequences[number])
            ids[1 : length + 1, column] = targets[:length, column] = sequences[number]
        log_probs = score_batch(model, ids[:-1], targets)
        for column, number in enumerate(batch):
            found[number] = log_probs[: len(sequences[number]), column]
    return found


def by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Give the numbers of sequences that are read together, the longest of each batch last.

    One that is much longer than the first of a batch begins another: the rest would be padded.
    """
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda number: lengths[number]):
        full = len(batch) == MOST_STREAMS
        if batch and (full or lengths[number] > MOST_PADDING * (lengths[batch[0]] + 1)):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def score_batch(model: Rnnlm, inputs: Ids, targets: Ids) -> Array:
    """Natural logs ``(T, B)`` of ``targets (T, B)``, from the zero state."""
    steps, streams = inputs.shape
    state, at_once = model.initial_state(streams), max(1, BLOCK_TOKENS // streams)
    parts = []
    with one_blas_thread():
        for begin in range(0, steps, at_once):
            part = slice(begin, begin + at_once)
            h, state, _ = model.forward(inputs[part], state)
            parts.append(model.output.target_log_probs(h, targets[part]))
    return np.concatenate(parts) if parts else np.empty((0, streams))
