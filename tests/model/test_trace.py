"""Gates and states of every step, against the equations worked out by hand."""

import math

import numpy as np
import pytest

from rnnlm_cli.config.model import DropoutConfig, ModelConfig
from rnnlm_cli.model import CELLS, Rnnlm
from rnnlm_cli.model.trace import state_arrays, trace_layers

V, IDS = 9, np.array([3, 1, 4, 1, 5])


def network_of(**keys):
    config = ModelConfig(**{"embedding_size": 4, "hidden_size": 5, **keys})
    network = Rnnlm.random(config, V, np.random.default_rng(0), np.float64)
    for param in network.params.values():
        param.value[...] = np.random.default_rng(1).standard_normal(param.value.shape) / 2
    return network, config


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def one_unit(cell, w_ih, w_hh, bias, **inner):
    """A network of one unit that reads 1 at every step, with the weights of each gate given."""
    network, config = network_of(cell=cell, embedding_size=1, hidden_size=1)
    params = {"weight_ih": [w_ih], "weight_hh": [w_hh], "bias": bias, **inner}
    network.params["embedding.weight"].value[...] = 1
    for name, value in params.items():
        network.params[f"layer0.{name}"].value[...] = value
    (layer,) = trace_layers(network, config, np.array([0, 0]))
    return layer


def test_an_lstms_gates_are_those_of_the_equations():
    layer = one_unit("lstm", [0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8], [0.0, 0.1, 0.2, 0.3])
    h = c = 0.0
    for t in range(2):
        i, f = sigmoid(0.1 + 0.5 * h), sigmoid(0.3 + 0.6 * h)
        g, o = math.tanh(0.5 + 0.7 * h), sigmoid(0.7 + 0.8 * h)
        c = f * c + i * g
        h = o * math.tanh(c)
        found = {name: float(values[t, 0]) for name, values in layer.gates.items()}
        assert found == pytest.approx({"i": i, "f": f, "g": g, "o": o}, rel=1e-12)
        assert {k: float(v[t, 0]) for k, v in layer.states.items()} == pytest.approx(
            {"h": h, "c": c}, rel=1e-12
        )


def test_a_grus_gates_are_those_of_the_equations():
    layer = one_unit("gru", [0.1, 0.2, 0.3], [0.5, 0.6, 0.7], [0.0, 0.1, 0.2], bias_hn=[0.9])
    h = 0.0
    for t in range(2):
        r, z = sigmoid(0.1 + 0.5 * h), sigmoid(0.3 + 0.6 * h)
        n = math.tanh(0.5 + r * (0.7 * h + 0.9))
        h = (1 - z) * n + z * h
        found = {name: float(values[t, 0]) for name, values in layer.gates.items()}
        assert found == pytest.approx({"r": r, "z": z, "n": n}, rel=1e-12)
        assert layer.states["h"][t, 0] == pytest.approx(h, rel=1e-12)


def test_an_elman_networks_only_gate_is_its_state():
    layer = one_unit("rnn", [0.3], [0.5], [0.1])
    first = math.tanh(0.4)
    expected = [first, math.tanh(0.4 + 0.5 * first)]
    np.testing.assert_allclose(layer.states["h"][:, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(layer.gates["h"][:, 0], expected, rtol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_the_states_are_those_that_reading_gives(cell):
    dropout = DropoutConfig(input=0.5, hidden=0.5, output=0.5)
    network, config = network_of(cell=cell, layers=3, residual=True, dropout=dropout)
    layers = trace_layers(network, config, IDS)
    assert [layer.name for layer in layers] == ["layer0", "layer1", "layer2"]
    for t in range(1, len(IDS) + 1):
        _, state = network.read(IDS[:t, np.newaxis], network.initial_state(1))
        found = state_arrays(config, state)
        assert len(found) == 3
        for layer, arrays in zip(layers, found, strict=True):
            assert [*layer.gates] == [*CELLS[cell].gates]
            assert arrays.keys() == layer.states.keys() == set(CELLS[cell].states)
            for name, array in arrays.items():
                np.testing.assert_allclose(layer.states[name][t - 1], array, rtol=1e-10)


def test_what_reads_from_the_end_is_in_the_order_of_the_text():
    network, config = network_of(cell="gru", direction="bidirectional")
    both = np.stack([IDS, IDS[::-1]])
    left, right = trace_layers(network, config, both)
    assert left.name == "bidirectional.forward.layer0"
    assert right.name == "bidirectional.backward.layer0"
    h, _ = network.read(both[:, :, np.newaxis], network.initial_state(1))  # (T, 1, 2H)
    side_by_side = np.concatenate([left.states["h"], right.states["h"]], axis=-1)
    np.testing.assert_allclose(h[:, 0], side_by_side, rtol=1e-10)


def test_the_network_is_left_as_it_is():
    network, config = network_of(cell="lstm")
    before = {name: param.value for name, param in network.params.items()}
    engine = network.engine
    trace_layers(network, config, IDS)
    assert network.engine is engine
    assert all(param.value is before[name] for name, param in network.params.items())
