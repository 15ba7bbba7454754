"""One model that stands for the mixture of two."""

import numpy as np
import pytest

from rnnlm_cli.ngrams.kneser_ney import estimate
from rnnlm_cli.ngrams.mixed import mixed

END, TYPES = 0, 6


@pytest.fixture(scope="module")
def models():
    rng = np.random.default_rng(7)
    texts = rng.choice(TYPES, 200, p=[0.2, 0.3, 0.3, 0.1, 0.1, 0]), rng.integers(0, TYPES, 300)
    one, other = (estimate(text, END, TYPES, 3).model for text in texts)
    return one, other, mixed(one, other, 0.3)


def test_listed_ngrams_have_the_mixed_probability(models):
    one, other, both = models
    for order in (1, 2, 3):
        ngrams = {tuple(words) for words in both.ngrams(order, slice(None)).tolist()}
        listed = [
            {tuple(words) for words in model.ngrams(order, slice(None)).tolist()}
            for model in (one, other)
        ]
        assert ngrams == listed[0] | listed[1]
        assert ngrams > listed[0] or order == 1
    words = both.ngrams(3, slice(None))
    a, b, c = (10 ** model.log_probs_after(words[:, :2], words[:, 2]) for model in models)
    np.testing.assert_allclose(c, 0.3 * a + 0.7 * b)


def test_its_probabilities_sum_to_1(models):
    *_, both = models
    every = np.arange(TYPES)
    for history in ([-1, -1], [-1, TYPES], [3, 3], [TYPES, 4], [4, 5], [2, 1]):
        logs = both.log_probs_after(np.array([history] * TYPES), every)
        assert (10**logs).sum() == pytest.approx(1), history
