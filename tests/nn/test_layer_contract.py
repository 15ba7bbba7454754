"""One contract for every layer: its gradients are those of finite differences, its state is whole.

A new layer joins by one row in LAYERS; a new cell by its row in CELLS.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import numpy as np
import pytest

from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.cells.mogrifier import Mogrifier
from rnnlm_cli.nn.engines.choose import ENGINES, FASTEST
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.attention import DotAttention
from rnnlm_cli.nn.layers.bidirectional import Bidirectional
from rnnlm_cli.nn.layers.dropout import Dropout
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.layers.linear import Linear
from rnnlm_cli.nn.layers.peek import Peek
from rnnlm_cli.nn.layers.penalties import ActivationPenalty, SlownessPenalty
from rnnlm_cli.nn.layers.recurrent import Recurrent
from rnnlm_cli.nn.layers.residual import Residual
from rnnlm_cli.nn.layers.stack import Stack

T, B, D, H, V = 5, 3, 4, 4, 7


def init():
    return scaled_normal(np.random.default_rng(0), np.float64)


def recurrent(cell, input_size, hidden_size, **dropout):
    return Recurrent(CELLS[cell], ENGINES[FASTEST], input_size, hidden_size, init(), **dropout)


class AttentionToSix(DotAttention):
    """Attention to six states; what a network gives it has as many as the source has tokens."""

    def initial_state(self, streams):
        return np.zeros((streams, 6, H)), np.zeros((streams, 6))


DROPOUTS = {
    "": {},
    ", recurrent dropout": {"recurrent_dropout": 0.4},
    ", weight dropout": {"weight_dropout": 0.4},
    ", both dropouts": {"recurrent_dropout": 0.4, "weight_dropout": 0.4},
}

BOTH = {", both dropouts": DROPOUTS[", both dropouts"]}
BY_CELL = {"sru": {"": {}}, "ln_lstm": BOTH, "mogrifier": BOTH}
"""The dropouts of cells that have none, or that engines run by their own equations."""

LAYERS = {
    f"{cell}{name}": partial(recurrent, cell, D, H, **dropout)
    for cell in CELLS
    for name, dropout in BY_CELL.get(cell, DROPOUTS).items()
} | {
    "sru, another size": lambda: recurrent("sru", D, H - 1),
    "mogrifier of low rank": lambda: Recurrent(
        Mogrifier(rounds=2, rank=2), ENGINES[FASTEST], D, H, init()
    ),
    "bidirectional": lambda: Bidirectional(
        Stack({"a": recurrent("lstm", D, H), "b": recurrent("gru", H, H, recurrent_dropout=0.4)}),
        Stack({"a": recurrent("rnn", D, H)}),
    ),
    "activation penalty": lambda: ActivationPenalty(0.7),
    "slowness penalty": lambda: SlownessPenalty(0.7),
    "attention": AttentionToSix,
    "peek": lambda: Peek(4, np.float64),
    "linear": lambda: Linear(D, H, init()),
    "embedding": lambda: Embedding(V, H, init()),
    "embedding, dropout": lambda: Embedding(V, H, init(), dropout=0.4),
    "dropout": lambda: Dropout(0.4),
    "dropout, variational": lambda: Dropout(0.4, variational=True),
    "residual": lambda: Residual(recurrent("lstm", D, D)),
    "stack, one draw per block": lambda: Stack(
        {
            "dropout": Dropout(0.4, variational=True),
            "layer0": recurrent("lstm", D, H, recurrent_dropout=0.4, weight_dropout=0.3),
            "dropout1": Dropout(0.4, variational=True),
            "layer1": recurrent("gru", H, H, recurrent_dropout=0.4),
            "layer2": recurrent("rnn", H, H, weight_dropout=0.3),
        }
    ),
    "stack": lambda: Stack(
        {
            "dropout": Dropout(0.4),
            "layer0": recurrent("lstm", D, H),
            "layer1": Residual(recurrent("gru", H, H)),
            "projection": Linear(H, D, init()),
        }
    ),
}


def flat(state):
    """The arrays of a nested state, in order."""
    if isinstance(state, np.ndarray):
        return [state]
    return [array for part in state for array in flat(part)]


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


def begin(layer, rng=None):
    return layer.begin(T, B, rng)


def penalty(name, y):
    """The term that a layer adds to the loss, by its definition."""
    if name == "activation penalty":
        return 0.7 * (y**2).mean()
    if name == "slowness penalty":
        return 0.7 * ((y[1:] - y[:-1]) ** 2).mean()
    return 0.0


def gradients_of(name):
    """The loss of a layer's outputs, and each gradient with its array."""
    layer, x, state = prepared(name)
    weigh = np.random.default_rng(2)
    tape = begin(layer, np.random.default_rng(3))
    y, after = tape.forward(x, state)
    dy = weigh.standard_normal(y.shape)
    dafter = [weigh.standard_normal(a.shape) for a in flat(after)]

    def loss():
        y, after = begin(layer, np.random.default_rng(3)).forward(x, state)
        total = (y * dy).sum() + penalty(name, y)
        return total + sum((a * d).sum() for a, d in zip(flat(after), dafter, strict=True))

    pending = iter(dafter)

    def like(part):
        return next(pending) if isinstance(part, np.ndarray) else tuple(like(p) for p in part)

    dx, dstate = tape.backward(dy, like(after))
    tape.finish()
    checks = {name: (param.grad, param.value) for name, param in layer.params.items()}
    checks |= {
        f"state {k}": pair for k, pair in enumerate(zip(flat(dstate), flat(state), strict=True))
    }
    if dx is not None:
        checks["x"] = (dx, x)
    return loss, checks


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_those_of_central_differences(check_gradients, name):
    check_gradients(*gradients_of(name))


@pytest.fixture
def in_flight(monkeypatch):
    """Return a function that sets one part per step and the number of cores."""
    with ExitStack() as pools:

        def start(cores):
            pool = pools.enter_context(ThreadPoolExecutor(cores))
            monkeypatch.setattr("rnnlm_cli.nn.layers.stack.PART_ELEMENTS", 1)
            monkeypatch.setattr("rnnlm_cli.nn.layers.stack.core_count", lambda: cores)
            monkeypatch.setattr("rnnlm_cli.nn.cpu.threads.core_count", lambda: cores)
            monkeypatch.setattr("rnnlm_cli.nn.cpu.threads._pool", lambda: pool)

        yield start


def test_a_stack_in_flight_has_the_same_gradients(check_gradients, in_flight):
    in_flight(2)
    check_gradients(*gradients_of("stack"))


@pytest.mark.parametrize("cores", [1, 2, 5])
@pytest.mark.parametrize("name", ["stack", "stack, one draw per block"])
def test_a_pipelined_stack_computes_the_same_as_a_whole_one(in_flight, name, cores):
    def pass_through():
        layer, x, state = prepared(name)
        tape = begin(layer, np.random.default_rng(3))
        y, after = tape.forward(x, state)
        parts = len(tape._cuts[0])
        dx, dstate = tape.backward(np.cos(y), tuple_like(after))
        tape.finish()
        gradients = [param.grad for param in layer.params.values()]
        return parts, [y, dx, *flat(after), *flat(dstate), *gradients]

    one, whole = pass_through()
    in_flight(cores)
    many, parts = pass_through()
    assert (one, many) == (1, T)
    for a, b in zip(parts, whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_added_not_overwritten(name):
    layer, x, state = prepared(name)
    tapes = [begin(layer), begin(layer)]
    for tape in tapes:  # both passes at once
        y, after = tape.forward(x, state)
    for tape in tapes:
        tape.backward(np.ones_like(y), tuple_like(after))
    assert not any(param.grad.any() for param in layer.params.values())
    tapes[0].finish()
    once = {key: param.grad.copy() for key, param in layer.params.items()}
    tapes[1].finish()
    for key, param in layer.params.items():
        np.testing.assert_allclose(param.grad, 2 * once[key], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "bidirectional"])
def test_two_halves_equal_the_whole(name):
    layer, x, state = prepared(name)
    whole, end = begin(layer).forward(x, state)
    parts = begin(layer)
    first, middle = parts.forward(x[:2], state)
    second, last = parts.forward(x[2:], middle)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, rtol=1e-12, atol=1e-14)
    for a, b in zip(flat(last), flat(end), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_forward_leaves_its_input_alone(name):
    layer, x, state = prepared(name)
    x_before, state_before = x.copy(), [a.copy() for a in flat(state)]
    tape = begin(layer, np.random.default_rng(3))
    y, after = tape.forward(x, state)
    tape.backward(np.ones_like(y), tuple_like(after))
    tape.finish()
    np.testing.assert_array_equal(x, x_before)
    for now, before in zip(flat(state), state_before, strict=True):
        np.testing.assert_array_equal(now, before)


@pytest.mark.parametrize("name", [n for n in LAYERS if "dropout" in n or "stack" in n])
def test_without_a_generator_nothing_is_dropped(name):
    layer, x, state = prepared(name)
    a, _ = begin(layer).forward(x, state)
    b, _ = begin(layer).forward(x, state)
    c, _ = begin(layer, np.random.default_rng(3)).forward(x, state)
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    assert not np.allclose(a, c)


def tuple_like(state):
    """Zeros in the form of a nested state."""
    if isinstance(state, np.ndarray):
        return np.zeros_like(state)
    return tuple(tuple_like(part) for part in state)
