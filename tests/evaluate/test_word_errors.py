"""Word errors, by hand and against the recursion of their definition."""

import doctest
import functools
import math
import random

import pytest

from rnnlm_cli.evaluate import word_errors as module
from rnnlm_cli.evaluate.word_errors import WordErrors, summed, word_errors


def test_the_example_is_true():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("a b c", "a b c", (0, 0, 0)),
        ("a b c", "a x c", (1, 0, 0)),
        ("a b c", "a c", (0, 1, 0)),
        ("a c", "a b c", (0, 0, 1)),
        ("a a a", "a", (0, 2, 0)),
        ("a b", "b a", (2, 0, 0)),
        ("", "a b", (0, 0, 2)),
        ("a b", "", (0, 2, 0)),
        ("a b c d e", "x b c y e z", (2, 0, 1)),
        ("the cat sat on", "cat sat on the", (0, 1, 1)),
    ],
)
def test_by_hand(reference, hypothesis, expected):
    found = word_errors(reference.split(), hypothesis.split())
    assert found == WordErrors(*expected, len(reference.split()))


def test_it_is_the_edit_distance():
    rng = random.Random(1)
    for _ in range(100):
        one, two = (tuple(rng.choices("abc", k=rng.randrange(7))) for _ in range(2))

        @functools.cache
        def least(i, j, one=one, two=two):
            if not i or not j:
                return i + j
            same = least(i - 1, j - 1) + (one[i - 1] != two[j - 1])
            return min(same, least(i - 1, j) + 1, least(i, j - 1) + 1)

        found = word_errors(one, two)
        assert found.errors == least(len(one), len(two))
        assert len(two) == len(one) - found.deletions + found.insertions


def test_rates_are_of_all_words_together():
    total = summed([WordErrors(1, 0, 0, 1), WordErrors(0, 1, 2, 7)])
    assert (total, total.rate) == (WordErrors(1, 1, 2, 8), 0.5)
    assert (summed([]).rate, WordErrors(0, 0, 1, 0).rate) == (0.0, math.inf)
