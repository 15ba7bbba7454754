"""The options ``--interpolate`` and ``--interpolate-weight``: a mixture with an n-gram model."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.evaluate.interpolation import fit_weight, mixture
from rnnlm_cli.evaluate.perplexity import Scorer, perplexity, target_log_probs
from rnnlm_cli.exchange.arpa import BEGIN, END, UNKNOWN, ArpaModel
from rnnlm_cli.nn.layer import Array
from rnnlm_cli.text.corpus import Corpus


class Mixed(NamedTuple):
    """Perplexities of an n-gram model and of its mixture with the network."""

    ngram: float
    mix: float
    weight: float  # of the network
    fitted: bool


def ngram_log_probs(arpa: ArpaModel, text: Corpus, saved: SavedModel) -> Array:
    """Score the targets of a text with an n-gram model: natural logs ``(N-1,)``.

    It is given the text as the network sees it: a token that the network does not know is the
    unknown word to both, so that they predict the same. A line begins after ``<s>``.
    """
    vocabulary, end = saved.vocabulary, saved.tokenizer.line_end
    words = [END if token == end else token for token in vocabulary.tokens]
    words[vocabulary.unknown_id] = UNKNOWN
    history, found = [BEGIN], np.empty(len(text) - 1)
    for place, k in enumerate(text.ids.tolist()):
        if place > 0:
            found[place - 1] = arpa.log10_prob(history, words[k])
        history = [BEGIN] if words[k] == END else [*history, words[k]][-arpa.order :]
    return found * math.log(10)


def mix_with(
    arpa: ArpaModel,
    saved: SavedModel,
    text: Corpus,
    weight: float | Corpus,
    score: Scorer,
    at_once: int | None = None,
) -> Mixed:
    """Mix a network with an n-gram model.

    Args:
        arpa: The n-gram model.
        saved: The network.
        text: What is scored.
        weight: Of the network, or the text on which it is to be fitted.
        score: How the network reads.
        at_once: How many tokens at a time.
    """
    fitted = isinstance(weight, Corpus)
    if isinstance(weight, Corpus):
        own = target_log_probs(saved.model, weight, score, at_once)
        weight = fit_weight(own, ngram_log_probs(arpa, weight, saved))
    own = target_log_probs(saved.model, text, score, at_once)
    other = ngram_log_probs(arpa, text, saved)
    mixed = mixture(own, other, weight)
    return Mixed(
        perplexity(-float(other.sum()), len(other)),
        perplexity(-float(mixed.sum()), len(mixed)),
        weight,
        fitted,
    )
