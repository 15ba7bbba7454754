import numpy as np
import pytest

from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.cpu import tiles
from rnnlm_cli.nn.cpu.tiles import TiledProduct, repeated_product, tile_shape
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.nn.layers.recurrent import Recurrent


@pytest.mark.parametrize(
    ("rows", "inner", "columns", "expected"),
    [
        (20, 650, 650, (20, 64)),
        (20, 100, 100, (20, 64)),
        (50, 512, 512, (50, 32)),
        (64, 512, 512, (32, 32)),
        (100, 256, 256, (100, 32)),
        (1, 650, 650, None),  # a product of one row has no copy
        (7, 100, 100, None),
        (97, 2000, 2000, None),  # a prime: its parts are too small or too large
        (129, 100, 100, None),
        (20, 100, 30, None),
    ],
)
def test_a_tile_is_small_enough_not_to_be_copied(rows, inner, columns, expected):
    found = tile_shape(rows, inner, columns)
    assert found == expected
    if found:
        at_once, width = found
        assert rows % at_once == 0
        assert at_once * inner * width <= tiles.SMALL_PRODUCT


@pytest.mark.parametrize(("rows", "at_once", "width"), [(6, 6, 4), (6, 3, 4), (6, 2, 5), (6, 1, 9)])
@pytest.mark.parametrize("own_rows", [False, True])
def test_tiles_give_the_plain_product(rows, at_once, width, own_rows):
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((3, 7, 9))
    x = rng.standard_normal((3, rows, 7) if own_rows else (rows, 7))
    out = np.empty((3, rows, 9))
    multiply = TiledProduct(weights, out, at_once, width)
    for _ in range(2):
        out[...] = np.nan
        multiply(x)
        np.testing.assert_allclose(out, x @ weights, rtol=1e-12, atol=1e-13)


def test_few_calls_are_not_worth_tiles():
    weights, out = np.ones((1, 100, 100), np.float32), np.empty((1, 20, 100), np.float32)
    assert isinstance(repeated_product(weights, out, 4), TiledProduct)
    assert not isinstance(repeated_product(weights, out, 3), TiledProduct)


def test_a_cell_with_tiles_is_the_plain_cell(monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((9, 10, 8))

    def init(shape, size):
        return np.random.default_rng(1).standard_normal(shape) * 0.3

    def pass_through():
        layer = Recurrent(CELLS["lstm"], ENGINES["blocked"], 8, 70, init)
        tape = layer.begin(9, 10)
        y, state = tape.forward(x, layer.initial_state(10))
        dx, _ = tape.backward(np.cos(y), state)
        tape.finish()
        return [y, dx, *(param.grad for param in layer.params.values())]

    with_tiles = pass_through()
    monkeypatch.setattr(tiles, "tile_shape", lambda *sizes: None)
    for a, b in zip(with_tiles, pass_through(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13)
