"""The whole model against PyTorch's values, from tests/goldens/make_goldens.py."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.device import to_host
from rnnlm_cli.nn.engines.choose import ENGINES, is_installed
from rnnlm_cli.train.clipping import clip_gradients

GOLDENS = Path(__file__).parents[1] / "goldens"
T, RATE, MAX_NORM = 6, 2.0, 0.25

MODELS = {
    "lstm-tied": ModelConfig(embedding_size=5, hidden_size=5, layers=2, tie_weights=True),
    "gru": ModelConfig(cell="gru", embedding_size=4, hidden_size=5),
    "rnn": ModelConfig(cell="rnn", embedding_size=4, hidden_size=5, layers=2),
}


@pytest.fixture(params=MODELS)
def golden(request):
    with np.load(GOLDENS / f"model-{request.param}.npz") as file:
        return MODELS[request.param], dict(file)


def close(found, expected, what):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=what)


@pytest.mark.parametrize("engine", ENGINES)
def test_loss_probabilities_gradients_and_ten_steps_of_sgd(golden, engine, request):
    if engine == "cuda":
        request.getfixturevalue("device")
    if not is_installed(engine):
        pytest.skip(f"the engine {engine} is not installed")
    config, values = golden
    ids = values["ids"]
    model = Rnnlm.random(config, 11, np.random.default_rng(0), np.float64, engine).placed()
    for name, param in model.params.items():
        param.assign(values[name])
    state = model.initial_state(ids.shape[1])
    for step, expected in enumerate(values["losses"]):
        block = slice(step * T, (step + 1) * T)
        model.zero_grad()
        tape = model.begin(T, ids.shape[1])
        h, state = tape.forward(ids[block], state)
        targets = ids[1:][block]
        nats, counted, dh = model.output.loss_and_gradients(h, targets)
        tape.backward(dh, model.initial_state(ids.shape[1]))
        tape.finish()
        close(float(nats) / counted, expected, f"loss of step {step}")
        if step == 0:
            close(model.output.log_probs(h), values["log_probs"], "log_probs")
            for name, param in model.params.items():
                close(to_host(param.grad), values[f"d{name}"], f"gradient of {name}")
        clip_gradients(model.params.values(), MAX_NORM)
        for param in model.params.values():
            param.descend(RATE)
    for name, param in model.params.items():
        expected = values[f"after {name}"]
        np.testing.assert_allclose(param.weights, expected, rtol=1e-5, err_msg=name)
