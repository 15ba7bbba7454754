"""The kernels against what NumPy computes; without a device they are compiled as C.

On a device the same tests run there (make gpu).
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.nn.cuda import sums, updates
from rnnlm_cli.nn.cuda.masks import advanced, after
from rnnlm_cli.nn.device import numbers, to_device, to_host
from rnnlm_cli.nn.engines.updates import AdamStep, adam_update
from rnnlm_cli.nn.gradient import Rows
from rnnlm_cli.nn.layers.dropout import OfStreams, dropout_mask
from rnnlm_cli.nn.outputs.cuda import CudaSoftmaxOutput
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.param import Param
from rnnlm_cli.train.clipping import clip_gradients

TYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def drawn(*shape, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@TYPES
def test_a_mask_is_the_one_that_numpy_draws(device, dtype):
    here, there = np.random.default_rng(3), np.random.default_rng(3)
    like = np.zeros(1, dtype)
    for shape in [(5,), (3, 4, 7), (1,), (1,), (2, 500), (8,)]:  # odd ones leave half a number
        expected = dropout_mask(here, 0.3, shape, like)
        found = dropout_mask(there, 0.3, shape, to_device(like))
        np.testing.assert_array_equal(to_host(found), expected)
        assert to_host(found).dtype == dtype
        assert here.bit_generator.state == there.bit_generator.state
    assert here.random() == there.random()


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_mask_of_some_streams_skips_the_draws_of_the_others(device, first):
    here, there = (OfStreams(np.random.PCG64(5), first, 4) for _ in range(2))
    for width in (3, 5, 4):
        masks = [
            dropout_mask(rng, 0.3, (3, 2, width), like, by_stream=True)
            for rng, like in ((here, np.zeros(1)), (there, to_device(np.zeros(1))))
        ]
        np.testing.assert_array_equal(to_host(masks[1]), masks[0])


def test_the_generator_goes_on_as_numpys_own():
    bits = np.random.PCG64(9)
    before = bits.state["state"]
    bits.advance(10**20)
    assert advanced(before["state"], before["inc"], 10**20) == bits.state["state"]["state"]


@given(st.integers(0, 2**64), st.lists(st.integers(0, 9), max_size=9))
def test_the_state_after_draws_is_numpys(seed, counts):
    rng = np.random.default_rng(seed)
    state = rng.bit_generator.state
    for draws in counts:
        rng.random(draws, dtype=np.float32)
        state = after(state, draws)
        assert state == rng.bit_generator.state


@TYPES
def test_rows_are_added_in_numpys_order(device, dtype):
    rows = np.random.default_rng(1).integers(0, 30, 200)
    for values in (drawn(200, 7, dtype=dtype), drawn(200, dtype=dtype)):
        expected, found = Rows(rows, values), Rows(rows, to_device(values))
        np.testing.assert_array_equal(found.rows, expected.rows)
        np.testing.assert_allclose(to_host(found.values), expected.values, rtol=0, atol=1e-5)
        whole = to_host(found.dense(to_device(np.zeros((30, *values.shape[1:]), dtype))))
        np.testing.assert_allclose(whole, expected.dense(np.zeros_like(whole)), atol=1e-5)


@TYPES
@pytest.mark.parametrize("width", [(), (7,)])
def test_of_no_rows_there_are_no_sums(device, dtype, width):
    found = Rows(np.empty(0, np.int64), to_device(np.empty((0, *width), dtype)))
    assert (len(found.rows), found.values.shape, found.values.dtype) == (0, (0, *width), dtype)
    whole = to_host(found.dense(to_device(np.ones((30, *width), dtype))))
    np.testing.assert_array_equal(whole, 0)


@TYPES
@pytest.mark.parametrize("shape", [(1, 1), (700, 5), (33, 300)])
def test_columns_are_added(device, dtype, shape):
    x = drawn(*shape, dtype=dtype)
    found = to_host(sums.sum_columns(to_device(x)))
    np.testing.assert_allclose(found, x.sum(axis=0), rtol=1e-4, atol=1e-4)
    turned = to_host(sums.sum_columns(to_device(x).T))
    np.testing.assert_allclose(turned, x.sum(axis=1), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("max_norm", [None, 0.5, 1e9])
def test_gradients_are_clipped_as_on_the_cpu(device, max_norm):
    params = []
    for place in (np.asarray, to_device):
        own = [Param(place(drawn(40, 9))), Param(place(drawn(2000))), Param(place(drawn(3)))]
        own[0].add_rows(np.array([3, 7, 3]), place(drawn(3, 9, seed=1)))
        own[1].add(place(drawn(2000, seed=2)))
        params.append(own)
    expected, found = (clip_gradients(own, max_norm) for own in params)
    assert numbers(found)[0] == pytest.approx(expected, rel=1e-6)
    for here, there in zip(*params, strict=True):
        np.testing.assert_allclose(to_host(there.grad), here.grad, rtol=1e-5)


@TYPES
def test_updates_round_as_numpy_rounds(device, dtype):
    arrays = [drawn(300, dtype=dtype, seed=k) for k in range(4)]
    arrays[3] **= 2  # a mean of squares
    step = AdamStep(0.99, 0.9, 0.999, 0.01, 1.3, 1e-8)
    there = [to_device(one) for one in arrays]
    updates.adam(*there, (0.99, 0.9, 0.999, 0.01, 1.3, 1e-8))
    adam_update(*arrays, step)
    updates.running_mean(there[0], there[1], 7.0)
    arrays[0] += (arrays[1] - arrays[0]) / 7.0
    updates.descend(there[1], there[2], 0.1)
    arrays[1] -= 0.1 * arrays[2]
    for found, expected in zip(there, arrays, strict=True):
        np.testing.assert_allclose(to_host(found), expected, rtol=4 * np.finfo(dtype).eps)


@TYPES
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_softmax_is_the_plain_one(device, monkeypatch, dtype, smoothing):
    monkeypatch.setattr("rnnlm_cli.nn.outputs.cuda.CHUNK_ELEMENTS", 5 * 11)  # rows in 3 chunks
    weight, h = drawn(11, 6, dtype=dtype), drawn(4, 3, 6, dtype=dtype, seed=1)
    targets = np.random.default_rng(2).integers(-1, 11, (4, 3))
    layers = (
        PlainSoftmax(Param(weight), smoothing),
        CudaSoftmaxOutput(Param(to_device(weight)), smoothing),
    )
    found = []
    for layer, place in zip(layers, (np.asarray, to_device), strict=True):
        layer.bias.assign(drawn(11, dtype=dtype, seed=3))
        nats, counted, dh = layer.loss_and_gradients(place(h), targets, np.random.default_rng(0))
        log_probs = layer.log_probs(place(h)), layer.target_log_probs(place(h), targets)
        assert all(type(one) is np.ndarray for one in log_probs)
        grads = layer.weight.grad, layer.bias.grad, layer.probabilities(place(h))
        found.append([float(nats), counted, *map(to_host, (dh, *grads)), *log_probs])
    for expected, own in zip(*found, strict=True):
        np.testing.assert_allclose(own, expected, rtol=0, atol=200 * np.finfo(dtype).eps)


def test_a_logit_that_is_not_finite_is_seen(device):
    layer = CudaSoftmaxOutput(Param(to_device(np.full((5, 2), np.nan, np.float32))))
    loss = layer.loss_and_gradients(to_device(drawn(1, 3, 2)), np.array([[0, -1, 2]]))
    assert np.isnan(float(loss.nats))
