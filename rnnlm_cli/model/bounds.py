"""Bounds on a model's scores that detect divergence on every processor.

When float32 overflows, one BLAS kernel gives NaN and another a finite number: a chain of fused
multiply-adds keeps its first infinity, and tanh turns it into 1. So checking for finite values is
not enough.
"""

from __future__ import annotations

import math

from rnnlm_cli.errors import DivergedError
from rnnlm_cli.system.arrays import Array

LOWEST_LOG_PROB = -1e4
"""Lowest log-probability of a trained model, in nats. With h in (-1, 1), a lower one would need
output weights in the thousands."""

DIVERGED = 10.0
"""Maximum mean loss of a model that has learned anything, in units of ``ln V``."""

LARGEST_WEIGHT = 1e9
"""Maximum weight; products of larger ones approach the largest float32, 3.4e38."""


def guessing_nats(vocabulary_size: int) -> float:
    """Return ``ln V``, the loss in nats per token of the uniform distribution."""
    return math.log(max(vocabulary_size, 2))


def checked_log_probs(log_probs: Array) -> Array:
    """Return natural log-probabilities after checking that the model has not diverged.

    Raises:
        DivergedError: One is NaN, infinite or below ``LOWEST_LOG_PROB``.
    """
    if not (log_probs >= LOWEST_LOG_PROB).all():  # false for NaN too
        raise DivergedError(
            f"the model gives a token a log-probability of {log_probs.min():g}: its training "
            "diverged; train it again with a lower training.optimizer.learning_rate or a smaller "
            "training.clip_norm"
        )
    return log_probs


def score_warnings(nats: float, choices: int, unit: str = "token") -> list[str]:
    """Return a warning if a text's mean loss is above ``10 ln V``, else an empty list.

    Args:
        nats: The mean loss.
        choices: ``V``, the size of the vocabulary, or the number of labels.
        unit: What it is the mean of.
    """
    guessing = guessing_nats(choices)
    if nats <= DIVERGED * guessing:
        return []
    return [
        f"the loss is {nats:g} nats per {unit}, {nats / guessing:.3g} times "
        f"that of guessing ({guessing:.3g}); the model has diverged, or the text is not like its "
        "training text"
    ]
