"""The network that writes lines for labels: its gradients, and the model of one label."""

import numpy as np
import pytest

from rnnlm_cli.config.model import DropoutConfig, ModelConfig
from rnnlm_cli.evaluate.accuracy import side_by_side
from rnnlm_cli.model.describer import Describer
from rnnlm_cli.model.initialization import initializers
from rnnlm_cli.nn.state import begun_anew, joined_parts, like_parts
from rnnlm_cli.system.arrays import IGNORED

V, L = 7, 3
LINES = [np.array(line) for line in ([1, 2, 3, 4, 0], [5, 0], [6, 3, 0], [5, 1, 0])]
LABELS = np.array([2, 0, 1, 2])
DROPPED = DropoutConfig(input=0.3, hidden=0.4)
MODELS = {
    "lstm": ModelConfig(embedding_size=3, hidden_size=4, layers=2, dropout=DROPPED),
    "gru, tied": ModelConfig(cell="gru", embedding_size=4, hidden_size=4, tie_weights=True),
}


def build(name):
    config, rng = MODELS[name], np.random.default_rng(1)
    model = Describer(config, V, L, initializers(config, rng, np.float64), "plain")
    for param in model.params.values():
        param.value[...] = 0.5 * rng.standard_normal(param.value.shape)
    return model


def passed(model, chosen, seed=None):
    """The loss of some lines and all gradients of its sum."""
    targets = side_by_side([LINES[k] for k in chosen])
    padding = targets == IGNORED
    before = np.concatenate([np.zeros_like(targets[:1]), np.where(padding, 0, targets)[:-1]])
    zeros = model.initial_state(len(chosen))
    rng = None if seed is None else np.random.default_rng(seed)
    model.zero_grad()
    tape = model.begin(len(targets), len(chosen), rng)
    tape.leave_out(padding)
    h, _ = tape.forward(np.concatenate([LABELS[np.newaxis, chosen], before]), zeros)
    loss = model.output.loss_and_gradients(h, targets, mean_over=1)
    tape.backward(loss.dh, zeros)
    tape.finish()
    return loss.nats, {name: param.grad.copy() for name, param in model.params.items()}


@pytest.mark.parametrize("name", MODELS)
def test_gradients_of_the_whole_network(name):
    model, rng = build(name), np.random.default_rng(2)
    _, gradients = passed(model, [0, 1, 2, 3], seed=3)
    assert gradients["embedding.label_state"].shape == (L, 16 if name == "lstm" else 4)
    for key, param in model.params.items():
        direction, start = rng.standard_normal(param.value.shape), param.value.copy()
        values = []
        for step in (1e-5, -1e-5):
            param.value[...] = start + step * direction
            values.append(passed(model, [0, 1, 2, 3], seed=3)[0])
        param.value[...] = start
        slope = (values[0] - values[1]) / 2e-5
        assert slope == pytest.approx((gradients[key] * direction).sum(), rel=1e-6, abs=1e-9), key


def test_a_line_does_not_depend_on_the_lines_beside_it():
    model = build("lstm")
    together, gradients = passed(model, [0, 1, 2, 3])
    alone = [passed(model, [k]) for k in range(4)]
    assert together == pytest.approx(sum(nats for nats, _ in alone), rel=1e-12)
    for key, found in gradients.items():
        expected = sum(own[key] for _, own in alone)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-13, err_msg=key)


def test_the_model_of_a_label_gives_its_lines_the_same_probability():
    model = build("gru, tied")
    given = model.given(1)
    h, _ = given.read(np.array([[0], [6], [3]]), given.initial_state(1))
    scores = given.output.target_log_probs(h, np.array([[6], [3], [0]]))
    assert -scores.sum() == pytest.approx(passed(model, [2])[0], rel=1e-12)
    assert given.params is model.params


def test_a_state_side_by_side_and_back():
    like = ((np.zeros((2, 1)), np.zeros((2, 2))), (), np.zeros((2, 1)))
    joined = np.arange(8.0).reshape(2, 4)
    state = like_parts(joined, like)
    assert [part.tolist() for part in state[0]] == [[[0], [4]], [[1, 2], [5, 6]]]
    assert state[1] == ()
    np.testing.assert_array_equal(joined_parts(state), joined)
    anew = begun_anew(state, np.array([False, True]), like)
    np.testing.assert_array_equal(joined_parts(anew), [[0, 1, 2, 3], [0, 0, 0, 0]])
