"""Pooling by hand, its gradient by central differences, and padding that does not matter."""

import numpy as np
import pytest

from rnnlm_cli.nn.layers.pooling import POOLINGS, Pooling

LENGTHS = np.array([3, 1, 2])
H = np.arange(1, 7, dtype=float).reshape(3, 1, 2) * np.array([1.0, 10.0, 100.0]).reshape(1, 3, 1)
"""``(T, B, 2)``: line 0 has [1, 2], [3, 4], [5, 6], line 1 ten times as much."""


@pytest.mark.parametrize(
    ("kind", "directions", "line_0", "line_2"),
    [
        ("last", 1, [5, 6], [300, 400]),
        ("mean", 1, [3, 4], [200, 300]),
        ("ends", 1, [1, 2, 5, 6], [100, 200, 300, 400]),
        # the second half reads from the right: it ends at the block's beginning, and a line of
        # two has the block's last two steps
        ("last", 2, [5, 2], [300, 400]),
        ("mean", 2, [3, 4], [200, 500]),
        ("ends", 2, [1, 2, 5, 6], [100, 400, 300, 600]),
    ],
)
def test_what_each_kind_takes(kind, directions, line_0, line_2):
    y = Pooling(kind, directions).forward(H, LENGTHS)
    assert y.shape[:2] == (1, 3)
    assert y[0, 0].tolist() == line_0
    assert y[0, 2].tolist() == line_2


@pytest.mark.parametrize("kind", POOLINGS)
@pytest.mark.parametrize("directions", [1, 2])
def test_the_gradient_is_that_of_central_differences(check_gradients, kind, directions):
    rng = np.random.default_rng(1)
    pooling, h = Pooling(kind, directions), rng.standard_normal((3, 3, 4))
    dy = rng.standard_normal(pooling.forward(h, LENGTHS).shape)
    dh = pooling.backward(dy, LENGTHS, h)
    check_gradients(lambda: (pooling.forward(h, LENGTHS) * dy).sum(), {"h": (dh, h)})
    there = dh[:, 1].any(axis=1)  # of a line of one token
    assert there.tolist() == ([True, False, False] if directions == 1 else [True, False, True])
