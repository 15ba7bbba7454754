"""The whole classifier: gradients in float64, and lines that do not depend on their neighbours."""

import numpy as np
import pytest

from rnnlm_cli.config.model import DropoutConfig, ModelConfig
from rnnlm_cli.config.task import Classification
from rnnlm_cli.evaluate.accuracy import side_by_side
from rnnlm_cli.model.classifier import Classifier
from rnnlm_cli.model.initialization import initializers
from rnnlm_cli.nn.engines.choose import FASTEST

V, L = 7, 3
LINES = [np.array(line) for line in ([1, 2, 3, 4, 0], [5, 0], [6, 3, 0])]
LABELS = np.array([[2, 0, 1]])
DROPPED = DropoutConfig(input=0.3, hidden=0.4, output=0.2, variational=True)
MODELS = {
    "last": ("last", ModelConfig(embedding_size=3, hidden_size=4, layers=2)),
    "mean": ("mean", ModelConfig(cell="gru", embedding_size=3, hidden_size=4, dropout=DROPPED)),
    "ends": ("ends", ModelConfig(cell="rnn", embedding_size=3, hidden_size=4)),
    "last, both": (
        "last",
        ModelConfig(direction="bidirectional", embedding_size=3, hidden_size=4, layers=2),
    ),
    "ends, both": (
        "ends",
        ModelConfig(direction="bidirectional", cell="gru", embedding_size=3, hidden_size=4),
    ),
}


def build(name, engine=FASTEST):
    state, config = MODELS[name]
    rng = np.random.default_rng(1)
    init = initializers(config, rng, np.float64)
    model = Classifier(config, Classification(state=state), V, L, init, engine)
    for param in model.params.values():
        param.value[...] = 0.5 * rng.standard_normal(param.value.shape)
    return model


def inputs_of(model, lines):
    inputs = side_by_side(lines)
    if model.bidirectional:
        turned = [np.append(line[-2::-1], line[-1]) for line in lines]
        inputs = np.stack([inputs, side_by_side(turned)])
    return inputs


def passed(model, lines, labels, seed=None):
    """The loss of some lines and all gradients of its sum."""
    rng = None if seed is None else np.random.default_rng(seed)
    zeros, streams = model.initial_state(len(lines)), len(lines)
    model.zero_grad()
    tape = model.begin(1, streams, rng)
    y, _ = tape.forward(inputs_of(model, lines), zeros)
    loss = model.output.loss_and_gradients(y, labels, mean_over=1)
    tape.backward(loss.dh, zeros)
    tape.finish()
    return loss.nats, {name: param.grad.copy() for name, param in model.params.items()}


@pytest.mark.parametrize("name", MODELS)
def test_gradients_of_the_whole_network(name):
    model, rng = build(name), np.random.default_rng(2)
    _, gradients = passed(model, LINES, LABELS, seed=3)
    for key, param in model.params.items():
        direction, start = rng.standard_normal(param.value.shape), param.value.copy()
        values = []
        for step in (1e-5, -1e-5):
            param.value[...] = start + step * direction
            values.append(passed(model, LINES, LABELS, seed=3)[0])
        param.value[...] = start
        slope = (values[0] - values[1]) / 2e-5
        assert slope == pytest.approx((gradients[key] * direction).sum(), rel=1e-6, abs=1e-9), key


@pytest.mark.parametrize("engine", ["plain", "blocked"])
@pytest.mark.parametrize("name", ["ends", "last, both", "mean"])
def test_a_line_does_not_depend_on_the_lines_beside_it(name, engine):
    model = build(name, engine)
    together, gradients = passed(model, LINES, LABELS)
    alone = [passed(model, [line], LABELS[:, k : k + 1]) for k, line in enumerate(LINES)]
    assert together == pytest.approx(sum(nats for nats, _ in alone), rel=1e-12)
    for key, found in gradients.items():
        expected = sum(own[key] for _, own in alone)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-13, err_msg=key)
