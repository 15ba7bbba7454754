"""A network and an n-gram model on the same text, token by token."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from rnnlm_cli.evaluate.interpolation import Interpolation, NgramScores, fit_weight, interpolate
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.spellings import BEGIN, END, others_names
from rnnlm_cli.text.vocabulary import Vocabulary


class TokenScorer(Protocol):
    """An n-gram model.

    Attributes:
        order: The length of its longest n-grams, in tokens.
    """

    order: int

    def __contains__(self, word: str) -> bool:
        """Whether it lists a word."""

    def is_unknown(self, word: str) -> bool:
        """Whether a word is the unknown word, or is not listed."""

    def log10_prob(self, history: Sequence[str], word: str) -> float:
        """Return ``log10 p(word | history)``; minus infinity for probability zero."""


class Mixture:
    """Scores a network's text with an n-gram model, and mixes both.

    The n-gram model is given the text as the network sees it: a token that the network does not
    know is the unknown word to both, so that both predict the same. A line begins after ``<s>``.
    """

    def __init__(self, scorer: TokenScorer, vocabulary: Vocabulary, line_end: str | None) -> None:
        """Map the network's tokens to the words of the n-gram model.

        Args:
            scorer: The n-gram model.
            vocabulary: The network's vocabulary.
            line_end: The network's end-of-line token.
        """
        self._scorer = scorer
        self._words = others_names(vocabulary, line_end)

    def share_of_strangers(self, text: Corpus) -> float:
        """Return the share of a text's targets that the n-gram model does not list."""
        strangers = np.array([word not in self._scorer for word in self._words])
        return float(np.mean(strangers[np.asarray(text.ids[1:])]))

    def ngram_scores(self, text: Corpus) -> NgramScores:
        """Score the targets of a text (all tokens but the first) with the n-gram model."""
        words, ids = self._words, np.asarray(text.ids)
        unknown = np.array([self._scorer.is_unknown(word) for word in words])
        history, found = [BEGIN], np.empty(len(text) - 1)
        for place, k in enumerate(ids.tolist()):
            if place > 0:
                found[place - 1] = self._scorer.log10_prob(history, words[k])
            more = [*history, words[k]][-self._scorer.order :]
            history = [BEGIN] if words[k] == END else more
        return NgramScores(found * math.log(10), unknown[ids[1:]])

    def fitted_weight(self, text: Corpus, own: Array) -> float:
        """Return the network's weight that maximizes the likelihood of a text.

        Args:
            text: The text.
            own: Natural logs ``(N-1,)`` of its targets under the network.
        """
        return fit_weight(own, self.ngram_scores(text).log_probs)

    def measure(self, text: Corpus, own: Array, weight: float, fitted: bool) -> Interpolation:
        """Return the perplexities of the n-gram model and of the mixture.

        Args:
            text: The text.
            own: Natural logs ``(N-1,)`` of its targets under the network.
            weight: The network's weight.
            fitted: Whether the weight was fitted.
        """
        return interpolate(own, self.ngram_scores(text), weight, fitted)
