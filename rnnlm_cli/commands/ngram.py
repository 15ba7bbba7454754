"""The options ``--interpolate`` and ``--interpolate-weight``: a mixture with an n-gram model."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.commands.messages import note
from rnnlm_cli.evaluate.interpolation import fit_weight, mixture
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.exchange.arpa import BEGIN, END, UNKNOWN, ArpaModel
from rnnlm_cli.exchange.score_reports import others_name
from rnnlm_cli.nn.layer import Array
from rnnlm_cli.text.corpus import Corpus

NOTABLE_SHARE = 0.1
"""More of a text that an n-gram model does not know is worth a word."""


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
    words = [END if token == end else others_name(token) for token in vocabulary.tokens]
    words[vocabulary.unknown_id] = UNKNOWN
    strangers = [word not in arpa for word in words]
    share = float(np.mean(np.array(strangers)[text.ids[1:]]))
    if share > NOTABLE_SHARE:
        note(
            f"{share:.0%} of the text's tokens are none of the n-gram model's; is it of this text?"
        )
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
    own: Array,
    weight: float | tuple[Corpus, Array],
) -> Mixed:
    """Mix a network with an n-gram model.

    Args:
        arpa: The n-gram model.
        saved: The network.
        text: What is scored.
        own: Natural logs ``(N-1,)`` of its targets under the network.
        weight: Of the network, or a text on which it is fitted, with its logs.
    """
    fitted = isinstance(weight, tuple)
    if isinstance(weight, tuple):
        weight = fit_weight(weight[1], ngram_log_probs(arpa, weight[0], saved))
    other = ngram_log_probs(arpa, text, saved)
    mixed = mixture(own, other, weight)
    return Mixed(
        perplexity(-float(other.sum()), len(other)),
        perplexity(-float(mixed.sum()), len(mixed)),
        weight,
        fitted,
    )
