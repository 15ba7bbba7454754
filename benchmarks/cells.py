"""How fast each cell is trained: the recurrent layer by itself, and a whole model.

    python benchmarks/cells.py [--hidden 200 650] [--types 10000] [--rounds 5] [--threads 1]

Of some rounds the fastest is taken, in seconds of the processor, so that other work on the machine
counts little. A block has B = 20 streams of T = 35 steps; the model has two layers, tied weights
and SGD. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model import CELLS, Rnnlm
from rnnlm_cli.nn.cpu.threads import use_threads
from rnnlm_cli.nn.engines.choose import ENGINES, FASTEST
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.recurrent import Recurrent

STEPS, STREAMS = 35, 20


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hidden", type=int, nargs="+", default=[200, 650])
    parser.add_argument("--types", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    use_threads(args.threads)
    print("| cell | H | parameters | tokens/s, layer | tokens/s, model |\n|---|---|---|---|---|")
    for hidden in args.hidden:
        for name in CELLS:
            model, step = of_model(name, hidden, args.types)
            found = [fastest(each, args.rounds) for each in (of_layer(name, hidden), step)]
            layer, whole = (f"{STEPS * STREAMS / seconds:,.0f}" for seconds in found)
            row = name, str(hidden), f"{model.parameter_count:,}", layer, whole
            print(f"| {' | '.join(row)} |", flush=True)


def fastest(work: Callable[[], None], rounds: int) -> float:
    """Return the processor's seconds of the fastest round, after one that does not count."""
    seconds = []
    for _ in range(rounds + 1):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return min(seconds[1:])


def of_layer(name: str, hidden: int) -> Callable[[], None]:
    """Return a block forward and backward in one layer."""
    rng, engine = np.random.default_rng(0), ENGINES[FASTEST]
    layer = Recurrent(CELLS[name], engine, hidden, hidden, scaled_normal(rng))
    x = rng.standard_normal((STEPS, STREAMS, hidden), np.float32)

    def work() -> None:
        zeros = layer.initial_state(STREAMS)
        with engine.running():
            tape = layer.begin(STEPS, STREAMS)
            tape.forward(x, zeros)
            tape.backward(x, zeros)
            tape.finish()
        for param in layer.params.values():
            param.zero_grad()

    return work


def of_model(name: str, hidden: int, types: int) -> tuple[Rnnlm, Callable[[], None]]:
    """Return a model, and a step of its training."""
    rng = np.random.default_rng(0)
    config = ModelConfig(
        cell=name, embedding_size=hidden, hidden_size=hidden, layers=2, tie_weights=True
    )
    model = Rnnlm.random(config, types, rng)
    ids = np.minimum(rng.zipf(1.3, (STEPS + 1, STREAMS)), types) - 1

    def work() -> None:
        zeros = model.initial_state(STREAMS)
        model.zero_grad()
        with model.running():
            tape = model.begin(STEPS, STREAMS)
            h, _ = tape.forward(ids[:-1], zeros)
            tape.backward(model.output.loss_and_gradients(h, ids[1:]).dh, zeros)
            tape.finish()
            for param in model.params.values():
                param.descend(0.1)

    return model, work


if __name__ == "__main__":
    main()
