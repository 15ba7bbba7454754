"""The plain engine against central differences, and every other engine against the plain one.

A new cell is a row of ``CELLS`` and a new engine a row of ``ENGINES``: both join by themselves.
"""

import numpy as np
import pytest

from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.device import beside, to_host
from rnnlm_cli.nn.engines import in_place
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.recurrent import Recurrent

D = 5
MASKS = {
    "no masks": {},
    "recurrent dropout": {"recurrent_dropout": 0.4},
    "weight dropout": {"weight_dropout": 0.4},
    "both": {"recurrent_dropout": 0.3, "weight_dropout": 0.3},
}
SHAPES = [(1, 1, 3), (6, 3, 4), (7, 20, 64), (9, 10, 70)]
"""``(T, B, H)``; the last two are wide enough for tiles, with and without a rest."""


def layer_of(cell, engine, hidden_size, dtype, **dropout):
    """A layer with no parameter at zero, whose steps do not magnify rounding errors."""
    init = scaled_normal(np.random.default_rng(0), dtype)
    layer = Recurrent(CELLS[cell], ENGINES[engine], D, hidden_size, init, **dropout)
    rng = np.random.default_rng(1)
    for param in layer.params.values():
        noise = 0.3 * rng.standard_normal(param.value.shape)
        param.value += (noise / len(noise) ** 0.5 if noise.ndim > 1 else noise).astype(dtype)
        param.value = layer.engine.place(param.value)
    return layer


def inputs_of(layer, steps, streams, dtype):
    """An input and a state."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((steps, streams, D)).astype(dtype)
    shape = (streams, layer.hidden_size)
    return x, tuple(rng.standard_normal(shape).astype(dtype) for _ in layer.cell.states)


def results(layer, x, state, parts=1):
    """All outputs of a pass, forward and backward, for random gradients."""
    like = layer.weights.ih.value
    x, state = beside(x, like), tuple(beside(part, like) for part in state)
    for param in layer.params.values():
        param.zero_grad()
    tape = layer.begin(*x.shape[:2], np.random.default_rng(3))
    cuts = np.array_split(np.arange(len(x)), parts)
    ys = []
    for cut in cuts:
        y, state = tape.forward(x[cut], state)
        ys.append(y)
    y, after, dxs = np.concatenate(ys), state, []
    dstate = tuple(np.sin(3 * part) for part in after)
    for cut in reversed(cuts):
        dx, dstate = tape.backward(np.cos(5 * y[cut]), dstate)
        dxs.append(dx)
    tape.finish()
    found = {"y": y, "dx": np.concatenate(dxs[::-1])}
    found |= {f"after {k}": part for k, part in enumerate(after)}
    found |= {f"dstate {k}": part for k, part in enumerate(dstate)}
    return to_host(found | {f"d{name}": param.grad for name, param in layer.params.items()})


KERNELS = {"rnn", "lstm", "gru"}
CASES = [
    pytest.param(cell, masks, id=f"{cell}-{masks}")
    for cell in CELLS
    for masks in (MASKS if cell in KERNELS else ["both"])
]
"""All masks for the cells that engines run by code of their own."""


@pytest.mark.parametrize(("cell", "masks"), CASES)
def test_plain_gradients_are_those_of_central_differences(check_gradients, cell, masks):
    layer = layer_of(cell, "plain", 4, np.float64, **MASKS[masks])
    x, state = inputs_of(layer, 5, 3, np.float64)
    weigh = np.random.default_rng(4)
    dy = weigh.standard_normal((5, 3, 4))
    dafter = tuple(weigh.standard_normal((3, 4)) for _ in state)

    def loss():
        y, after = layer.begin(5, 3, np.random.default_rng(3)).forward(x, state)
        return (y * dy).sum() + sum((a * d).sum() for a, d in zip(after, dafter, strict=True))

    tape = layer.begin(5, 3, np.random.default_rng(3))
    tape.forward(x, state)
    dx, dstate = tape.backward(dy, dafter)
    tape.finish()
    pairs = {name: (param.grad, param.value) for name, param in layer.params.items()}
    pairs |= {f"state {k}": pair for k, pair in enumerate(zip(dstate, state, strict=True))}
    check_gradients(loss, pairs | {"x": (dx, x)})


OTHERS = [name for name in ENGINES if name not in ("plain", "cuda")]


MAGNIFIED = {"ln_lstm": 10}
"""How much a cell magnifies rounding: one over the deviation of few units may be large."""


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("cell", "masks"), CASES)
@pytest.mark.parametrize("engine", OTHERS)
def test_every_engine_equals_the_plain_one(engine, cell, dtype, masks, shape):
    check_against_plain(engine, cell, dtype, masks, shape)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("cell", "masks"), CASES)
def test_the_engine_of_a_device_equals_the_plain_one(device, cell, dtype, masks):
    for shape in SHAPES[:2]:
        check_against_plain("cuda", cell, dtype, masks, shape)


def check_against_plain(engine, cell, dtype, masks, shape):
    """Compare a block, whole and in parts, and the one after it in the same arrays."""
    steps, streams, hidden_size = shape
    reference = layer_of(cell, "plain", hidden_size, dtype, **MASKS[masks])
    x, state = inputs_of(reference, steps, streams, dtype)
    expected = results(reference, x, state)
    rounding = 100 * np.finfo(dtype).eps * MAGNIFIED.get(cell, 1)
    for parts in {1, min(3, steps)}:
        layer = layer_of(cell, engine, hidden_size, dtype, **MASKS[masks])
        for _ in range(3 if engine == "cuda" else 1):  # a graph of the loop is made from the second
            found = results(layer, x, state, parts)
            assert found.keys() == expected.keys()
            for name, value in expected.items():
                assert found[name].dtype == dtype
                tolerance = rounding * max(np.abs(value).max(), 1)
                np.testing.assert_allclose(found[name], value, rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("engine", OTHERS)
def test_an_sru_of_one_size_skips_by_its_input(engine):
    reference = layer_of("sru", "plain", D, np.float64)
    assert reference.cell.skips
    assert reference.params["weight_ih"].value.shape == (D, 3 * D)
    x, state = inputs_of(reference, 7, 3, np.float64)
    expected = results(reference, x, state)
    for parts in (1, 3):
        found = results(layer_of("sru", engine, D, np.float64), x, state, parts)
        for name, value in expected.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-11, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("cell", CELLS)
def test_parts_change_nothing_in_the_plain_engine(cell):
    layers = [layer_of(cell, "plain", 4, np.float64, recurrent_dropout=0.4) for _ in range(2)]
    x, state = inputs_of(layers[0], 7, 3, np.float64)
    whole, parts = results(layers[0], x, state), results(layers[1], x, state, parts=3)
    for name, value in whole.items():
        np.testing.assert_allclose(parts[name], value, rtol=1e-12, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_without_steps_in_place_runs_by_its_own_equations(monkeypatch, cell):
    monkeypatch.setattr(in_place, "IN_PLACE", {})
    layers = [layer_of(cell, engine, 4, np.float64) for engine in ("plain", "blocked")]
    x, state = inputs_of(layers[0], 7, 3, np.float64)
    expected, found = (results(layer, x, state) for layer in layers)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())
def test_a_cell_names_its_gates(cell: Cell):
    assert len(set(cell.gates)) == len(cell.gates) > 0
    assert cell.states[0] == "h"
    assert cell.keeps is None or cell.keeps in cell.gates
    assert set(cell.inner) <= set(cell.gates)


class TestOrder:
    """Parts in a wrong order are an error, never a wrong gradient."""

    @pytest.fixture(params=ENGINES)
    def tape(self, request):
        """A pass of 5 steps, and functions for forward and backward of n steps."""
        if request.param == "cuda":
            request.getfixturevalue("device")
        layer = layer_of("lstm", request.param, 4, np.float64)
        tape, zeros = layer.begin(5, 3), layer.initial_state(3)

        def ones(*shape):
            return np.ones_like(layer.weights.hh.value, shape=shape)

        def forward(steps):
            tape.forward(ones(steps, 3, D), zeros)

        def backward(steps):
            tape.backward(ones(steps, 3, 4), zeros)

        return tape, forward, backward

    def test_backward_begins_with_the_last_part(self, tape):
        _, forward, backward = tape
        forward(2), forward(3)
        with pytest.raises(RuntimeError, match=r"backward of 2 steps.*\[2, 3\]"):
            backward(2)
        backward(3), backward(2)
        with pytest.raises(RuntimeError, match="backward of 2 steps"):
            backward(2)

    def test_backward_waits_for_the_whole_block(self, tape):
        _, forward, backward = tape
        forward(2)
        with pytest.raises(RuntimeError, match="forward did 2 of 5"):
            backward(2)

    def test_a_block_has_at_most_its_number_of_steps(self, tape):
        _, forward, _ = tape
        forward(5)
        with pytest.raises(RuntimeError, match="forward of 6 steps, but the block has 5"):
            forward(1)

    def test_nothing_is_read_after_backward_has_begun(self, tape):
        _, forward, backward = tape
        forward(2), forward(3)
        backward(3)
        with pytest.raises(RuntimeError, match="forward after backward"):
            forward(3)

    def test_finish_comes_last_and_once(self, tape):
        tape, forward, backward = tape
        forward(2), forward(3)
        with pytest.raises(RuntimeError, match="wait for backward"):
            tape.finish()
        backward(3)
        with pytest.raises(RuntimeError, match=r"\[2\] steps wait for backward"):
            tape.finish()
        backward(2)
        tape.finish()
        with pytest.raises(RuntimeError, match="already finished"):
            tape.finish()
