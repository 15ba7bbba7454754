"""The options ``--interpolate`` and ``--interpolate-weight``: a mixture with an n-gram model."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rnnlm_cli.commands.shared.figures import figure
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.evaluate.interpolation import Interpolation, NgramScores, fit_weight, interpolate
from rnnlm_cli.exchange.backoff import BEGIN, END, UNKNOWN, ArpaModel
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.report.score_forms import others_name
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.corpus import Corpus

NOTABLE_SHARE = 0.1
"""More of a text that an n-gram model does not know is worth a word."""


def score_with(arpa: ArpaModel, text: Corpus, saved: TrainedModel) -> NgramScores:
    """Score the targets of a text with an n-gram model.

    It is given the text as the network sees it: a token that the network does not know is the
    unknown word to both, so that they predict the same. A line begins after ``<s>``.
    """
    vocabulary, end = saved.vocabulary, saved.codec.line_end
    words = [END if token == end else others_name(token) for token in vocabulary.tokens]
    words[vocabulary.unknown_id] = UNKNOWN
    strangers = np.array([word not in arpa for word in words])
    share = float(np.mean(strangers[np.asarray(text.ids[1:])]))
    if share > NOTABLE_SHARE:
        note(
            f"{share:.0%} of the text's tokens are none of the n-gram model's; is it of this text?"
        )
    unknown = np.array([arpa.is_unknown(word) for word in words])
    history, found = [BEGIN], np.empty(len(text) - 1)
    for place, k in enumerate(np.asarray(text.ids).tolist()):
        if place > 0:
            found[place - 1] = arpa.log10_prob(history, words[k])
        history = [BEGIN] if words[k] == END else [*history, words[k]][-arpa.order :]
    return NgramScores(found * math.log(10), unknown[np.asarray(text.ids[1:])])


def mix_with(
    arpa: ArpaModel,
    saved: TrainedModel,
    text: Corpus,
    own: Array,
    weight: float | tuple[Corpus, Array],
) -> Interpolation:
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
        weight = fit_weight(weight[1], score_with(arpa, weight[0], saved).log_probs)
    return interpolate(own, score_with(arpa, text, saved), weight, fitted)


def mixture_rows(mixed: dict[str, Any]) -> list[str]:
    """Lay a mixture out for reading, from what ``--json`` says of it."""
    fitted = "fitted on the validation text" if mixed["fitted"] else "as given"
    without = {
        name: "no other token" if value is None else f"{figure(value)}"
        for name, value in mixed.items()
        if name.endswith("_without_unknown")
    }
    return [
        f"n-gram model: perplexity {figure(mixed['ngram'])}, "
        f"without unknown {without['ngram_without_unknown']}",
        f"mixture: perplexity {figure(mixed['mix'])}, "
        f"without unknown {without['mix_without_unknown']}, "
        f"the network's weight {mixed['weight']:.4f}, {fitted}",
        f"unknown to the n-gram model: {mixed['unknown']:,}; known, but with probability zero: "
        f"{mixed['zero_probabilities']:,}",
    ]
