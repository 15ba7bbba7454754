"""Rules for the weights that a training starts from, and for those that it keeps."""

from __future__ import annotations

from rnnlm_cli.config.model import frozen_parts, parts_of
from rnnlm_cli.config.rules.rule import Rule

RULES = (
    Rule(
        lambda c: c.corpus.extend_vocabulary and c.training.init_from is None,
        "corpus.extend_vocabulary needs training.init_from",
        "corpus.extend_vocabulary",
        "needs a model whose vocabulary it extends",
        "set training.init_from to a checkpoint, or omit it",
    ),
    Rule(
        lambda c: c.model.embeddings is not None and c.training.init_from is not None,
        "model.embeddings is not for a training with training.init_from",
        "model.embeddings",
        "is for new models, but training.init_from has vectors of its own",
        "omit one of the two",
    ),
    Rule(
        lambda c: c.model.embeddings is not None and c.model.embedding_start != "drawn",
        "model.embedding_start: ppmi is not for a model with model.embeddings",
        "model.embedding_start",
        "is {value}, but model.embeddings names the vectors to start from",
        "omit one of the two",
    ),
    Rule(
        lambda c: any(part not in parts_of(c.model) for part in c.model.freeze),
        "model.freeze names only layers that model.layers has",
        "model.freeze",
        "names a layer that a model with model.layers {c.model.layers} lacks",
        "choose from embedding, layer1 to the last layer, and output",
    ),
    Rule(
        lambda c: frozen_parts(c.model) == set(parts_of(c.model)),
        "model.freeze leaves a part to train",
        "model.freeze",
        "names every part, which leaves nothing to train",
        "omit one of them",
    ),
)
