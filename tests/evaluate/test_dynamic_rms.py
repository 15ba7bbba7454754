"""Dynamic evaluation with root mean squares, against a textbook network and its own gradients."""

import numpy as np
import pytest

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.evaluate import training_gradients
from rnnlm_cli.evaluate.dynamic import DynamicSettings, score_dynamically
from rnnlm_cli.evaluate.stream import target_log_probs
from rnnlm_cli.evaluate.training_gradients import gather_rms
from rnnlm_cli.evaluate.tuning import tune_dynamic
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.text.corpus import Corpus

V, E, H = 6, 3, 4
NAMES = {
    "E": "embedding.weight",
    "U": "layer0.weight_ih",
    "W": "layer0.weight_hh",
    "b": "layer0.bias",
    "O": "output.weight",
    "d": "output.bias",
}


def text(ids):
    return Corpus("text", np.asarray(ids), 0, 0)


@pytest.fixture
def network():
    model = ModelConfig(cell="rnn", embedding_size=E, hidden_size=H)
    network = Rnnlm.random(model, V, np.random.default_rng(1), np.float64, "plain")
    network.embedding.weight.value *= 100
    return network


class Textbook:
    """An Elman network, one token and one stream at a time."""

    def __init__(self, network):
        self.w = {key: network.params[name].value.copy() for key, name in NAMES.items()}

    def segment(self, inputs, targets, h):
        """Log-probabilities, gradients of the mean loss, and the state after a segment."""
        w, log_probs = self.w, []
        g = {key: np.zeros_like(value) for key, value in w.items()}
        hs, ps = [h], []
        for x, y in zip(inputs, targets, strict=True):
            hs.append(np.tanh(w["E"][x] @ w["U"] + hs[-1] @ w["W"] + w["b"]))
            p = np.exp(w["O"] @ hs[-1] + w["d"])
            ps.append(p / p.sum())
            log_probs.append(np.log(ps[-1][y]))
        carried = np.zeros(H)
        for t in reversed(range(len(inputs))):
            dp = ps[t].copy()
            dp[targets[t]] -= 1
            dp /= len(inputs)
            g["O"] += np.outer(dp, hs[t + 1])
            g["d"] += dp
            da = (w["O"].T @ dp + carried) * (1 - hs[t + 1] ** 2)
            g["U"] += np.outer(w["E"][inputs[t]], da)
            g["W"] += np.outer(hs[t], da)
            g["b"] += da
            g["E"][inputs[t]] += w["U"] @ da
            carried = w["W"] @ da
        return log_probs, g, hs[-1]


def textbook_rms(network, ids, streams, steps):
    """The root mean square over the blocks of the gradient of each block's mean loss."""
    book, length = Textbook(network), (len(ids) - 1) // streams
    assert length * streams == len(ids) - 1, "all streams of one length"
    states, squares, blocks = [np.zeros(H)] * streams, {}, range(0, length, steps)
    for begin in blocks:
        end, whole = min(begin + steps, length), dict.fromkeys(NAMES, 0.0)
        for k in range(streams):
            part = ids[k * length + begin : k * length + end + 1]
            _, g, states[k] = book.segment(part[:-1], part[1:], states[k])
            whole = {key: whole[key] + g[key] / streams for key in NAMES}
        squares = {key: squares.get(key, 0) + whole[key] ** 2 for key in NAMES}
    return {key: np.sqrt(total / len(blocks)) for key, total in squares.items()}


def textbook_scores(network, ids, rms, settings):
    book, h, found = Textbook(network), np.zeros(H), []
    first = {key: value.copy() for key, value in book.w.items()}
    average = np.mean([m.mean() for m in rms.values()])
    for begin in range(0, len(ids) - 1, settings.segment):
        part = ids[begin : begin + settings.segment + 1]
        log_probs, g, h = book.segment(part[:-1], part[1:], h)
        found += log_probs
        for key, m in rms.items():
            pull = np.minimum(settings.decay * m / average, 1)
            step = settings.learning_rate * g[key] / (m + settings.epsilon)
            book.w[key] = book.w[key] + pull * (first[key] - book.w[key]) - step
    return np.array(found)


@pytest.mark.parametrize("segment", [1, 3])
def test_it_is_the_textbook_s(network, monkeypatch, segment):
    """Statistics over two streams with a shorter last block, then the text, segment by segment."""
    monkeypatch.setattr(training_gradients, "STREAMS", 2)
    rng = np.random.default_rng(0)
    train, ids = rng.integers(0, V, 21), rng.integers(0, V, 18)
    settings = DynamicSettings(0.05, 0.4, 1e-2, segment)
    weights = {name: param.value.copy() for name, param in network.params.items()}
    rms = gather_rms(network, text(train), segment)
    expected = textbook_rms(network, train, 2, segment)
    for key, name in NAMES.items():
        np.testing.assert_allclose(rms.values[name], expected[key], rtol=1e-9, atol=1e-12)
    assert rms.blocks == -(-10 // segment)
    found = target_log_probs(
        network, text(ids), lambda m, b: score_dynamically(m, b, settings, rms), segment
    )
    book = textbook_scores(network, ids, expected, settings)
    np.testing.assert_allclose(found, book, rtol=1e-9)
    for name, param in network.params.items():
        np.testing.assert_array_equal(param.value, weights[name])


def test_a_large_decay_goes_back_to_the_trained_weights_and_not_beyond(network):
    """With a share of 1 for every weight, only the last step is left."""
    ids = np.random.default_rng(0).integers(0, V, 30)
    rms = gather_rms(network, text(ids), 5)
    assert all((m > 0).any() for m in rms.values.values())
    settings = DynamicSettings(0.0, 1e9, 1e-2, 5)
    static = target_log_probs(network, text(ids))
    found = target_log_probs(
        network, text(ids), lambda m, b: score_dynamically(m, b, settings, rms), 5
    )
    np.testing.assert_allclose(found, static, rtol=1e-12)


def test_statistics_of_a_long_text_are_of_the_beginning_of_each_stream(network, monkeypatch):
    monkeypatch.setattr(training_gradients, "STREAMS", 2)
    monkeypatch.setattr(training_gradients, "MOST_BLOCKS", 2)
    ids = np.random.default_rng(0).integers(0, V, 21)
    changed = ids.copy()
    changed[7:10] = changed[17:21] = 0  # beyond 2 blocks of 3 steps of both streams, but the last
    one, other = (gather_rms(network, text(each), 3) for each in (ids, changed))
    assert one.blocks == 2
    for name, rms in one.values.items():
        np.testing.assert_array_equal(rms, other.values[name])


def test_tuning_asks_for_statistics_once_per_segment_and_agrees_with_scoring(network):
    ids, asked = text(np.tile([0, 3, 1, 2, 2], 12)), []

    def rms(segment):
        asked.append(segment)
        return gather_rms(network, ids, segment)

    grid = [DynamicSettings(rate, 0.0, 1e-3, n) for n in (2, 5) for rate in (0.001, 0.01)]
    tried = list(tune_dynamic(network, ids, grid, rms))
    assert asked == [2, 5]
    assert [one.settings for one in tried] == [None, *grid]
    direct = target_log_probs(
        network, ids, lambda m, b: score_dynamically(m, b, grid[-1], rms(5)), 5
    )
    assert tried[-1].perplexity == pytest.approx(np.exp(-direct.mean()), rel=1e-10)
    assert tried[-1].perplexity < tried[0].perplexity
