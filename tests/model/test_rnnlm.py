"""The assembled network: whole-model gradients, tying, sizes."""

import numpy as np
import pytest

from rnnlm_cli.config.model import DirectConfig, DropoutConfig, ModelConfig
from rnnlm_cli.data.lines import both_ways
from rnnlm_cli.model import Rnnlm

T, B, V = 4, 2, 7
MODELS = {
    "rnn": ModelConfig(cell="rnn", embedding_size=3, hidden_size=4),
    "lstm": ModelConfig(cell="lstm", embedding_size=3, hidden_size=4, layers=2),
    "gru": ModelConfig(cell="gru", embedding_size=4, hidden_size=4, layers=3, residual=True),
    "tied": ModelConfig(embedding_size=4, hidden_size=4, tie_weights=True),
    "tied through a projection": ModelConfig(embedding_size=3, hidden_size=5, tie_weights=True),
    "dropout": ModelConfig(
        embedding_size=4,
        hidden_size=4,
        layers=2,
        dropout=DropoutConfig(input=0.3, hidden=0.4, output=0.5),
    ),
    "variational": ModelConfig(
        embedding_size=4,
        hidden_size=4,
        layers=2,
        dropout=DropoutConfig(input=0.3, hidden=0.4, output=0.5, variational=True),
    ),
    "weights and words dropped": ModelConfig(
        cell="gru",
        embedding_size=4,
        hidden_size=4,
        tie_weights=True,
        dropout=DropoutConfig(embedding=0.3, weight=0.4),
    ),
    "trigrams": ModelConfig(
        embedding_size=4,
        hidden_size=4,
        tie_weights=True,
        dropout=DropoutConfig(output=0.5),
        direct=DirectConfig(order=3, size=70),
    ),
    "bidirectional": ModelConfig(
        direction="bidirectional",
        embedding_size=3,
        hidden_size=4,
        layers=2,
        dropout=DropoutConfig(input=0.3, hidden=0.4, output=0.5),
    ),
    "bidirectional, tied": ModelConfig(
        direction="bidirectional", embedding_size=8, hidden_size=4, tie_weights=True
    ),
}


def build(config, dtype=np.float64):
    return Rnnlm.random(config, V, np.random.default_rng(1), dtype)


def mean_nats(model, ids, targets, state, seed=None):
    rng = None if seed is None else np.random.default_rng(seed)
    tape = model.begin(T, B, rng)
    h, after = tape.forward(ids, state)
    return model.output.loss_and_gradients(h, targets), after, tape


@pytest.mark.parametrize("name", MODELS)
def test_gradients_of_the_whole_network(name):
    model = build(MODELS[name])
    rng = np.random.default_rng(2)
    for param in model.params.values():
        param.value[...] = 0.5 * rng.standard_normal(param.value.shape)
    ids, targets = rng.integers(0, V, (2, T, B))
    if model.bidirectional:
        ids = np.stack([ids, rng.integers(0, V, (T, B))])
    targets[-1, 0] = -1
    state = model.initial_state(B)
    loss, _, tape = mean_nats(model, ids, targets, state, seed=3)
    tape.backward(loss.dh, model.initial_state(B))
    tape.finish()
    gradients = {key: param.grad.copy() for key, param in model.params.items()}
    for key, param in model.params.items():
        direction = rng.standard_normal(param.value.shape)
        start, values = param.value.copy(), []
        for step in (1e-5, -1e-5):
            param.value[...] = start + step * direction
            moved = mean_nats(model, ids, targets, state, seed=3)[0]
            values.append(moved.nats / moved.counted)
        param.value[...] = start
        slope = (values[0] - values[1]) / 2e-5
        assert slope == pytest.approx((gradients[key] * direction).sum(), rel=1e-6, abs=1e-9), key


def test_tying_is_one_parameter():
    tied, untied = build(MODELS["tied"]), build(ModelConfig(embedding_size=4, hidden_size=4))
    assert tied.output.weight is tied.embedding.weight
    assert untied.parameter_count - tied.parameter_count == V * 4
    assert "output.weight" not in tied.params
    assert "output.weight" in untied.params


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("rnn", 7 * 3 + (3 * 4 + 4 * 4 + 4) + 7 * 4 + 7),
        ("lstm", 7 * 3 + 4 * (3 * 4 + 4 * 4 + 4) + 7 * 4 + 7),
        ("gru", 7 * 3 + 3 * (3 * 4 + 4 * 4 + 4) + 4 + 7 * 4 + 7),
    ],
)
def test_parameters_are_as_many_as_the_equations_have(cell, expected):
    model = build(ModelConfig(cell=cell, embedding_size=3, hidden_size=4))
    assert model.parameter_count == expected


def test_weights_are_initialized_as_in_the_notes():
    """Embedding N(0, 1)/100, weights N(0, 1)/sqrt(fan in), biases zero."""
    model = Rnnlm.random(
        ModelConfig(embedding_size=50, hidden_size=200), 1000, np.random.default_rng(1)
    )
    params = {key: param.value for key, param in model.params.items()}
    assert params["embedding.weight"].std() == pytest.approx(0.01, rel=0.05)
    assert params["layer0.weight_ih"].std() == pytest.approx(1 / np.sqrt(50), rel=0.05)
    assert params["layer0.weight_hh"].std() == pytest.approx(1 / np.sqrt(200), rel=0.05)
    assert params["output.weight"].std() == pytest.approx(1 / np.sqrt(200), rel=0.05)
    assert not params["layer0.bias"].any()
    assert not params["output.bias"].any()
    assert {value.dtype for value in params.values()} == {np.dtype(np.float32)}


def test_a_residual_stack_skips_only_where_the_size_is_kept():
    model = build(ModelConfig(embedding_size=3, hidden_size=4, layers=2, residual=True))
    for param in model.stack.params.values():
        param.value[...] = 0
    ids = np.zeros((T, B), int)
    assert not model.read(ids, model.initial_state(B))[0].any()
    model = build(ModelConfig(embedding_size=4, hidden_size=4, layers=2, residual=True))
    for param in model.stack.params.values():
        param.value[...] = 0
    h, _ = model.read(ids, model.initial_state(B))
    np.testing.assert_array_equal(h, model.embedding.weight.value[ids])


def test_an_untrained_uniform_model_gives_every_token_the_same():
    model = build(MODELS["lstm"])
    model.output.weight.value[...] = 0
    log_probs, _ = model.next_log_probs(np.zeros((1, B), int), model.initial_state(B))
    np.testing.assert_allclose(log_probs, -np.log(V), rtol=1e-12)


@pytest.mark.parametrize("layers", [1, 3])
def test_a_bidirectional_model_never_sees_its_target(layers):
    """Changing a word changes the logits at all other positions, but not at its own."""
    model = build(
        ModelConfig(
            direction="bidirectional", embedding_size=4, hidden_size=5, layers=layers, residual=True
        )
    )
    words = np.array([[3], [1], [4], [1], [5]])
    before = logits(model, words)
    for place in range(len(words)):
        changed = words.copy()
        changed[place] = 6
        after = logits(model, changed)
        np.testing.assert_allclose(after[place], before[place], rtol=1e-13, atol=1e-15)
        others = np.delete(np.arange(len(words)), place)
        assert (np.abs(after[others] - before[others]).max(axis=(1, 2)) > 1e-9).all()


def logits(model, words):
    h, _ = model.read(both_ways(words, 0), model.initial_state(1))
    return model.output.log_probs(h)
