from itertools import islice

import numpy as np
import pytest

from rnnlm_cli.generate.filters import forbid, temperature
from rnnlm_cli.generate.sampling import draw, sample

NO_HISTORY = [[]]
ODDS = np.array([0.5, 0.3, 0.0, 0.2])
with np.errstate(divide="ignore"):
    LOGITS = np.log(ODDS)[np.newaxis]


def frequencies(logits, draws=20_000):
    rng = np.random.default_rng(0)
    drawn = draw(np.repeat(logits, draws, axis=0), [rng] * draws)
    return np.bincount(drawn, minlength=logits.shape[1]) / draws


def chi_squared(found, expected, draws=20_000):
    possible = expected > 0
    assert not found[~possible].any()
    return draws * ((found - expected)[possible] ** 2 / expected[possible]).sum()


def test_draws_are_as_frequent_as_their_probabilities():
    assert chi_squared(frequencies(LOGITS), ODDS) < 13.8  # 2 degrees of freedom, p = 0.001


@pytest.mark.parametrize("value", [0.5, 2.0])
def test_temperature_raises_probabilities_to_a_power(value):
    expected = ODDS ** (1 / value)
    found = frequencies(temperature(value)(LOGITS, NO_HISTORY))
    assert chi_squared(found, expected / expected.sum()) < 13.8


def test_temperature_zero_takes_the_most_likely_token_on_ties_the_first():
    logits = np.log(np.array([[0.2, 0.4, 0.4], [0.5, 0.25, 0.25]]))
    assert draw(
        temperature(0)(logits, NO_HISTORY), [np.random.default_rng(k) for k in (0, 1)]
    ).tolist() == [
        1,
        0,
    ]


def test_a_tiny_temperature_does_not_overflow():
    assert draw(
        temperature(1e-300)(LOGITS.astype(np.float32), NO_HISTORY), [np.random.default_rng(0)]
    ) == [0]


def test_forbidden_tokens_are_never_drawn_and_the_rest_keep_their_proportion():
    found = frequencies(forbid([0])(LOGITS, NO_HISTORY))
    assert chi_squared(found, np.array([0, 0.6, 0, 0.4])) < 10.8


def test_filters_do_not_change_their_input():
    before = LOGITS.copy()
    forbid([0])(LOGITS, NO_HISTORY)
    temperature(0.5)(LOGITS, NO_HISTORY)
    temperature(0)(LOGITS, NO_HISTORY)
    np.testing.assert_array_equal(LOGITS, before)


class Generator:
    """A generator that always gives the same number."""

    def __init__(self, number):
        self.number = number

    def random(self):
        return self.number


@pytest.mark.parametrize(("number", "column"), [(0.0, 0), (np.nextafter(1, 0), 2)])
def test_the_ends_of_the_unit_interval_hit_possible_columns(number, column):
    with np.errstate(divide="ignore"):
        logits = np.log(np.array([[0.2, 0.3, 0.5, 0.0]]))
    assert draw(logits, [Generator(number)]).tolist() == [column]


def counting_reader(seen):
    """Gives token k+1 after token k for certain."""

    def read(ids, state):
        seen.append(ids.copy())
        log_probs = np.full((ids.shape[1], 10), -50.0)
        log_probs[np.arange(ids.shape[1]), (ids[-1] + 1) % 10] = -0.1
        return log_probs, state

    return read


def test_the_whole_start_is_read_once_then_each_token_as_drawn():
    seen = []
    rngs = [np.random.default_rng(k) for k in range(3)]
    draws = list(islice(sample(counting_reader(seen), (), [2, 3, 4], rngs), 3))
    assert [d.ids.tolist() for d in draws] == [[5] * 3, [6] * 3, [7] * 3]
    assert draws[0].log_probs.tolist() == pytest.approx([-0.1] * 3)
    assert seen[0].T.tolist() == [[2, 3, 4]]  # once, whatever the number of samples
    assert [ids.tolist() for ids in seen[1:]] == [[[5] * 3], [[6] * 3]]


def test_log_probs_are_the_models_own_before_any_filter():
    def read(ids, state):
        return LOGITS, state

    filters = [forbid([0]), temperature(0)]
    (first,) = islice(sample(read, (), [0], [np.random.default_rng(0)], filters), 1)
    assert first.ids.tolist() == [1]
    assert first.log_probs[0] == pytest.approx(np.log(0.3))
