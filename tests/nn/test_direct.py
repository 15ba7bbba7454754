"""Direct connections against sums over n-grams, one by one."""

import numpy as np
import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.gradient import Dense, Rows
from rnnlm_cli.nn.outputs.compiled import CompiledSoftmaxOutput
from rnnlm_cli.nn.outputs.direct import FEW, DirectConnections, Runs, last_tokens
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.nn.param import Param

ORDER, SIZE, V = 4, 500, 6


def connections(size=SIZE):
    direct = DirectConnections(ORDER, size, V, np.float64)
    direct.table.value[...] = np.random.default_rng(0).standard_normal(size + V - 1)
    return direct


def starts_one_by_one(history, size):
    """Where the runs of a history begin, with Python's whole numbers; the latest token first."""
    mixed, found = 0, []
    for k, code in enumerate(history):
        mixed = ((mixed ^ code) * 0x9E3779B97F4A7C15 + k + 1) % 2**64
        mixed ^= mixed >> 31
        mixed = mixed * 0xBF58476D1CE4E5B9 % 2**64
        mixed ^= mixed >> 29
        found.append(mixed % size)
    return found


@pytest.mark.parametrize("size", [SIZE, 3])
def test_logits_and_gradients_are_sums_over_ngrams(size):
    direct, rng = connections(size), np.random.default_rng(1)
    histories = rng.integers(0, 3, (50, ORDER - 1))  # several occur more than once
    hidden, starts = direct.parts(np.column_stack([rng.standard_normal((50, 2)), histories]))
    assert hidden.shape == (50, 2)
    expected = [starts_one_by_one(history.tolist(), size) for history in histories]
    assert starts.tolist() == expected
    logits, dlogits = np.zeros((50, V)), rng.standard_normal((50, V))
    direct.add_to(logits, starts)
    gradient = np.zeros(size + V - 1)
    for row, w in np.ndindex(50, V):
        cells = [start + w for start in expected[row]]
        assert logits[row, w] == pytest.approx(sum(direct.table.value[cell] for cell in cells))
        for cell in cells:
            gradient[cell] += dlogits[row, w]
    runs = direct.runs(starts)
    parts = [runs.zeros(0), runs.zeros(1)]
    runs.collect(parts[0], slice(0, 20), dlogits[:20])
    runs.collect(parts[1], slice(20, 50), dlogits[20:])
    runs.finish(parts)
    np.testing.assert_allclose(direct.table.grad, gradient, atol=1e-12)


def test_only_the_weights_of_a_block_have_a_gradient_unless_they_are_most_of_the_table():
    direct = connections()
    runs = direct.runs(np.array([[3, 100, 5], [3, 7, 494]]))
    runs.collect(sums := runs.zeros(), slice(None), np.ones((2, V)))
    runs.finish([sums])
    assert isinstance(direct.table.gradient, Rows)
    read = [*range(3, 13), *range(100, 106), *range(494, 500)]
    assert direct.table.gradient.rows.tolist() == read
    assert direct.table.grad[[3, 5, 8, 12, 100]].tolist() == [2, 3, 4, 1, 1]
    small = connections(10)
    runs = small.runs(np.array([[0, 4, 9]]))
    runs.finish([runs.zeros()])
    assert isinstance(small.table.gradient, Dense)
    sums = 2 * (ORDER - 1) * V  # of two rows, at most
    for size, dense in ((FEW * sums, True), (FEW * sums + 1, False)):
        table = connections(size - V + 1)
        assert table.is_dense(2) == dense
        assert table.elements(2) == (size if dense else sums)
        table.table.frozen = True
        assert table.elements(2) == 0


@pytest.mark.parametrize("size", [SIZE, 3])
def test_a_block_without_rows_has_no_gradient(size):
    direct = connections(size)
    runs = direct.runs(np.empty((0, ORDER - 1), np.int64))
    runs.collect(sums := runs.zeros(), slice(None), np.empty((0, V)))
    runs.finish([sums])
    np.testing.assert_array_equal(direct.table.grad, 0)
    before = direct.table.value.copy()
    direct.table.descend(0.1)
    np.testing.assert_array_equal(direct.table.value, before)


@pytest.mark.parametrize("softmax", [PlainSoftmax, SoftmaxOutput, CompiledSoftmaxOutput])
def test_a_frozen_table_collects_nothing(monkeypatch, softmax):
    rng = np.random.default_rng(2)
    layer = softmax(Param(rng.standard_normal((V, 2))), direct=connections())
    h = np.concatenate([rng.standard_normal((3, 2, 2)), rng.integers(0, 3, (3, 2, 3))], axis=-1)
    targets = rng.integers(0, V, (3, 2))
    expected = layer.loss_and_gradients(h, targets)
    assert layer.direct.table.gradient is not None
    for param in layer.params.values():
        param.zero_grad()
        param.frozen = True
    monkeypatch.setattr(Runs, "__init__", None)  # nobody makes sums
    found = layer.loss_and_gradients(h, targets)
    np.testing.assert_array_equal(found.dh, expected.dh)
    assert found.nats == expected.nats
    assert all(param.gradient is None for param in layer.params.values())


def test_last_tokens_go_on_from_the_state():
    ids = np.random.default_rng(0).integers(0, V, (5, 2))
    whole, state = last_tokens(ids, np.zeros((2, 3), np.float32))
    for t, b, k in np.ndindex(5, 2, 3):
        assert whole[t, b, k] == (ids[t - k, b] + 1 if k <= t else 0)
    first, between = last_tokens(ids[:2], np.zeros((2, 3), np.float32))
    second, after = last_tokens(ids[2:], between)
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    np.testing.assert_array_equal(after, state)


def test_new_tokens_are_refused():
    layer = PlainSoftmax(Param(np.zeros((V, 2))), direct=connections())
    with pytest.raises(UsageError, match=r"model with model\.direct\.order cannot get new tokens"):
        layer.split(0, np.array([0.5, 0.5]))
    assert len(layer.bias.value) == V
