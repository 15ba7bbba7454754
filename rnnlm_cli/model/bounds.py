"""What a model's figures can be: bounds that hold on every processor.

Where float32 overflows, one BLAS kernel gives NaN and another a finite number: a chain of fused
multiply-adds keeps its first infinity, and tanh makes 1 of it. So "not finite" alone tells nothing
about a model that has diverged; these bounds do.
"""

from __future__ import annotations

import math

from rnnlm_cli.errors import DivergedError
from rnnlm_cli.system.arrays import Array

LOWEST_LOG_PROB = -1e4
"""No trained model gives a token less, in nats: with h in (-1, 1), logits so far apart need output
weights in the thousands."""

DIVERGED = 10.0
"""Times ``ln V``: no model that has learned anything has a larger mean loss."""

LARGEST_WEIGHT = 1e9
"""Products of larger weights come near the largest float32, 3.4e38."""


def guessing_nats(vocabulary_size: int) -> float:
    """Return ``ln V``, the loss in nats per token of guessing every token alike."""
    return math.log(max(vocabulary_size, 2))


def checked_log_probs(log_probs: Array) -> Array:
    """Return natural log-probabilities if a model that predicts anything can give them.

    Raises:
        DivergedError: One is NaN, infinite or below ``LOWEST_LOG_PROB``.
    """
    if not (log_probs >= LOWEST_LOG_PROB).all():  # false for NaN too
        raise DivergedError(
            f"the model gives a token a log-probability of {log_probs.min():g}: its training has "
            "diverged; train it again with a lower training.optimizer.learning_rate or a smaller "
            "training.clip_norm"
        )
    return log_probs


def score_warnings(nats_per_token: float, vocabulary_size: int) -> list[str]:
    """Say if a text's mean loss is that of a model that has diverged: above ``10 ln V``."""
    guessing = guessing_nats(vocabulary_size)
    if nats_per_token <= DIVERGED * guessing:
        return []
    return [
        f"the loss is {nats_per_token:g} nats per token, {nats_per_token / guessing:.3g} times "
        f"that of guessing ({guessing:.3g}); the model has diverged, or the text is not of its kind"
    ]
