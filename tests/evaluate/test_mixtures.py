"""Interpolation of models."""

import math

import numpy as np
import pytest

from rnnlm_cli.evaluate.interpolation import NgramScores, fit_weights, interpolate, mixture


def test_a_mixture_mixes_probabilities():
    first, second = np.log([0.5, 0.1]), np.log([0.1, 0.3])
    np.testing.assert_allclose(
        np.exp(mixture(np.stack([first, second]), [0.25, 0.75])), [0.2, 0.25]
    )
    assert np.exp(mixture(np.log([[1e-300], [0.5]]), [0.4, 0.6])) == pytest.approx(0.3)


def test_expectation_maximization_finds_the_best_weight():
    rng = np.random.default_rng(0)
    both = np.log(rng.random((2, 5000)))
    weight, rest = fit_weights(both)
    around = np.linspace(0.001, 0.999, 999)
    best = around[np.argmax([mixture(both, [w, 1 - w]).sum() for w in around])]
    assert weight == pytest.approx(best, abs=2e-3)
    assert weight + rest == pytest.approx(1)


def test_a_model_that_is_always_better_gets_all_the_weight():
    first = np.log(np.full(100, 0.5))
    assert fit_weights(np.stack([first - 1, first, first - 2]))[1] > 0.99


def test_tokens_that_are_impossible_to_all_models_do_not_change_the_weight():
    both = np.log([[0.5, 0.1, 0.4], [0.2, 0.3, 0.1]])
    zero = np.full((2, 1), -np.inf)
    assert fit_weights(np.hstack([both, zero])) == fit_weights(both)
    assert fit_weights(zero) == [0.5, 0.5]


def test_a_mixture_counts_unknown_tokens_and_zero_probabilities():
    own = np.log([0.5, 0.5, 0.1, 0.2])
    other = NgramScores(
        np.array([math.log(0.1), -np.inf, -np.inf, math.log(0.4)]),
        np.array([True, True, False, False]),
    )
    found = interpolate(own, other, 0.5, fitted=False)
    assert (found.unknown, found.zero_probabilities) == (2, 1)
    assert found.ngram == math.inf
    assert found.ngram_without_unknown == pytest.approx(1 / 0.4)
    assert found.mix == pytest.approx((0.3 * 0.25 * 0.05 * 0.3) ** -0.25)
    assert found.mix_without_unknown == pytest.approx(1 / 0.3)
