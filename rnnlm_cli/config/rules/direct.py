"""Rules for direct n-gram connections."""

from __future__ import annotations

from rnnlm_cli.config.model import DirectConfig, SampledSoftmax
from rnnlm_cli.config.rules.rule import Rule

PLACES = DirectConfig().size

RULES = (
    Rule(
        lambda c: c.model.direct.size != PLACES and c.model.direct.order is None,
        "model.direct.size needs model.direct.order",
        "model.direct.size",
        "is for direct connections, but model.direct.order is null",
        "omit it, or set model.direct.order to 3",
    ),
    Rule(
        lambda c: (
            c.model.direct.order is not None and isinstance(c.model.output_layer, SampledSoftmax)
        ),
        "model.direct.order is not for model.output_layer.kind: sampled",
        "model.direct.order",
        "adds to the scores of all tokens, which model.output_layer.kind sampled does not have in "
        "training",
        "omit it, or use kind: adaptive",
    ),
    Rule(
        lambda c: c.model.direct.order is not None and c.model.direction == "bidirectional",
        "model.direct.order is for model.direction: forward",
        "model.direct.order",
        "is for models that read from left to right, but model.direction is bidirectional",
        "omit it",
    ),
    Rule(
        lambda c: c.model.direct.order is not None and c.training.past_decode > 0,
        "model.direct.order is not for a training with training.past_decode",
        "model.direct.order",
        "makes predictions from the last token itself, which training.past_decode would decode",
        "omit one of the two",
    ),
    Rule(
        lambda c: c.model.direct.order is not None and c.corpus.extend_vocabulary,
        "corpus.extend_vocabulary is not for a model with model.direct.order",
        "corpus.extend_vocabulary",
        "cannot be done to a model with model.direct.order, whose table has no weights for new "
        "tokens",
        "omit it",
    ),
)
