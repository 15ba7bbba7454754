"""Fine-tuning: what a training takes from another model, and how its vocabulary grows."""

from __future__ import annotations

import os

import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.config import Config
from rnnlm_cli.config.load import ModelOf
from rnnlm_cli.config.run_names import LAST, stem_of
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.growth import add_tokens
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.storage import count


def model_to_continue(resume: bool) -> ModelOf:
    """Return how to find the configuration that gives what a config does not write.

    It is that of the model to start from; on resume that of the saved state, if there is one, so
    that the model to start from is not read again.
    """

    def config_of(init_from: str, path: str) -> Config:
        last = stem_of(path) + LAST
        resumes = resume and bool(path) and os.path.exists(last)
        return checkpoint.load_any(last if resumes else init_from).model.config

    return config_of


def add_new_tokens(
    path: str, source: TrainedNetwork, network: Network, texts: TrainingTexts
) -> list[str]:
    """Let a network grow by the tokens that a text added to the vocabulary; return notes.

    Args:
        path: The model to start from.
        source: That model.
        network: The network to change, with the source's weights.
        texts: The texts, whose vocabulary has the source's tokens first.

    Raises:
        UsageError: The output layer cannot grow.
    """
    assert isinstance(network, Rnnlm)  # config/ refuses the key for other tasks
    before, vocabulary = len(source.vocabulary), texts.vocabulary
    new = len(vocabulary) - before
    if not new:
        return [f"the training text adds no type to the vocabulary of {path}"]
    unknown = vocabulary.unknown_id
    counts = count(texts.train.ids, len(vocabulary))
    try:
        add_tokens(network, unknown, shares(counts, unknown, before))
    except UsageError as error:
        raise UsageError(
            f"corpus.extend_vocabulary: {error}; train a new model, or omit the key", place=path
        ) from None
    added = int(counts[before:].sum())
    notes = [
        f"{new:,} new {'type' if new == 1 else 'types'} ({added:,} of {len(texts.train):,} tokens "
        f"of the training text) added to the vocabulary of {path}, now {len(vocabulary):,}"
    ]
    if not source.vocabulary.counts[unknown]:
        notes.append(
            f"{vocabulary.unknown} never occurred in the training of {path}: new types begin with "
            "an untrained vector and almost no probability, so the first losses are high"
        )
    return notes


def shares(counts: Array, unknown: int, known: int) -> Array:
    """Return the unknown token's share of its probability, then those of the new tokens.

    They are by count in the new text. The unknown token's count is taken one higher, so that it
    keeps a probability where the new tokens cover the whole text.

    Args:
        counts: ``(V,)`` of the new text, new tokens last.
        unknown: The id of the unknown token.
        known: Number of tokens that are not new.

    >>> shares(np.array([5, 1, 3, 3]), unknown=1, known=2).tolist()
    [0.25, 0.375, 0.375]
    """
    parts = np.concatenate([[counts[unknown] + 1], counts[known:]]).astype(np.float64)
    divided: Array = parts / parts.sum()
    return divided
