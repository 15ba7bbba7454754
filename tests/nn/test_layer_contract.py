"""One contract for every layer: its gradients are those of finite differences, its state is whole.

A new layer joins by one row in LAYERS.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest

from rnnlm_cli.nn.cells.elman import RNN
from rnnlm_cli.nn.cells.gru import GRU
from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.bidirectional import Bidirectional
from rnnlm_cli.nn.layers.dropout import Dropout
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.layers.linear import Linear
from rnnlm_cli.nn.layers.penalties import ActivationPenalty, SlownessPenalty
from rnnlm_cli.nn.layers.residual import Residual
from rnnlm_cli.nn.layers.stack import Stack
from rnnlm_cli.nn.outputs.adaptive import AdaptiveSoftmaxOutput
from rnnlm_cli.nn.outputs.sampled import SampledSoftmaxOutput
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.nn.param import Param

T, B, D, H, V = 5, 3, 4, 4, 7


def init():
    return scaled_normal(np.random.default_rng(0), np.float64)


LAYERS = {
    "rnn": lambda: RNN(D, H, init()),
    "lstm": lambda: LSTM(D, H, init()),
    "gru": lambda: GRU(D, H, init()),
    "rnn, recurrent dropout": lambda: RNN(D, H, init(), recurrent_dropout=0.4),
    "lstm, recurrent dropout": lambda: LSTM(D, H, init(), recurrent_dropout=0.4),
    "gru, recurrent dropout": lambda: GRU(D, H, init(), recurrent_dropout=0.4),
    "rnn, weight dropout": lambda: RNN(D, H, init(), weight_dropout=0.4),
    "lstm, weight dropout": lambda: LSTM(D, H, init(), weight_dropout=0.4),
    "gru, weight dropout": lambda: GRU(D, H, init(), 0.4, 0.4),
    "bidirectional": lambda: Bidirectional(
        Stack({"a": LSTM(D, H, init()), "b": GRU(H, H, init(), 0.4)}),
        Stack({"a": RNN(D, H, init())}),
    ),
    "activation penalty": lambda: ActivationPenalty(0.7),
    "slowness penalty": lambda: SlownessPenalty(0.7),
    "linear": lambda: Linear(D, H, init()),
    "embedding": lambda: Embedding(V, H, init()),
    "embedding, dropout": lambda: Embedding(V, H, init(), dropout=0.4),
    "dropout": lambda: Dropout(0.4),
    "dropout, variational": lambda: Dropout(0.4, variational=True),
    "residual": lambda: Residual(LSTM(D, D, init())),
    "stack, one draw a block": lambda: Stack(
        {
            "dropout": Dropout(0.4, variational=True),
            "layer0": LSTM(D, H, init(), 0.4, 0.3),
            "dropout1": Dropout(0.4, variational=True),
            "layer1": GRU(H, H, init(), 0.4),
            "layer2": RNN(H, H, init(), 0.0, 0.3),
        }
    ),
    "stack": lambda: Stack(
        {
            "dropout": Dropout(0.4),
            "layer0": LSTM(D, H, init()),
            "layer1": Residual(GRU(H, H, init())),
            "projection": Linear(H, D, init()),
        }
    ),
}


def flat(state):
    """The arrays of a nested state, in order."""
    if isinstance(state, np.ndarray):
        return [state]
    return [array for part in state for array in flat(part)]


def central_difference(loss, array, step=1e-6):
    """The gradient of ``loss()`` by ``array``, whose elements are moved one at a time."""
    gradient = np.zeros_like(array)
    for index in np.ndindex(*array.shape):
        kept = array[index]
        array[index] = kept + step
        above = loss()
        array[index] = kept - step
        gradient[index] = (above - loss()) / (2 * step)
        array[index] = kept
    return gradient


def relative_error(a, b):
    return np.linalg.norm(a - b) / max(np.linalg.norm(a) + np.linalg.norm(b), 1e-12)


def prepared(name):
    """A layer with no parameter at zero, an input and a state for it."""
    rng = np.random.default_rng(1)
    layer = LAYERS[name]()
    for param in layer.params.values():
        param.value[...] += 0.3 * rng.standard_normal(param.value.shape)
    state = layer.initial_state(B)
    for array in flat(state):
        array[...] = rng.standard_normal(array.shape)
    if name.startswith("embedding"):
        x = rng.integers(0, V, (T, B))
    else:
        x = rng.standard_normal((2, T, B, D) if name == "bidirectional" else (T, B, D))
    return layer, x, state


def penalty(name, y):
    """What a layer adds to the loss, from its definition."""
    if name == "activation penalty":
        return 0.7 * (y**2).mean()
    if name == "slowness penalty":
        return 0.7 * ((y[1:] - y[:-1]) ** 2).mean()
    return 0.0


def check_gradients(name):
    """Compare all gradients of a layer with central differences."""
    layer, x, state = prepared(name)
    weigh = np.random.default_rng(2)
    y, after, cache = layer.forward(x, state, np.random.default_rng(3))
    dy = weigh.standard_normal(y.shape)
    dafter = [weigh.standard_normal(a.shape) for a in flat(after)]

    def loss():
        y, after, _ = layer.forward(x, state, np.random.default_rng(3))
        total = (y * dy).sum() + penalty(name, y)
        return total + sum((a * d).sum() for a, d in zip(flat(after), dafter, strict=True))

    pending = iter(dafter)

    def like(part):
        return next(pending) if isinstance(part, np.ndarray) else tuple(like(p) for p in part)

    dx, dstate = layer.backward(dy, like(after), cache)
    checks = {name: (param.grad, param.value) for name, param in layer.params.items()}
    checks |= {
        f"state {k}": pair for k, pair in enumerate(zip(flat(dstate), flat(state), strict=True))
    }
    if dx is not None:
        checks["x"] = (dx, x)
    assert checks
    for what, (analytic, array) in checks.items():
        error = relative_error(analytic, central_difference(loss, array))
        assert error < 1e-6, f"{name}: {what}: relative error {error:.1e}"


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_those_of_central_differences(name):
    check_gradients(name)


@pytest.fixture
def in_flight(monkeypatch):
    """Return what cuts blocks into as many parts as steps, and divides layers among cores."""
    with ExitStack() as pools:

        def start(cores):
            pool = pools.enter_context(ThreadPoolExecutor(cores))
            monkeypatch.setattr("rnnlm_cli.nn.layers.stack.PART_ELEMENTS", 1)
            monkeypatch.setattr("rnnlm_cli.nn.layers.stack.core_count", lambda: cores)
            monkeypatch.setattr("rnnlm_cli.nn.cpu.threads.core_count", lambda: cores)
            monkeypatch.setattr("rnnlm_cli.nn.cpu.threads._pool", lambda: pool)

        yield start


@pytest.mark.parametrize("cores", [1, 2, 5])
@pytest.mark.parametrize("name", ["stack", "stack, one draw a block"])
def test_a_stack_in_flight_has_the_same_gradients(in_flight, name, cores):
    in_flight(cores)
    check_gradients(name)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_a_stack_in_flight_does_what_it_does_whole(in_flight, cores):
    def pass_through():
        layer, x, state = prepared("stack, one draw a block")
        y, after, cache = layer.forward(x, state, np.random.default_rng(3))
        dx, dstate = layer.backward(np.cos(y), tuple_like(after), cache)
        gradients = [param.grad for param in layer.params.values()]
        return len(cache[0]), [y, dx, *flat(after), *flat(dstate), *gradients]

    one, whole = pass_through()
    in_flight(cores)
    many, parts = pass_through()
    assert (one, many) == (1, T)
    for a, b in zip(parts, whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_added_not_overwritten(name):
    layer, x, state = prepared(name)
    y, after, cache = layer.forward(x, state)
    zeros = tuple_like(after)
    layer.backward(np.ones_like(y), zeros, cache)
    once = {key: param.grad.copy() for key, param in layer.params.items()}
    layer.backward(np.ones_like(y), zeros, cache)
    for key, param in layer.params.items():
        np.testing.assert_allclose(param.grad, 2 * once[key], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "bidirectional"])
def test_two_halves_equal_the_whole(name):
    layer, x, state = prepared(name)
    whole, end, _ = layer.forward(x, state)
    first, middle, _ = layer.forward(x[:2], state)
    second, last, _ = layer.forward(x[2:], middle)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, rtol=1e-12, atol=1e-14)
    for a, b in zip(flat(last), flat(end), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_forward_leaves_its_input_alone(name):
    layer, x, state = prepared(name)
    x_before, state_before = x.copy(), [a.copy() for a in flat(state)]
    y, after, cache = layer.forward(x, state, np.random.default_rng(3))
    layer.backward(np.ones_like(y), tuple_like(after), cache)
    np.testing.assert_array_equal(x, x_before)
    for now, before in zip(flat(state), state_before, strict=True):
        np.testing.assert_array_equal(now, before)


@pytest.mark.parametrize("name", [n for n in LAYERS if "dropout" in n or "stack" in n])
def test_without_a_generator_nothing_is_dropped(name):
    layer, x, state = prepared(name)
    a, _, _ = layer.forward(x, state)
    b, _, _ = layer.forward(x, state)
    c, _, _ = layer.forward(x, state, np.random.default_rng(3))
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    assert not np.allclose(a, c)


def tuple_like(state):
    """Zeros in the form of a nested state."""
    if isinstance(state, np.ndarray):
        return np.zeros_like(state)
    return tuple(tuple_like(part) for part in state)


class TestSoftmaxOutput:
    """The output layer has two methods of its own, and the same demands."""

    def prepared(self):
        rng = np.random.default_rng(1)
        layer = SoftmaxOutput.untied(H, V, init())
        layer.bias.value[...] = rng.standard_normal(V)
        h = rng.standard_normal((T, B, H))
        targets = rng.integers(0, V, (T, B))
        targets[1, 2] = targets[4, 0] = -1
        return layer, h, targets

    def test_gradients_are_those_of_central_differences(self):
        layer, h, targets = self.prepared()

        def loss():
            nats, counted, _ = layer.loss(h, targets)
            return nats / counted

        dh = layer.loss(h, targets).dh
        found = {"h": (dh, h)}
        found |= {key: (param.grad.copy(), param.value) for key, param in layer.params.items()}
        for what, (analytic, array) in found.items():
            error = relative_error(analytic, central_difference(loss, array))
            assert error < 1e-6, f"{what}: relative error {error:.1e}"

    def test_loss_is_the_negative_log_probability_of_the_counted_targets(self):
        layer, h, targets = self.prepared()
        logits = h @ layer.weight.value.T + layer.bias.value
        p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
        expected = [
            -np.log(p[t, b, targets[t, b]]) for t, b in np.ndindex(T, B) if targets[t, b] != -1
        ]
        nats, counted, dh = layer.loss(h, targets)
        assert counted == T * B - 2
        assert nats == pytest.approx(sum(expected), rel=1e-12)
        assert not dh[1, 2].any()
        assert not dh[4, 0].any()
        assert dh[0, 0].any()
        np.testing.assert_allclose(np.exp(layer.log_probs(h)), p, rtol=1e-12)
        assert -layer.target_log_probs(h, targets).sum() == pytest.approx(nats, rel=1e-12)

    @pytest.mark.parametrize(("chunk_rows", "cores"), [(4, 1), (100, 3), (2, 3), (1, 100)])
    def test_chunks_and_threads_change_nothing(self, monkeypatch, chunk_rows, cores):
        layer, h, targets = self.prepared()
        whole = layer.loss(h, targets)
        gradients = {name: param.grad.copy() for name, param in layer.params.items()}
        scores = layer.target_log_probs(h, targets)
        for param in layer.params.values():
            param.zero_grad()
        monkeypatch.setattr("rnnlm_cli.nn.outputs.softmax.CHUNK_ELEMENTS", chunk_rows * V)
        monkeypatch.setattr("rnnlm_cli.nn.outputs.softmax.THREAD_ELEMENTS", 1)
        monkeypatch.setattr("rnnlm_cli.nn.outputs.softmax.core_count", lambda: cores)
        assert len(layer._parts(T * B)) == min(cores, T * B)
        parts = layer.loss(h, targets)
        assert parts.nats == pytest.approx(whole.nats, rel=1e-12)
        np.testing.assert_allclose(parts.dh, whole.dh, rtol=1e-12, atol=1e-15)
        for name, param in layer.params.items():
            np.testing.assert_allclose(param.grad, gradients[name], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(layer.target_log_probs(h, targets), scores, rtol=1e-12)

    def test_huge_logits_stay_finite(self):
        layer, h, targets = self.prepared()
        layer.bias.value[...] = [1e4, -1e4, 0, 0, 0, 0, 0]
        loss = layer.loss(h, targets)
        assert np.isfinite(loss.nats)
        assert np.isfinite(loss.dh).all()

    def test_all_targets_ignored(self):
        layer, h, _ = self.prepared()
        loss = layer.loss(h, np.full((T, B), -1))
        assert (loss.nats, loss.counted) == (0.0, 0)
        assert not loss.dh.any()


OUTPUTS = {
    "adaptive, one cluster": lambda: AdaptiveSoftmaxOutput(H, V, [3], 2, init()),
    "adaptive, two clusters": lambda: AdaptiveSoftmaxOutput(H, V, [2, 5, 100], 2, init()),
    "adaptive, all frequent": lambda: AdaptiveSoftmaxOutput(H, V, [100], 2, init()),
    "sampled": lambda: SampledSoftmaxOutput(Param(init()((V, H), H)), 3),
    "sampled, every token": lambda: SampledSoftmaxOutput(Param(init()((V, H), H)), 10_000),
}


class TestOtherOutputLayers:
    """Rows of OUTPUTS: what learns cheaply, and scores exactly."""

    def prepared(self, name):
        rng = np.random.default_rng(1)
        layer = OUTPUTS[name]()
        for param in layer.params.values():
            param.value[...] = rng.standard_normal(param.value.shape)
        targets = rng.integers(0, V, (T, B))
        targets[1, 2] = targets[4, 0] = -1
        return layer, rng.standard_normal((T, B, H)), targets

    @pytest.mark.parametrize("name", OUTPUTS)
    def test_gradients_are_those_of_central_differences(self, name):
        layer, h, targets = self.prepared(name)

        def loss():
            nats, counted, _ = layer.loss(h, targets, np.random.default_rng(3))
            return nats / counted

        dh = layer.loss(h, targets, np.random.default_rng(3)).dh
        found = {"h": (dh, h)}
        found |= {key: (param.grad.copy(), param.value) for key, param in layer.params.items()}
        for what, (analytic, array) in found.items():
            error = relative_error(analytic, central_difference(loss, array))
            assert error < 1e-6, f"{name}: {what}: relative error {error:.1e}"

    @pytest.mark.parametrize("name", OUTPUTS)
    def test_scores_are_those_of_a_distribution(self, name):
        layer, h, targets = self.prepared(name)
        log_probs = layer.log_probs(h)
        np.testing.assert_allclose(np.exp(log_probs).sum(axis=-1), 1, rtol=1e-12)
        scores = layer.target_log_probs(h, targets)
        exact = layer.loss(h, targets)
        assert exact.counted == T * B - 2
        assert -scores.sum() == pytest.approx(exact.nats, rel=1e-12)
        for t, b in np.ndindex(T, B):
            wanted = targets[t, b]
            expected = 0 if wanted == -1 else log_probs[t, b, wanted]
            assert scores[t, b] == pytest.approx(expected, rel=1e-12)

    def test_a_sample_of_all_tokens_is_the_full_softmax(self):
        layer, h, targets = self.prepared("sampled, every token")
        sampled = layer.loss(h, targets, np.random.default_rng(3))
        gradients = {key: param.grad.copy() for key, param in layer.params.items()}
        for param in layer.params.values():
            param.zero_grad()
        full = layer.loss(h, targets)
        assert sampled.nats == pytest.approx(full.nats, rel=1e-9)
        np.testing.assert_allclose(sampled.dh, full.dh, rtol=1e-9, atol=1e-12)
        for key, param in layer.params.items():
            np.testing.assert_allclose(gradients[key], param.grad, rtol=1e-9, atol=1e-12)

    def test_tokens_are_sampled_as_often_as_is_said(self):
        layer = SampledSoftmaxOutput(Param(np.zeros((50, 2))), 20)
        rng, times, draws = np.random.default_rng(0), np.zeros(50), 20_000
        for _ in range(draws):
            times[layer.draw(rng)] += 1
        expected = np.exp(layer.log_expected(np.arange(50)))
        error = np.sqrt(expected * (1 - expected) / draws)
        assert (np.abs(times / draws - expected) < 5 * error + 1e-9).all()

    @pytest.mark.parametrize("name", OUTPUTS)
    def test_all_targets_ignored(self, name):
        layer, h, _ = self.prepared(name)
        loss = layer.loss(h, np.full((T, B), -1), np.random.default_rng(3))
        assert (loss.nats, loss.counted) == (0.0, 0)
        assert not loss.dh.any()
