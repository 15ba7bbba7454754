"""The most likely next tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.model.likeliest import likeliest
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.vocabulary import Vocabulary

TOP = Range(1, whole=True)


class Candidate(NamedTuple):
    """A token and its natural log-probability."""

    token: str
    log_prob: float


def next_tokens(model: TrainedModel, start: Sequence[str], top: int) -> list[Candidate]:
    """Return the most likely tokens after a start, the most likely first.

    Args:
        model: A left-to-right model.
        start: Known tokens, at least one, read from the zero state; after an end of line if the
            model was trained on single lines.
        top: How many to return.
    """
    model.require_left_to_right("predict the next token; rnnlm fill fills blanks")
    ids = model.vocabulary.ids_of(start)
    if model.begins_each_line:
        ids = np.append(model.line_start(), ids)
    log_probs, _ = model.next_log_probs(ids[:, np.newaxis], model.network.initial_state(1))
    return candidates(model.vocabulary, log_probs, top)[0]


def candidates(vocabulary: Vocabulary, log_probs: Array, top: int) -> list[list[Candidate]]:
    """Return the most likely tokens of distributions ``(n, V)``, the most likely first."""
    return [
        [Candidate(vocabulary.tokens[k], log_prob) for k, log_prob in found]
        for found in likeliest(log_probs, top)
    ]
