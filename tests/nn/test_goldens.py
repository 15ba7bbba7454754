"""Forward and backward of each cell against PyTorch's, from tests/goldens/make_goldens.py."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.nn.cells.elman import RNN
from rnnlm_cli.nn.cells.gru import GRU
from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.nn.init import scaled_normal

GOLDENS = Path(__file__).parents[1] / "goldens"


@pytest.mark.parametrize(("kind", "cell"), [("rnn", RNN), ("lstm", LSTM), ("gru", GRU)])
def test_cell_equals_pytorch(kind, cell):
    with np.load(GOLDENS / f"{kind}.npz") as file:
        golden = dict(file)
    input_size, hidden_size = golden["x"].shape[-1], golden["y"].shape[-1]
    layer = cell(input_size, hidden_size, scaled_normal(np.random.default_rng(0), np.float64))
    for name, param in layer.params.items():
        param.value[...] = golden[name]
    arrays = range(layer.state_arrays)

    y, after, cache = layer.forward(golden["x"], tuple(golden[f"state{k}"] for k in arrays))
    dx, dstate = layer.backward(golden["dy"], tuple(golden[f"dafter{k}"] for k in arrays), cache)

    found = {"y": y, "dx": dx}
    found |= {f"after{k}": after[k] for k in arrays} | {f"dstate{k}": dstate[k] for k in arrays}
    found |= {f"d{name}": param.grad for name, param in layer.params.items()}
    for name, value in found.items():
        np.testing.assert_allclose(value, golden[name], rtol=1e-10, atol=1e-12, err_msg=name)
