"""How the cost of training grows with the size of model, block and corpus.

Run by ``make growth``. One size changes at a time, starting from ``MIDDLE``; a step is forward,
backward, clipping and SGD. Times are medians; memory is the peak of a separate process.

The exponent is the slope of a straight line through the logarithms: 1 is linear. If a part of the
cost does not depend on the changed size, the exponent is smaller.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from speed import Shape, median_step_seconds, peak_of_this_process, this_engine

from rnnlm_cli.text.corpus import Reading, read_training_corpus

MIDDLE = Shape(10_000, 256, 256, 1, False, 20, 35, 0.0)

SIZES: dict[str, tuple[str, list[int]]] = {
    "T": ("steps", [10, 20, 40, 80, 160]),
    "B": ("streams", [10, 20, 40, 80, 160]),
    "V": ("vocabulary", [5_000, 10_000, 20_000, 40_000, 80_000]),
    "H": ("hidden", [128, 256, 512, 1024]),
    "layers": ("layers", [1, 2, 4, 8]),
}

CORPUS_TOKENS = [250_000, 500_000, 1_000_000, 2_000_000, 4_000_000]


def exponent(sizes: list[int], costs: list[float]) -> float:
    """Slope of log cost over log size."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def step_cost(shape: Shape) -> tuple[float, float]:
    """Return seconds per step and peak memory in MB."""
    step = this_engine(shape)
    return median_step_seconds(step, 12), peak_of_this_process()


def read_cost(tokens: int) -> tuple[float, float]:
    """Return seconds and peak memory in MB of reading a text of ``tokens`` words."""
    rng = np.random.default_rng(0)
    weights = 1 / np.arange(1, 20_001)
    words = rng.choice(20_000, tokens, p=weights / weights.sum())
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "text.txt")
        with path.open("w", encoding="utf-8") as file:
            for start in range(0, tokens, 20):
                file.write(" ".join(f"w{k}" for k in words[start : start + 20]) + "\n")
        del words
        begin = time.perf_counter()
        read_training_corpus([str(path)], Reading())
        return time.perf_counter() - begin, peak_of_this_process()


def in_its_own_process(what: str, size: int) -> tuple[float, float]:
    """Measure one size in a fresh process."""
    command = [sys.executable, __file__, "--measure", what, "--size", str(size)]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds, megabytes = json.loads(found.stdout)
    return seconds, megabytes


def table(what: str, unit: str, sizes: list[int]) -> None:
    """Measure all sizes; print one row per size, and the exponents."""
    costs = [in_its_own_process(what, size) for size in sizes]
    for size, (seconds, megabytes) in zip(sizes, costs, strict=True):
        print(f"{what:<7} {size:>9,} | {1000 * seconds:8.1f} ms {unit} | {megabytes:6.0f} MB")
    seconds_exponent = exponent(sizes, [seconds for seconds, _ in costs])
    grown = (costs[-1][1] - costs[0][1]) / (sizes[-1] - sizes[0])
    print(f"{what:<7} {'':>9} | exponent {seconds_exponent:.2f} | {1000 * grown:.3f} kB each\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", choices=[*SIZES, "corpus"], help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure == "corpus":
        print(json.dumps(read_cost(options.size)))
    elif options.measure:
        field, _ = SIZES[options.measure]
        print(json.dumps(step_cost(MIDDLE._replace(**{field: options.size}))))
    else:
        for what, (_, sizes) in SIZES.items():
            table(what, "a step", sizes)
        table("corpus", "to read", CORPUS_TOKENS)


if __name__ == "__main__":
    main()
