"""Weights and word penalties, on two lists that are worked out by hand."""

import pytest

from rnnlm_cli.evaluate.rescore_tuning import Candidate, Lists, best_last, tune_rescoring
from rnnlm_cli.evaluate.word_errors import WordErrors

RIGHT, WRONG, SHORT = WordErrors(0, 0, 0, 3), WordErrors(2, 0, 0, 3), WordErrors(0, 1, 0, 3)


@pytest.fixture
def lists():
    """The first is right from weight 0.5 on; the second if a word has a bonus above 1."""
    first = [Candidate(-1, -2, -4, 3, WRONG), Candidate(-1, -4, -2, 3, RIGHT)]
    second = [Candidate(-5, 0, 0, 2, SHORT), Candidate(-6, 0, 0, 3, RIGHT)]
    return Lists([first, [*second, Candidate(-9, 0, 0, 1, WRONG)]])


def test_the_best_of_each_list_counts_and_of_equal_ones_the_first(lists):
    assert lists.errors(0.0, 0.0) == WordErrors(2, 1, 0, 6)
    assert lists.errors(0.5, 0.0) == WordErrors(2, 1, 0, 6)
    assert lists.errors(0.6, 0.0) == WordErrors(0, 1, 0, 6)
    assert lists.errors(0.6, 1.0) == WordErrors(0, 1, 0, 6)
    assert lists.errors(0.6, 1.5) == WordErrors(0, 0, 0, 6)
    assert lists.errors(0.0, -9.0) == WordErrors(4, 0, 0, 6)
    assert lists.fewest() == WordErrors(0, 0, 0, 6)


def test_every_pair_is_tried_and_the_mildest_of_the_best_is_last(lists):
    tried = best_last(tune_rescoring(lists, [0.0, 0.6, 1.0], [0.0, 2.0, 3.0]))
    assert len(tried) == 9
    assert [(one.weight, one.word_penalty) for one in tried[-2:]] == [(1.0, 2.0), (0.6, 2.0)]
    assert tried[0].errors.errors == 3
