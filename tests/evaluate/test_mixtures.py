"""Interpolation and comparison of models."""

import numpy as np
import pytest

from rnnlm_cli.evaluate.comparison import compare, line_nats
from rnnlm_cli.evaluate.interpolation import fit_weight, mixture
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.splits import read_text


def test_a_mixture_is_one_of_probabilities():
    first, second = np.log([0.5, 0.1]), np.log([0.1, 0.3])
    np.testing.assert_allclose(np.exp(mixture(first, second, 0.25)), [0.2, 0.25])
    assert np.exp(mixture(np.array([-np.inf]), np.log([0.5]), 0.4)) == pytest.approx(0.3)


def test_expectation_maximization_finds_the_best_weight():
    rng = np.random.default_rng(0)
    first, second = np.log(rng.random((2, 5000)))
    weight = fit_weight(first, second)
    around = np.linspace(0.001, 0.999, 999)
    best = around[np.argmax([mixture(first, second, w).sum() for w in around])]
    assert weight == pytest.approx(best, abs=2e-3)


def test_a_model_that_is_always_better_takes_all():
    first = np.log(np.full(100, 0.5))
    assert fit_weight(first, first - 1) > 0.99


def test_line_nats_are_those_of_the_text(saved, text_file):
    text = read_text(saved.config, str(text_file), saved.vocabulary)
    nats, tokens = line_nats(saved.model, text, saved.line_start())
    whole = evaluate(saved.model, text, saved.vocabulary, saved.tokenizer)
    assert len(nats) == len(tokens) == 30
    assert nats.sum() == pytest.approx(whole.nats, rel=1e-12)
    assert tokens.sum() == whole.tokens
    lines = text_file.read_text(encoding="utf-8").splitlines()
    assert tokens.tolist() == [len(line.split()) + (k > 0) for k, line in enumerate(lines)]


def test_a_model_is_as_good_as_itself():
    nats, tokens = np.array([3.0, 4.0]), np.array([2, 2])
    assert compare(nats, nats, tokens)[:3] == (0, 0, 0)


def test_the_interval_holds_the_difference_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr("rnnlm_cli.evaluate.comparison.RESAMPLES", 400)
    rng = np.random.default_rng(0)
    found = []
    for trial in range(200):
        tokens = rng.integers(1, 20, 200)
        gained = rng.normal(1.0, 0.3, 200) * tokens  # long lines gain more, and have more tokens
        found.append(compare(np.zeros(200), gained, tokens, seed=trial))
        assert found[-1].low <= found[-1].difference <= found[-1].high
    hits = sum(one.low <= 1.0 <= one.high for one in found)
    assert 180 <= hits <= 198  # 190 is 95%, and 3 of its standard error are 9
    width = np.mean([one.high - one.low for one in found])
    spread = np.std([one.difference for one in found])
    assert width == pytest.approx(2 * 1.96 * spread, rel=0.15)
