"""The cache and dynamic evaluation: exact, and they use only tokens already scored."""

import numpy as np
import pytest

from rnnlm_cli.errors import TrainingError
from rnnlm_cli.evaluate import adaptation
from rnnlm_cli.evaluate.adaptation import adapted_scorer, recorded
from rnnlm_cli.evaluate.dynamic import DynamicSettings, score_dynamically
from rnnlm_cli.evaluate.neural_cache import CacheSettings, NeuralCache, mix
from rnnlm_cli.evaluate.stream import evaluation_blocks, score_blocks, target_log_probs
from rnnlm_cli.evaluate.tuning import tune_cache, tune_dynamic
from rnnlm_cli.text.corpus import Corpus

CACHE, DYNAMIC = CacheSettings(6, 0.7, 0.3), DynamicSettings(0.5, 0.01)
V = 9


def text(ids):
    return Corpus("text", np.asarray(ids), 0, 0)


READERS = {
    "cache": adapted_scorer(CACHE, None)[0],
    "dynamic": adapted_scorer(None, DYNAMIC)[0],
    "both": adapted_scorer(CACHE, DYNAMIC)[0],
}


def scores(saved, ids, read, block=5):
    return target_log_probs(saved.network, text(ids), read, block)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("place", [1, 5, 11, 19])
def test_no_token_is_used_before_it_is_scored(saved, read, place):
    """A token does not change the scores before it; the probabilities at a place sum to 1."""
    ids = np.random.default_rng(0).integers(0, V, 24)
    total, before, after = 0.0, [], []
    for token in range(V):
        ids[place] = token
        found = scores(saved, ids, read)
        total += np.exp(found[place - 1])
        before.append(found[: place - 1])
        after.append(found[place:])
    assert total == pytest.approx(1, rel=1e-12)
    assert np.ptp(before, axis=0).max(initial=0) < 1e-12
    assert np.ptp(after, axis=0).min() > 1e-9, "what comes after does depend on it"


@pytest.mark.parametrize("block", [1, 4, 100])
def test_the_cache_follows_its_equation(saved, block):
    ids = np.random.default_rng(0).integers(0, V, 20)
    scored = list(score_blocks(saved.network, evaluation_blocks(text(ids), tokens=block)))
    h = np.concatenate([one.h[:, 0] for one in scored])
    own = np.concatenate([one.log_probs[:, 0] for one in scored])
    found = scores(saved, ids, READERS["cache"], block)
    for t in range(len(found)):
        past = range(max(0, t - CACHE.size), t)
        mass = {i: np.exp(CACHE.theta * h[t] @ h[i]) for i in past}
        hit = sum(mass[i] for i in past if ids[i + 1] == ids[t + 1])
        expected = np.exp(own[t])
        if mass:
            share = hit / sum(mass.values())
            expected = (1 - CACHE.weight) * expected + CACHE.weight * share
        assert np.exp(found[t]) == pytest.approx(expected, rel=1e-9)


def test_an_empty_cache_does_not_change_the_model():
    own = np.log(np.array([0.2, 0.5]))
    of_cache = np.array([np.nan, -np.inf])
    np.testing.assert_allclose(np.exp(mix(own, of_cache, 0.1)), [0.2, 0.45])
    cache = NeuralCache(5, 1.0)
    assert np.isnan(cache.log_probs(np.ones((1, 3)), np.array([1]))).all()


def test_learning_from_a_repetitive_text_helps_and_restores_the_model(saved):
    weights = {name: param.value.copy() for name, param in saved.network.params.items()}
    ids = np.tile([0, 3, 1, 2, 2], 60)
    static = scores(saved, ids, score_blocks).sum()
    dynamic = scores(saved, ids, lambda m, b: score_dynamically(m, b, DynamicSettings(0.5))).sum()
    assert dynamic > static + 50
    for name, param in saved.network.params.items():
        np.testing.assert_array_equal(param.value, weights[name])


def test_a_rate_of_zero_gives_the_static_model(saved):
    ids = np.random.default_rng(0).integers(0, V, 40)
    still = scores(saved, ids, lambda m, b: score_dynamically(m, b, DynamicSettings(0.0, 0.5)))
    np.testing.assert_allclose(still, scores(saved, ids, score_blocks), rtol=1e-12)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_model_that_is_no_longer_finite_is_named_with_its_segment(saved, monkeypatch, value):
    """A weight becomes NaN after the third segment; -inf is the log of probability 0."""
    ids = np.arange(400) % V
    loss, calls = saved.network.output.loss_and_gradients, iter(range(1, 100))

    def spoiling(h, targets):
        found = loss(h, targets)
        if next(calls) == 3:
            saved.network.output.bias.value[0] = value
        return found

    monkeypatch.setattr(saved.network.output, "loss_and_gradients", spoiling)
    with pytest.raises(TrainingError, match=r"^dynamic 0\.5: .* diverges in segment 4;"):
        scores(saved, ids, lambda m, b: score_dynamically(m, b, DynamicSettings(0.5)))
    assert np.isfinite(saved.network.output.bias.value).all(), "the model is what it was"


def diverging(model, blocks, settings, rms):
    """Stands in for ``score_dynamically``: rates above 1 diverge."""
    if settings.learning_rate > 1:
        raise TrainingError("the loss is no longer finite")
    return score_dynamically(model, blocks, settings, rms)


def test_tuning_tries_all_settings_and_agrees_with_scoring(saved, monkeypatch):
    ids = np.tile([0, 3, 1, 2, 2], 20)
    corpus = text(ids)
    tried = list(tune_cache(saved.network, corpus, [3, 6], [0.7], [0.1, 0.3]))
    assert len(tried) == 5
    (found,) = [one.perplexity for one in tried if one.settings == CACHE]
    direct = scores(saved, ids, READERS["cache"])
    assert found == pytest.approx(np.exp(-direct.mean()), rel=1e-10)
    monkeypatch.setattr(adaptation, "score_dynamically", diverging)
    grid = [DynamicSettings(0.5), DynamicSettings(2.0)]
    dynamic = list(tune_dynamic(saved.network, corpus, grid))
    assert dynamic[0].settings is None
    assert dynamic[0].perplexity == pytest.approx(tried[0].perplexity, rel=1e-10)
    assert dynamic[1].perplexity < dynamic[0].perplexity
    assert dynamic[2].perplexity == np.inf
    beside = list(tune_dynamic(saved.network, corpus, grid[:1], cache=CACHE))
    assert beside[0].perplexity == pytest.approx(found, rel=1e-10)
    both = adapted_scorer(CACHE, grid[0])[0]
    assert beside[1].perplexity == pytest.approx(np.exp(-scores(saved, ids, both, 20).mean()))


def test_a_recorded_scorer_gives_the_same_and_keeps_the_first_stream(saved):
    ids = np.random.default_rng(0).integers(0, V, 20)
    recording, parts = recorded(READERS["cache"])
    found = scores(saved, ids, recording)
    np.testing.assert_array_equal(np.concatenate([part.log_probs for part in parts]), found)
    np.testing.assert_array_equal(np.concatenate([part.targets for part in parts]), ids[1:])
    np.testing.assert_array_equal(found, scores(saved, ids, READERS["cache"]))
