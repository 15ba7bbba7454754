"""Whole networks in float32: the compiled engine computes the gradients of the plain one."""

import numpy as np
import pytest

from rnnlm_cli.config.model import DropoutConfig, ModelConfig
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.engines.choose import is_installed

V, T, B = 60, 9, 6

CONFIGS = {
    "lstm, two layers, tied": ModelConfig(
        embedding_size=24, hidden_size=24, layers=2, tie_weights=True
    ),
    "lstm, all dropout": ModelConfig(
        embedding_size=20,
        hidden_size=28,
        layers=2,
        dropout=DropoutConfig(
            embedding=0.2, input=0.2, hidden=0.2, output=0.2, weight=0.2, variational=True
        ),
    ),
    "gru, whole words dropped": ModelConfig(
        cell="gru", embedding_size=20, hidden_size=37, dropout=DropoutConfig(embedding=0.3)
    ),
    "rnn, residual": ModelConfig(
        cell="rnn", embedding_size=33, hidden_size=33, layers=2, residual=True
    ),
    "bidirectional": ModelConfig(embedding_size=20, hidden_size=24, direction="bidirectional"),
}


@pytest.mark.skipif(not is_installed("compiled"), reason="no kernels: no compiler, or another CPU")
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_loss_and_gradients_are_those_of_the_plain_engine(config):
    rng = np.random.default_rng(0)
    shape = (2, T, B) if config.direction == "bidirectional" else (T, B)
    ids, targets = rng.integers(0, V // 2, shape), rng.integers(-1, V, (T, B))
    found = []
    for engine in ("plain", "compiled"):
        network = Rnnlm.random(config, V, np.random.default_rng(1), engine=engine)
        with network.running():
            tape = network.begin(T, B, np.random.default_rng(2))
            h, after = tape.forward(ids, network.initial_state(B))
            loss = network.output.loss_and_gradients(h, targets)
            tape.backward(loss.dh, after)
            tape.finish()
        found.append({name: param.grad for name, param in network.params.items()})
        found[-1]["loss"] = np.array(loss.nats)
    for name, expected in found[0].items():
        bound = 1e-4 * max(np.abs(expected).max(), 1e-6)
        np.testing.assert_allclose(found[1][name], expected, rtol=0, atol=bound, err_msg=name)
