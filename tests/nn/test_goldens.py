"""Forward and backward of each cell against PyTorch's, from tests/goldens/make_goldens.py."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.recurrent import Recurrent

GOLDENS = Path(__file__).parents[1] / "goldens"


@pytest.mark.parametrize(
    "name", ["rnn", "lstm", "gru", "sru", "sru-4-products", "ln_lstm", "mogrifier"]
)
def test_the_plain_engine_equals_pytorch(name):
    with np.load(GOLDENS / f"{name}.npz") as file:
        golden = dict(file)
    kind = name.partition("-")[0]
    input_size, hidden_size = golden["x"].shape[-1], golden["y"].shape[-1]
    init = scaled_normal(np.random.default_rng(0), np.float64)
    layer = Recurrent(CELLS[kind], ENGINES["plain"], input_size, hidden_size, init)
    for name, param in layer.params.items():
        param.value[...] = golden[name]
    arrays = range(len(layer.cell.states))

    tape = layer.begin(*golden["x"].shape[:2])
    y, after = tape.forward(golden["x"], tuple(golden[f"state{k}"] for k in arrays))
    dx, dstate = tape.backward(golden["dy"], tuple(golden[f"dafter{k}"] for k in arrays))
    tape.finish()

    found = {"y": y, "dx": dx}
    found |= {f"after{k}": after[k] for k in arrays} | {f"dstate{k}": dstate[k] for k in arrays}
    found |= {f"d{name}": param.grad for name, param in layer.params.items()}
    for name, value in found.items():
        np.testing.assert_allclose(value, golden[name], rtol=1e-10, atol=1e-12, err_msg=name)
