"""Products on the device: layouts, types, and factors that are rounded."""

import numpy as np
import pytest

from rnnlm_cli.nn.cuda import products
from rnnlm_cli.nn.device import rounded_factors, to_device, to_host


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16", "float64"])
@pytest.mark.parametrize("turned", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_products_of_every_layout(device, precision, turned):
    rng = np.random.default_rng(0)
    dtype = np.float64 if precision == "float64" else np.float32
    left, right = (rng.random(shape).astype(dtype) for shape in ((24, 40), (40, 16)))
    placed = [
        to_device(matrix.T.copy()).T if turn else to_device(matrix)
        for matrix, turn in zip((left, right), turned, strict=True)
    ]
    with rounded_factors(precision):
        found = to_host(products.product(*placed))
    bits = {"float32": 20, "tf32": 9, "bfloat16": 6, "float64": 46}[precision]
    assert found.dtype == dtype
    np.testing.assert_allclose(found, left.astype(float) @ right, rtol=2.0**-bits)


@pytest.mark.parametrize(
    ("precision", "compute", "kind"), [("tf32", 77, 7), ("bfloat16", 75, 1), ("float32", 68, 1)]
)
def test_who_asks_for_rounded_factors_gets_them(device, precision, compute, kind):
    if not hasattr(device, "chosen"):
        pytest.skip("a real device does not show how it multiplies")
    library = products.products()._library
    ones = [to_device(np.ones((2, 2), dtype)) for dtype in (np.float32, np.float64)]
    with rounded_factors(precision):
        assert list(device.chosen.values()) == [kind]  # CuPy's own products
        for one in ones:
            products.product(one, one)
    assert library.computed == {compute, 70}  # float64 is never rounded
    assert list(device.chosen.values()) == [1]
    library.computed.clear()
    products.product(ones[0], ones[0])
    assert library.computed == {68}
