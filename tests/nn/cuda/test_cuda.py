"""How the engine for a device keeps the arrays of a block for the next one."""

import numpy as np
import pytest

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.device import on_device, to_host
from rnnlm_cli.nn.engines import cuda
from rnnlm_cli.nn.engines.cuda_block import DeviceBlock
from rnnlm_cli.nn.engines.plain import PlainPass

IDS = np.random.default_rng(0).integers(0, 9, (3, 6, 2))  # three blocks
CONFIG = ModelConfig(embedding_size=3, hidden_size=4, layers=2)


@pytest.fixture
def networks(device):
    """The same network on the CPU and on the device."""
    here = Rnnlm.random(CONFIG, 9, np.random.default_rng(1), engine="plain")
    return here, on_the_device(here, CONFIG)


def on_the_device(here, config):
    """A network of the device's engine, with the weights of another."""
    there = Rnnlm.random(config, 9, np.random.default_rng(1), here.dtype, "cuda")
    return there.placed()


def read(network):
    """Read the blocks, and keep all that comes of them."""
    state, found = network.initial_state(2), []
    for ids in IDS:
        h, state = network.read(ids, state)
        found.append((h, state))
    return [(to_host(h), to_host(state)) for h, state in found]


@pytest.mark.parametrize("promised", [False, True])
def test_what_was_read_stays_when_the_next_block_is_read(networks, monkeypatch, promised):
    made = []

    class Counted(DeviceBlock):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr(cuda, "DeviceBlock", Counted)
    here, there = networks
    expected = read(here)
    if promised:
        with there.unchanged():
            found = read(there)
    else:
        found = read(there)
    assert len(made) == (2 if promised else 6)  # per layer: once, or for each block
    for (h, state), (own_h, own_state) in zip(expected, found, strict=True):
        np.testing.assert_allclose(own_h, h, atol=1e-6)
        for part, own in zip(sum(state, ()), sum(own_state, ()), strict=True):
            np.testing.assert_allclose(own, part, atol=1e-6)


def test_what_was_only_read_has_no_gradient(networks):
    _, there = networks
    zeros = there.initial_state(2)
    with there.unchanged():
        tape = there.begin(6, 2)
        h, _ = tape.forward(IDS[0], zeros)
        with pytest.raises(RuntimeError, match="no weight may change"):
            tape.backward(h, zeros)


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_without_kernels_runs_by_its_own_equations(device, monkeypatch, cell):
    monkeypatch.setattr(cuda, "KERNELS", {})
    config = ModelConfig(embedding_size=3, hidden_size=4, cell=cell)
    here = Rnnlm.random(config, 9, np.random.default_rng(1), np.float64, "plain")
    there = on_the_device(here, config)
    for network in (here, there):
        zeros = network.initial_state(2)
        tape = network.begin(6, 2)
        h, _ = tape.forward(IDS[0], zeros)
        tape.backward(network.output.loss_and_gradients(h, IDS[1]).dh, zeros)
        tape.finish()
    assert isinstance(tape._stack.tapes[0], PlainPass)
    for name, param in here.params.items():
        grad = there.params[name].grad
        assert on_device(grad)
        np.testing.assert_allclose(to_host(grad), param.grad, atol=1e-12, err_msg=name)
