"""Where the time of a training step goes, for each shape of ``speed.py``.

Run by ``make where``. A step's parts are timed where they are called, on the thread that waits for
them, so that together they are the step:

- recurrence: the kernels' loop over time (or NumPy's), forward and backward;
- products: ``x W_ih``, its backward product, the gradients of the weights, and laying out weights;
- softmax: the output layer, forward and backward;
- update: the gradient's norm, clipping, SGD;
- rest: embedding, dropout, sums, Python.

The share of the recurrence that is a product of matrices is found by running that product alone.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import numpy as np
from speed import SHAPES, Shape, this_engine

from rnnlm_cli.nn.cpu.threads import core_count, in_parallel, single_threaded_blas, split_rows
from rnnlm_cli.nn.engines import compiled_pass
from rnnlm_cli.nn.engines.compiled_pass import CompiledPass
from rnnlm_cli.nn.engines.kernels import Kernels, kernels
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.nn.param import Param
from rnnlm_cli.report.system import system_table, system_values
from rnnlm_cli.train import loop
from rnnlm_cli.train.optimizers.sgd import Sgd

PARTS: dict[str, list[tuple[Any, str]]] = {
    "recurrence": [(CompiledPass, "_run_forward"), (CompiledPass, "_by_stream")],
    "products": [
        (compiled_pass, "product"),
        (Param, "add_product"),
        (Kernels, "packed"),
    ],
    "softmax": [(SoftmaxOutput, "loss_and_gradients")],
    "update": [
        (loop, "clip_gradients"),
        (Sgd, "step"),
    ],
}


class Clock:
    """Seconds by part, the innermost part that is running."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inside = False

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that adds its time to a part, if no part is running."""

        def run(*args: Any, **options: Any) -> Any:
            if self._inside:
                return function(*args, **options)
            self._inside, start = True, time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                self.seconds[part] += time.perf_counter() - start
                self._inside = False

        return run


@contextmanager
def watched(clock: Clock) -> Iterator[None]:
    """Time every part while inside."""
    with ExitStack() as stack:
        for part, places in PARTS.items():
            for place, name in places:
                timed = clock.timed(part, getattr(place, name))
                stack.enter_context(mock.patch.object(place, name, timed))
        yield


def product_alone(shape: Shape) -> float:
    """Return the seconds of all recurrent products of a step, forward and backward, alone."""
    found = kernels()
    assert found is not None
    size, rng = shape.hidden, np.random.default_rng(0)
    weights = rng.standard_normal((size, 4 * size)).astype(np.float32)
    forward, backward = found.packed(weights), found.packed(weights.T)
    cuts = split_rows(shape.streams, core_count())
    h = rng.standard_normal((shape.streams, size)).astype(np.float32)
    da = rng.standard_normal((shape.streams, 4 * size)).astype(np.float32)

    def run(part: int) -> None:
        own = cuts[part]
        for _ in range(shape.steps * shape.layers):
            found.product(h[own], forward, 4 * size)
            found.product(da[own], backward, size)

    times = []
    with single_threaded_blas:
        for _ in range(7):
            start = time.perf_counter()
            in_parallel(run, len(cuts))
            times.append(time.perf_counter() - start)
    return float(np.median(times))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=40)
    options = parser.parse_args()
    print(system_table(system_values()))
    print("\n| shape | ms | recurrence | of it products | products | softmax | update | rest |")
    print("|---|---|---|---|---|---|---|---|")
    for name, shape in SHAPES.items():
        step, clock = this_engine(shape), Clock()
        for _ in range(3):
            step()
        with watched(clock):
            start = time.perf_counter()
            for _ in range(options.steps):
                step()
            whole = (time.perf_counter() - start) / options.steps
        share = {part: clock.seconds[part] / options.steps / whole for part in PARTS}
        inner = min(1.0, product_alone(shape) / (share["recurrence"] * whole))
        cells = [f"{share['recurrence']:.0%}", f"{inner:.0%}"]
        cells += [f"{share[part]:.0%}" for part in ("products", "softmax", "update")]
        print(
            f"| {name} | {whole * 1e3:.1f} | {' | '.join(cells)} | {1 - sum(share.values()):.0%} |"
        )


if __name__ == "__main__":
    main()
