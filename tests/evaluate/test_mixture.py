"""Mixing a network with an n-gram model of any program."""

import math

import numpy as np
import pytest

from rnnlm_cli.evaluate.mixture import Mixture
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.vocabulary import Vocabulary


class Bigrams:
    """Given probabilities; records its queries."""

    order = 2

    def __init__(self, probabilities):
        self.probabilities, self.asked = probabilities, []

    def __contains__(self, word):
        return any(word in pair for pair in self.probabilities)

    def is_unknown(self, word):
        return word == "<unk>" or word not in self

    def log10_prob(self, history, word):
        self.asked.append((*history, word))
        probability = self.probabilities.get((history[-1], word), 0)
        return math.log10(probability) if probability else -math.inf


TOKENS = ["<eos>", "a", " ", "b", "<none>"]
VOCABULARY = Vocabulary(TOKENS, np.ones(5, np.int64), "<none>")


def corpus(*tokens):
    ids = np.array([TOKENS.index(token) for token in tokens])
    return Corpus("the text", ids, 0, 0)


@pytest.fixture
def bigrams():
    return Bigrams(
        {
            ("<s>", "a"): 0.5,
            ("a", "<space>"): 0.25,
            ("<space>", "</s>"): 0.1,
            ("<s>", "<unk>"): 0.2,
            ("<unk>", "</s>"): 0.4,
        }
    )


TEXT = corpus("<eos>", "a", " ", "<eos>", "<none>", "<eos>", "b")


def test_the_ngram_model_reads_what_the_network_sees(bigrams):
    found = Mixture(bigrams, VOCABULARY, "<eos>").ngram_scores(TEXT)
    assert bigrams.asked == [
        ("<s>", "a"),
        ("<s>", "a", "<space>"),
        ("a", "<space>", "</s>"),
        ("<s>", "<unk>"),
        ("<s>", "<unk>", "</s>"),
        ("<s>", "b"),
    ]
    np.testing.assert_allclose(np.exp(found.log_probs), [0.5, 0.25, 0.1, 0.2, 0.4, 0])
    assert found.unknown.tolist() == [False, False, False, True, False, True]


def test_words_that_are_not_listed_are_counted(bigrams):
    assert Mixture(bigrams, VOCABULARY, "<eos>").share_of_strangers(TEXT) == pytest.approx(1 / 6)


def test_both_are_measured_on_the_same_tokens(bigrams):
    mixture, own = Mixture(bigrams, VOCABULARY, "<eos>"), np.log(np.full(6, 0.3))
    found = mixture.measure(TEXT, own, 0.5, fitted=False)
    mixed = [0.4, 0.275, 0.2, 0.25, 0.35, 0.15]
    assert found.mix == pytest.approx(np.prod(mixed) ** (-1 / 6))
    assert found.ngram == math.inf
    known = np.array([0.5, 0.25, 0.1, 0.4])
    assert found.ngram_without_unknown == pytest.approx(np.prod(known) ** (-1 / 4))
    assert (found.unknown, found.zero_probabilities, found.fitted) == (2, 0, False)


def test_the_fitted_weight_maximizes_the_likelihood(bigrams):
    mixture, own = Mixture(bigrams, VOCABULARY, "<eos>"), np.log([0.1, 0.6, 0.2, 0.1, 0.3, 0.2])
    weight = mixture.fitted_weight(TEXT, own)
    fitted = mixture.measure(TEXT, own, weight, fitted=True).mix
    for other in np.linspace(0.01, 0.99, 99):
        assert fitted <= mixture.measure(TEXT, own, other, fitted=True).mix + 1e-6
