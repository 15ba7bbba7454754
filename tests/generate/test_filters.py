"""Each filter on distributions made by hand."""

import numpy as np
import pytest

from rnnlm_cli.generate.filters import (
    Filters,
    forbid,
    min_p,
    no_repeat_ngram,
    repetition_penalty,
    temperature,
    top_k,
    top_p,
)
from rnnlm_cli.generate.past import Growing, Start
from rnnlm_cli.generate.sampling import CACHED, PIECE, draw

ODDS = np.array([[0.4, 0.3, 0.2, 0.1]])
LOGITS = np.log(ODDS)


def past(*texts):
    return [Growing(Start(ids)) for ids in texts]


NO_HISTORY = past([])


def probs(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("apply", "expected"),
    [
        (forbid([0, 3]), [0, 0.6, 0.4, 0]),
        (top_k(1), [1, 0, 0, 0]),
        (top_k(2), [4 / 7, 3 / 7, 0, 0]),
        (top_k(9), [0.4, 0.3, 0.2, 0.1]),
        (top_p(0.39), [1, 0, 0, 0]),
        (top_p(0.5), [4 / 7, 3 / 7, 0, 0]),
        (top_p(0.75), [4 / 9, 3 / 9, 2 / 9, 0]),
        (top_p(1e-9), [1, 0, 0, 0]),
        (min_p(0.6), [4 / 7, 3 / 7, 0, 0]),
        (min_p(0.01), [0.4, 0.3, 0.2, 0.1]),
        (temperature(0), [1, 0, 0, 0]),
        (temperature(0.5), np.array([16, 9, 4, 1]) / 30),
    ],
)
def test_which_tokens_are_left(apply, expected):
    np.testing.assert_allclose(probs(apply(LOGITS, NO_HISTORY))[0], expected, atol=1e-12)


def test_ties_at_the_edge_are_all_kept():
    logits = np.log(np.array([[0.4, 0.2, 0.2, 0.2]]))
    assert np.isfinite(top_k(2)(logits, NO_HISTORY)).sum() == 4
    assert np.isfinite(top_p(0.5)(logits, NO_HISTORY)).sum() == 2


def test_the_repetition_penalty_makes_earlier_tokens_less_likely():
    found = repetition_penalty(2.0)(LOGITS, past([0, 2, 0]))
    np.testing.assert_allclose(np.exp(found[0]), [0.16, 0.3, 0.04, 0.1])
    np.testing.assert_allclose(repetition_penalty(2.0)(-LOGITS, past([1]))[0, 1], -LOGITS[0, 1] / 2)


def test_no_ngram_repeats():
    history = past([1, 2, 3, 1, 2], [0, 1], [0])
    logits = np.repeat(LOGITS, 3, axis=0)
    found = no_repeat_ngram(3)(logits, history)
    assert np.isneginf(found).tolist() == [[False] * 3 + [True], [False] * 4, [False] * 4]
    assert np.isneginf(no_repeat_ngram(1)(LOGITS, past([0, 2])))[0].tolist() == [True, False] * 2
    everything = no_repeat_ngram(1)(LOGITS, past([0, 1, 2, 3]))
    np.testing.assert_array_equal(everything, LOGITS)  # something has to be drawn


def test_they_are_pure_and_composed_in_the_documented_order():
    before = LOGITS.copy()
    filters = Filters([0], 2, 1.5, 0.7, 3, 0.9, 0.1)
    logits = LOGITS
    for apply in filters.in_order():
        logits = apply(logits, past([1, 2]))
    np.testing.assert_array_equal(LOGITS, before)
    by_hand = LOGITS.copy()
    by_hand[0, 0] = -np.inf
    by_hand[0, 1:3] *= 1.5
    by_hand = top_k(3)(by_hand / 0.7, NO_HISTORY)
    by_hand = min_p(0.1)(top_p(0.9)(by_hand, NO_HISTORY), NO_HISTORY)
    np.testing.assert_allclose(probs(logits), probs(by_hand))
    assert Filters().in_order() == []


@pytest.mark.parametrize("columns", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5])
def test_frequencies_over_many_pieces_pass_a_chi_squared_test(columns):
    rng = np.random.default_rng(1)
    expected = rng.random(columns) * (rng.random(columns) < 0.7)
    expected /= expected.sum()
    with np.errstate(divide="ignore"):
        logits = np.log(expected).astype(np.float32)
    draws = 20_000
    source = np.random.default_rng(0)
    times = np.zeros(columns)
    for _ in range(20):
        many = np.repeat(logits[np.newaxis], draws // 20, axis=0)
        times += np.bincount(draw(many, [source] * len(many)), minlength=columns)
    possible = expected > 0
    assert not times[~possible].any()
    error = (times - draws * expected)[possible] ** 2 / (draws * expected[possible])
    freedom = possible.sum() - 1
    assert error.sum() < freedom + 4 * np.sqrt(2 * freedom)


def test_a_draw_does_not_depend_on_the_rows_that_are_drawn_with_it():
    columns = CACHED // 3  # three rows at a time
    logits = np.random.default_rng(1).standard_normal((8, columns)).astype(np.float32)
    alone = [draw(row[np.newaxis], [np.random.default_rng(k)])[0] for k, row in enumerate(logits)]
    assert draw(logits, [np.random.default_rng(k) for k in range(8)]).tolist() == alone
    assert len(set(alone)) > 1
