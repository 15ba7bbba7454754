"""Mixtures of networks and n-gram models of any program."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.histories import Distributions, History
from rnnlm_cli.evaluate.mixture import Mixing
from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.evaluate.stream import Counted, score_stream
from rnnlm_cli.exchange.arpa import read_arpa
from rnnlm_cli.exchange.arpa_writer import write_arpa
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.members import NgramMember
from rnnlm_cli.ngrams.kneser_ney import estimate
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.spellings import others_names
from rnnlm_cli.text.vocabulary import Vocabulary


class Bigrams:
    """Given probabilities; records its queries."""

    order = 2

    def __init__(self, probabilities):
        self.probabilities, self.asked, self.words = probabilities, [], []

    def __contains__(self, word):
        return any(word in pair for pair in self.probabilities)

    def is_unknown(self, word):
        return word == "<unk>" or word not in self

    def ids_of(self, words):
        self.words += words
        return np.array([self.words.index(word) for word in words])

    def log10_probs(self, histories, words):
        asked = [(self.words[h], self.words[k]) for (h,), k in zip(histories, words, strict=True)]
        self.asked += asked
        with np.errstate(divide="ignore"):
            return np.log10([self.probabilities.get(pair, 0) for pair in asked])

    def distributions_of(self, words):
        """Not asked for here."""


TOKENS = ["<eos>", "a", " ", "b", "<none>"]
VOCABULARY = Vocabulary(TOKENS, np.ones(5, np.int64), "<none>")


def corpus(ids):
    ids = np.array(ids)
    return Corpus("the text", ids, 0, 9, targets=len(ids) - 1, bytes=9, words=3)


TEXT = corpus([0, 1, 2, 0, 4, 0, 3])


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


@pytest.fixture
def mixing(saved, bigrams):
    network = Rnnlm.random(saved.config.model, 5, np.random.default_rng(1))
    return Mixing(replace(saved, vocabulary=VOCABULARY, network=network), ngram=bigrams)


def test_the_ngram_model_reads_what_the_network_sees(mixing, bigrams):
    found = mixing.scores(TEXT)[1]
    assert bigrams.asked == [
        ("<s>", "a"),
        ("a", "<space>"),
        ("<space>", "</s>"),
        ("<s>", "<unk>"),
        ("<unk>", "</s>"),
        ("<s>", "b"),
    ]
    np.testing.assert_allclose(np.exp(found), [0.5, 0.25, 0.1, 0.2, 0.4, 0])


def test_words_that_are_not_listed_are_counted(mixing):
    assert mixing.share_of_strangers(TEXT) == pytest.approx(1 / 6)


def test_both_are_measured_on_the_same_tokens(mixing):
    first = Counted(TEXT.ids[1:], np.log(np.full(6, 0.3)))
    found = mixing.measure(TEXT, first, [0.5, 0.5], fitted=False)
    assert found.ensemble is None
    found = found.interpolation
    mixed = [0.4, 0.275, 0.2, 0.25, 0.35, 0.15]
    assert found.mix == pytest.approx(np.prod(mixed) ** (-1 / 6))
    assert found.ngram == math.inf
    known = np.array([0.5, 0.25, 0.1, 0.4])
    assert found.ngram_without_unknown == pytest.approx(np.prod(known) ** (-1 / 4))
    assert (found.unknown, found.zero_probabilities, found.fitted) == (2, 0, False)


@pytest.fixture
def three(saved, tmp_path):
    """Two networks, the second with its tokens in another order, and a trigram model."""
    types, rng = len(saved.vocabulary), np.random.default_rng(5)
    other = Rnnlm.random(saved.config.model, types, rng, np.float64)
    other.output.weight.value *= 3
    order = rng.permutation(types)  # the other id of each token
    renamed = Rnnlm.random(saved.config.model, types, rng, np.float64)
    for name, param in other.params.items():
        by_token = len(param.value) == types
        renamed.params[name].value[order if by_token else ...] = param.value
    tokens = np.empty(types, object)
    tokens[order] = saved.vocabulary.tokens
    vocabulary = Vocabulary(tokens.tolist(), saved.vocabulary.counts, "<unk>")
    end = saved.line_start()
    model = estimate(rng.integers(0, types, 300), end, types, 3).model
    write_arpa(tmp_path / "m.arpa", model, [*others_names(saved.vocabulary, "<eos>"), "<s>"])
    ngram = read_arpa(str(tmp_path / "m.arpa"))
    mixing = Mixing(saved, [("b", replace(saved, network=renamed, vocabulary=vocabulary))], ngram)
    return mixing, other, NgramMember(ngram, saved.vocabulary, "<eos>")


WEIGHTS = [0.5, 0.2, 0.3]


def by_hand(saved, other, ngram, ids, log10_prob):
    """Probabilities of the token after each of the ids, ``(T, V)``."""
    found, state, state2, history = [], *[saved.network.initial_state(1)] * 2, ["<s>"]
    for k in ids:
        a, state = saved.network.next_log_probs(np.array([[k]]), state)
        b, state2 = other.next_log_probs(np.array([[k]]), state2)
        word = ngram.words[k]
        history = ["<s>"] if word == "</s>" else [*history, word][-2:]
        c = [10 ** log10_prob(ngram.scorer, history, word) for word in ngram.words]
        found.append(0.5 * np.exp(a[0]) + 0.2 * np.exp(b[0]) + 0.3 * np.array(c))
    return np.array(found)


def test_a_mixture_adds_probabilities_wherever_a_model_reads(saved, three, log10_prob):
    """Next tokens, a stream in blocks, sequences in a tree, and histories, by one network."""
    mixing, other, ngram = three
    end = saved.line_start()
    ids = [end, 3, 1, 1, end, 2, 4, 3, 0, 1]
    expected = by_hand(saved, other, ngram, ids, log10_prob)
    np.testing.assert_allclose(expected.sum(axis=1), 1)
    model = mixing.model([5, 2, 3])
    zeros = model.network.initial_state(2)
    both = np.array([ids[:5], ids[:5]]).T
    log_probs, state = model.next_log_probs(both, zeros)
    np.testing.assert_allclose(np.exp(log_probs), expected[[4, 4]], rtol=1e-6)
    after, _ = model.next_log_probs(both[:1] * 0 + ids[5], state)
    np.testing.assert_allclose(np.exp(after[1]), expected[5], rtol=1e-6)
    targets = np.log(expected[np.arange(9), ids[1:]])
    one = model.network.initial_state(1)
    np.testing.assert_allclose(score_stream(model.network, np.array(ids), one)[0], targets, 1e-6)
    np.testing.assert_allclose(
        np.logaddexp.reduce(mixing.scores(corpus(ids)) + np.log([[w] for w in WEIGHTS])), targets
    )
    lines = [np.array(ids[1 : n + 1]) for n in (9, 4, 9)]
    for found in score_sequences(model.network, lines, end):
        np.testing.assert_allclose(found, targets[: len(found)], rtol=1e-6)
    found = Distributions(model).after(History().then(*ids))
    np.testing.assert_allclose(np.exp(found), expected[-1], rtol=1e-6)


def test_the_fitted_weights_and_the_figures_of_the_networks(three):
    mixing, _, _ = three
    text = corpus(np.random.default_rng(2).integers(0, 8, 200))
    weights = mixing.fitted(text)
    scores = mixing.scores(text)
    first = Counted(text.ids[1:], scores[0])
    logs = np.log(weights)[:, np.newaxis]
    gain = np.exp(scores - np.logaddexp.reduce(scores + logs)).mean(axis=1)
    assert max(gain) < 1.001  # of the likelihood, by more weight of a model: no more at the best
    best = mixing.measure(text, first, weights, fitted=True)
    assert best.interpolation.mix_nats == pytest.approx(-np.logaddexp.reduce(scores + logs).sum())
    ensemble = best.ensemble
    assert sum(ensemble.weights) == pytest.approx(1)
    assert [one.nats for one in ensemble.models] == pytest.approx(-scores[:2].sum(axis=1))
    shares = np.log(ensemble.weights)[:, np.newaxis]
    assert ensemble.mix.nats == pytest.approx(-np.logaddexp(*(scores[:2] + shares)).sum())


def test_what_cannot_be_mixed(saved):
    fewer = Vocabulary([*saved.vocabulary.tokens[:-1], "new"], saved.vocabulary.counts, "<unk>")
    with pytest.raises(UsageError, match=r"b.pkl: 2 tokens are known to it or to the first model"):
        Mixing(saved, [("b.pkl", replace(saved, vocabulary=fewer))])
    codec = replace(saved.codec, end_of_line=None)
    with pytest.raises(UsageError, match="the token that ends lines is None, and '<eos>' in"):
        Mixing(saved, [("b.pkl", replace(saved, codec=codec))])
    for weights in ([1], [1, -1], [0, 0], [math.nan, 1]):
        with pytest.raises(UsageError, match="is not a weight of 0 or above for each of the 2"):
            Mixing(saved, [("b.pkl", saved)]).model(weights)
