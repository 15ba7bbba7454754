"""Weight initialization, by kind."""

import numpy as np
import pytest

from rnnlm_cli.config import model as schema
from rnnlm_cli.config.model import WITH_FORGET_GATE, ModelConfig
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.cells import CELLS


def test_the_config_knows_the_cells_with_a_forget_gate():
    """It admits ``forget_bias`` for them alone."""
    assert {name for name, cell in CELLS.items() if cell.keeps == "f"} == set(WITH_FORGET_GATE)


def values(**config):
    model = Rnnlm.random(
        ModelConfig(embedding_size=60, hidden_size=80, **config), 500, np.random.default_rng(1)
    )
    return {name: param.value for name, param in model.params.items()}


def assert_even(array, limit):
    assert np.abs(array).max() <= limit
    assert array.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)


def test_uniform_is_even_over_its_scale_everywhere():
    params = values(initialization=schema.UniformInitialization(scale=0.04))
    for name in ("embedding.weight", "layer0.weight_ih", "layer0.weight_hh", "output.weight"):
        assert_even(params[name], 0.04)


def test_pytorch_is_narrower_inside():
    params = values(initialization=schema.PyTorchInitialization())
    assert_even(params["embedding.weight"], 0.1)
    assert_even(params["output.weight"], 0.1)
    assert_even(params["layer0.weight_hh"], 1 / np.sqrt(80))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_each_gate_of_an_orthogonal_layer_keeps_lengths(cell):
    w_hh = values(cell=cell, initialization=schema.OrthogonalInitialization())["layer0.weight_hh"]
    for gate in np.split(w_hh, w_hh.shape[1] // 80, axis=1):
        np.testing.assert_allclose(gate @ gate.T, np.eye(80), atol=1e-5)
    assert not np.allclose(w_hh[:, :80], np.eye(80), atol=0.1)


@pytest.mark.parametrize("direction", ["forward", "bidirectional"])
def test_the_forget_bias_is_that_of_the_forget_gates_alone(direction):
    params = values(layers=2, direction=direction, forget_bias=1.5)
    biases = [value for name, value in params.items() if name.endswith(".bias") and "layer" in name]
    assert len(biases) == (4 if direction == "bidirectional" else 2)
    for bias in biases:
        i, f, g, o = np.split(bias, 4)
        assert (f == 1.5).all()
        assert not np.concatenate([i, g, o]).any()
