"""Accuracy, precision, recall and F1 of a small case, by hand."""

import numpy as np
import pytest

from rnnlm_cli.evaluate.accuracy import Accuracy

FOUND = Accuracy(
    ("a", "b", "c", "d"), np.array([[3, 1, 0, 0], [0, 2, 0, 0], [1, 0, 1, 0], [0] * 4]), 4.0
)


def test_the_figures_of_a_small_case():
    assert FOUND.lines == 8
    assert FOUND.accuracy == 6 / 8
    assert FOUND.nats_per_line == 0.5
    a, b, c, d = FOUND.by_label
    assert a == ("a", 4, 4, 3 / 4, 3 / 4, 3 / 4)
    assert b == ("b", 2, 3, 2 / 3, 1.0, pytest.approx(0.8))
    assert c == ("c", 2, 1, 1.0, 1 / 2, pytest.approx(2 / 3))
    assert d == ("d", 0, 0, 0.0, 0.0, 0.0)


def test_a_label_that_does_not_occur_has_no_share_in_the_mean():
    assert FOUND.macro_f1 == pytest.approx((0.75 + 0.8 + 2 / 3) / 3)
