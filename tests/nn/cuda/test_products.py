"""Products on the device: layouts, types, and factors that are rounded."""

import numpy as np
import pytest

from rnnlm_cli.nn.cuda import products
from rnnlm_cli.nn.device import round_factors, to_device, to_host


@pytest.fixture(autouse=True)
def exact_afterwards():
    yield
    round_factors("float32")


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16", "float64"])
@pytest.mark.parametrize("turned", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_products_of_every_layout(device, precision, turned):
    rng = np.random.default_rng(0)
    round_factors(precision)
    dtype = np.float64 if precision == "float64" else np.float32
    left, right = (rng.random(shape).astype(dtype) for shape in ((24, 40), (40, 16)))
    placed = [
        to_device(matrix.T.copy()).T if turn else to_device(matrix)
        for matrix, turn in zip((left, right), turned, strict=True)
    ]
    found = to_host(products.product(*placed))
    bits = {"float32": 20, "tf32": 9, "bfloat16": 6, "float64": 46}[precision]
    assert found.dtype == dtype
    np.testing.assert_allclose(found, left.astype(float) @ right, rtol=2.0**-bits)


@pytest.mark.parametrize(("precision", "compute"), [("tf32", 77), ("bfloat16", 75)])
def test_who_asks_for_rounded_factors_gets_them(device, precision, compute):
    if not hasattr(device, "chosen"):
        pytest.skip("a real device does not show how it multiplies")
    library = products.products()._library
    ones = [to_device(np.ones((2, 2), dtype)) for dtype in (np.float32, np.float64)]
    round_factors(precision)
    for one in ones:
        products.product(one, one)
    assert library.computed == {compute, 70}  # float64 is never rounded
    library.computed.clear()
    round_factors("float32")
    products.product(ones[0], ones[0])
    assert library.computed == {68}
