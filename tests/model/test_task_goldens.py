"""Classifier and describer against PyTorch's values, from tests/goldens/make_task_goldens.py.

The encoder-decoder's are in ``test_encoder_decoder.py``, with attention.
"""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.task import Classification
from rnnlm_cli.model.classifier import Classifier
from rnnlm_cli.model.describer import Describer
from rnnlm_cli.model.initialization import initializers
from rnnlm_cli.nn.engines.choose import ENGINES, is_installed
from rnnlm_cli.system.arrays import IGNORED

GOLDENS = Path(__file__).parents[1] / "goldens"
V, L, H = 11, 3, 5
SIZES = {"embedding_size": 4, "hidden_size": H}
BOTH = {**SIZES, "direction": "bidirectional"}

CLASSIFIERS = {
    "classification-lstm-last": ("last", ModelConfig(layers=2, **SIZES)),
    "classification-gru-mean": ("mean", ModelConfig(cell="gru", **SIZES)),
    "classification-rnn-ends": ("ends", ModelConfig(cell="rnn", **SIZES)),
    "classification-lstm-last-both": ("last", ModelConfig(layers=2, **BOTH)),
    "classification-rnn-mean-both": ("mean", ModelConfig(cell="rnn", **BOTH)),
    "classification-gru-ends-both": ("ends", ModelConfig(cell="gru", **BOTH)),
}
DESCRIBERS = {
    "description-lstm": ModelConfig(layers=2, **SIZES),
    "description-gru-tied": ModelConfig(
        cell="gru", embedding_size=H, hidden_size=H, tie_weights=True
    ),
}


def built(name, engine):
    rng = np.random.default_rng(0)
    if name in DESCRIBERS:
        config = DESCRIBERS[name]
        return Describer(config, V, L, initializers(config, rng, np.float64), engine)
    state, config = CLASSIFIERS[name]
    init = initializers(config, rng, np.float64)
    return Classifier(config, Classification(state=state), V, L, init, engine)


def close(found, expected, what):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=what)


@pytest.mark.parametrize("engine", [*filter(is_installed, ENGINES)])
@pytest.mark.parametrize("name", [*CLASSIFIERS, *DESCRIBERS])
def test_loss_probabilities_and_gradients_are_pytorchs(name, engine):
    with np.load(GOLDENS / f"{name}.npz") as file:
        values = dict(file)
    network = built(name, engine)
    for key, param in network.params.items():
        param.value[...] = values[key]
    inputs = values["inputs"]
    targets = values["labels" if name in CLASSIFIERS else "targets"]
    streams = inputs.shape[-1]
    zeros = network.initial_state(streams)
    network.zero_grad()
    with network.running():
        tape = network.begin(len(targets), streams)
        if (targets == IGNORED).any():
            tape.leave_out(targets == IGNORED)
        y, _ = tape.forward(inputs, zeros)
        loss = network.output.loss_and_gradients(y, targets)
        tape.backward(loss.dh, zeros)
        tape.finish()
    close(loss.nats / loss.counted, values["loss"], "loss")
    counts = targets != IGNORED
    found = network.output.log_probs(y)[counts]
    close(found, values["log_probs"].reshape(*targets.shape, -1)[counts], "log_probs")
    for key, param in network.params.items():
        close(param.grad, values[f"d{key}"], f"gradient of {key}")
