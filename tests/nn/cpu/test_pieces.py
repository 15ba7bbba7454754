"""Element-wise work in pieces, on all cores."""

import numpy as np
import pytest

from rnnlm_cli.nn.cpu import pieces, threads
from rnnlm_cli.nn.cpu.pieces import in_pieces


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 10)
    monkeypatch.setattr(pieces, "THREAD_PIECES", 1)


@pytest.mark.parametrize("cores", [1, 3])
@pytest.mark.parametrize("size", [0, 9, 10, 57])
def test_every_value_is_worked_on_once_and_in_order(monkeypatch, size, cores):
    monkeypatch.setattr(pieces, "core_count", lambda: cores)
    monkeypatch.setattr(threads, "core_count", lambda: cores)
    a, b = np.arange(size).reshape(-1, 1), np.ones((size, 1), int)

    def work(a, b):
        b += 2 * a
        return len(a), a.sum()

    found = in_pieces(work, a, b)
    np.testing.assert_array_equal(b, 2 * a + 1)
    assert [length for length, _ in found] == [10] * (size // 10) + [size % 10] * (size % 10 > 0)
    assert sum(total for _, total in found) == a.sum()


def test_an_array_that_is_not_contiguous_is_refused():
    with pytest.raises(ValueError, match="contiguous"):
        in_pieces(len, np.zeros((4, 5)).T)
