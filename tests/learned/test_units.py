"""Units and gates over a text, against traces of single parts."""

import numpy as np
import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.gates import read_gates
from rnnlm_cli.learned.units import LONG, unit_values
from rnnlm_cli.model.trace import trace_layers


def traced(model, ids):
    return trace_layers(model.network, model.config.model, ids)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_unit_remembers_its_cell_or_its_hidden_state(make, excerpt_of, cell):
    model = make(cell=cell, layers=2)
    excerpt = excerpt_of(model, "a b c\n")
    layers = traced(model, np.array([0, *excerpt.ids]))
    units = unit_values(model, excerpt)
    assert units.names == [f"layer{k}.{unit}" for k in range(2) for unit in range(4)]
    for k, layer in enumerate(layers):
        kept = np.tanh(layer.states["c"]) if cell == "lstm" else layer.states["h"]
        np.testing.assert_allclose(units.values[:, 4 * k : 4 * k + 4], kept[1:], rtol=1e-6)


def test_a_long_text_is_read_as_parts_side_by_side(make, excerpt_of):
    model = make()
    excerpt = excerpt_of(model, "a b c d\n" * (2 * LONG // 5 + 1))
    cut = len(excerpt.ids) // 2
    values = unit_values(model, excerpt).values
    for ids, part in ((excerpt.ids[:cut], values[:cut]), (excerpt.ids[cut:], values[cut:])):
        (layer,) = traced(model, np.array([0, *ids]))
        np.testing.assert_allclose(part, np.tanh(layer.states["c"])[1:], rtol=1e-5, atol=1e-7)


def test_lines_are_read_by_themselves_and_from_both_sides(make, excerpt_of):
    one_way = make(lines="independent")
    excerpt = excerpt_of(one_way, "a b\nc\n")
    (layer,) = traced(one_way, np.array([0, 3, 0]))
    values = unit_values(one_way, excerpt).values
    np.testing.assert_allclose(values[3:], np.tanh(layer.states["c"])[1:], rtol=1e-6)
    both = unit_values(make(lines="independent", direction="bidirectional"), excerpt)
    assert both.names[4] == "bidirectional.backward.layer0.0"
    assert np.isnan(both.values).all(axis=1).tolist() == [False, False, True, False, True]


def test_gates_are_counted_over_the_whole_text(make, excerpt_of):
    model = make()
    excerpt = excerpt_of(model, "a b c d\n" * 40)
    found = read_gates(model, excerpt, show=3)
    (layer,) = traced(model, np.array([0, *excerpt.ids]))
    assert [(gate.gate, gate.keeps) for gate in found.gates] == [
        ("i", False),
        ("f", True),
        ("o", False),
    ]
    for gate in found.gates:
        x = layer.gates[gate.gate][1:]
        np.testing.assert_allclose(gate.values, x[:3], rtol=1e-6)
        np.testing.assert_allclose(gate.shut, (x < 0.1).mean(axis=0))
        np.testing.assert_allclose(gate.open, (x > 0.9).mean(axis=0))
        np.testing.assert_allclose(gate.mean, x.mean(axis=0))
    assert found.read == len(excerpt.ids) == 200


def test_a_candidate_is_no_gate_and_an_elman_network_has_none(make, excerpt_of):
    gru = make(cell="gru")
    found = read_gates(gru, excerpt_of(gru, "a b\n"), show=9)
    assert [gate.gate for gate in found.gates] == ["r", "z"]
    assert found.tokens == ["a", "b", "<eos>"]
    plain = make(cell="rnn")
    with pytest.raises(UsageError, match="have no gates"):
        read_gates(plain, excerpt_of(plain, "a"), 1)
