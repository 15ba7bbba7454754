"""Rules for the output layer, and for what is computed from its probabilities."""

from __future__ import annotations

from rnnlm_cli.config.model import AdaptiveSoftmax, FullSoftmax
from rnnlm_cli.config.rules.rule import Rule

RULES = (
    Rule(
        lambda c: c.training.past_decode > 0 and not isinstance(c.model.output_layer, FullSoftmax),
        "training.past_decode needs model.output_layer.kind: full",
        "training.past_decode",
        "needs the probabilities of all tokens, which no other model.output_layer.kind than full "
        "has in training",
        "omit it, or use kind: full",
    ),
    Rule(
        lambda c: c.training.past_decode > 0 and c.model.direction == "bidirectional",
        "training.past_decode is for model.direction: forward",
        "training.past_decode",
        "is for models that read from left to right, but model.direction is bidirectional",
        "omit it",
    ),
    Rule(
        lambda c: c.model.tie_weights and isinstance(c.model.output_layer, AdaptiveSoftmax),
        "model.tie_weights is not for model.output_layer.kind: adaptive",
        "model.tie_weights",
        "needs a matrix like the embedding's, but an adaptive output layer has none",
        "set it to false, or use kind: sampled",
    ),
)
