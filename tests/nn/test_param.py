import numpy as np
import pytest

from rnnlm_cli.nn.gradient import Rows
from rnnlm_cli.nn.param import Param


def test_sum_rows_sums_equal_rows():
    sums = Rows(np.array([4, 1, 4, 0]), np.array([[1.0], [2.0], [3.0], [4.0]]))
    assert sums.rows.tolist() == [0, 1, 4]
    assert sums.values.tolist() == [[4.0], [2.0], [4.0]]


def test_row_gradients_equal_the_dense_ones():
    rng = np.random.default_rng(0)
    rows, values = rng.integers(0, 5, 20), rng.standard_normal((20, 3))
    dense = np.zeros((5, 3))
    np.add.at(dense, rows, values)
    param = Param(np.zeros((5, 3)))
    param.add_rows(rows[:12], values[:12])
    param.add_rows(rows[12:], values[12:])
    np.testing.assert_allclose(param.grad, dense, rtol=1e-12)
    assert param.grad_squared_norm() == pytest.approx((dense**2).sum())


@pytest.mark.parametrize("rows_first", [True, False])
def test_a_tied_parameter_sums_both_forms(rows_first):
    param = Param(np.zeros((4, 2)))
    steps = [
        lambda: param.add_rows(np.array([2, 2]), np.ones((2, 2))),
        lambda: param.add(np.full((4, 2), 10.0)),
    ]
    for step in steps if rows_first else reversed(steps):
        step()
    assert param.grad.tolist() == [[10, 10], [10, 10], [12, 12], [10, 10]]
    assert param.grad_squared_norm() == pytest.approx(6 * 100 + 2 * 144)


def test_descend_moves_only_the_rows_that_took_part():
    param = Param(np.ones((3, 2)))
    param.add_rows(np.array([1]), np.ones((1, 2)))
    param.descend(0.5)
    assert param.value.tolist() == [[1, 1], [0.5, 0.5], [1, 1]]


def test_an_untied_embedding_costs_its_tokens_alone():
    """The update never creates a dense gradient of a million rows."""
    param = Param(np.zeros((1_000_000, 1), np.float32))
    param.add_rows(np.array([3, 7, 3]), np.ones((3, 1), np.float32))
    param.scale_grad(0.5)
    param.descend(1.0)
    assert isinstance(param.gradient, Rows)
    assert param._memory is None
    assert param.value[[3, 7], 0].tolist() == [-1.0, -0.5]


def test_zero_grad_forgets_both_forms():
    param = Param(np.zeros((2, 2)))
    param.add(np.ones((2, 2)))
    param.zero_grad()
    assert not param.grad.any()
    param.add_product(np.ones((1, 2)), np.ones((1, 2)))
    assert param.grad.tolist() == [[1, 1], [1, 1]]
