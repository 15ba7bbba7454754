"""Training speed of the fastest engine, of PyTorch, and of the plain engine.

Run by ``make bench``. A step is forward, backward, clipping and SGD. The engines take turns in one
process, a few steps at a time, on the same shapes and cores; the figures are medians. Memory is
that of a separate process, which only trains. A note on standard error names a ratio that is more
than a tenth below that in ``ratios.json``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnnlm_cli.config.model import DropoutConfig, ModelConfig
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.engines.choose import FASTEST
from rnnlm_cli.report.system import system_table, system_values
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.train.loop import Trainer

RATE, MAX_NORM = 1.0, 0.25

RATIOS = Path(__file__).with_name("ratios.json")
"""Speeds divided by PyTorch's, measured on machines that are described by processor, level of the
kernels, cores and SGEMM rate (GFLOPS on all cores), to compare a new run with."""

ALIKE = 0.25
"""Machines are alike whose SGEMM rates differ by at most this share; it varies from run to run."""

TOLERANCE = 0.1
"""A new ratio that is lower than the committed one by more than this share is noted."""


class Shape(NamedTuple):
    """One row of the table."""

    vocabulary: int
    embedding: int
    hidden: int
    layers: int
    tied: bool
    streams: int
    steps: int
    dropout: float

    @property
    def tokens(self) -> int:
        """Tokens in a block."""
        return self.streams * self.steps

    @property
    def flops(self) -> float:
        """Multiplications and additions in a step's products; backward is twice forward."""
        per_token = 2 * self.hidden * self.vocabulary
        size = self.embedding
        for _ in range(self.layers):
            per_token += 2 * 4 * self.hidden * (size + self.hidden)
            size = self.hidden
        return 3.0 * per_token * self.tokens


SHAPES = {
    "word-small": Shape(10_000, 100, 100, 1, False, 20, 35, 0.0),
    "word-medium": Shape(10_000, 200, 200, 2, True, 20, 35, 0.5),
    "word-large": Shape(10_000, 650, 650, 2, True, 20, 35, 0.5),
    "char": Shape(100, 128, 256, 2, False, 50, 50, 0.0),
    "char-large": Shape(100, 128, 512, 2, False, 50, 50, 0.0),
}


def text(shape: Shape) -> np.ndarray:
    """Tokens with the frequencies of words (Zipf's law), for a few hundred blocks."""
    rng = np.random.default_rng(0)
    weights = 1 / np.arange(1, shape.vocabulary + 1)
    tokens = rng.choice(shape.vocabulary, shape.tokens * 300, p=weights / weights.sum())
    return tokens.astype(np.uint16)


def network(shape: Shape, engine: str) -> Rnnlm:
    """Return a network of a shape, where its engine computes."""
    rate = shape.dropout
    config = ModelConfig(
        embedding_size=shape.embedding,
        hidden_size=shape.hidden,
        layers=shape.layers,
        tie_weights=shape.tied,
        dropout=DropoutConfig(input=rate, hidden=rate, output=rate),
    )
    rng = np.random.default_rng(1)
    return Rnnlm.random(config, shape.vocabulary, rng, engine=engine).placed()


def this_engine(shape: Shape, engine: str = FASTEST) -> Callable[[], None]:
    """Return a training step of this package with one of its engines."""
    training = TrainingConfig(
        epochs=10_000, batch_size=shape.streams, bptt=shape.steps, clip_norm=MAX_NORM
    )
    blocks = Blocks(Corpus("random", text(shape), 0, 0), shape.streams, shape.steps)
    events = Trainer(network(shape, engine), blocks, training).run()
    return lambda: next(events)  # type: ignore[return-value]


def pytorch(shape: Shape, where: str = "cpu") -> Callable[[], None]:
    """Return a training step of PyTorch, as in PyTorch's word language model example.

    Args:
        shape: Of the network and its blocks.
        where: PyTorch's name of a device.
    """
    import torch
    from torch import nn

    torch.manual_seed(1)
    drop = nn.Dropout(shape.dropout)
    embedding = nn.Embedding(shape.vocabulary, shape.embedding)
    lstm = nn.LSTM(shape.embedding, shape.hidden, shape.layers, dropout=shape.dropout)
    output = nn.Linear(shape.hidden, shape.vocabulary)
    if shape.tied:
        output.weight = embedding.weight
    model = nn.ModuleList([drop, embedding, lstm, output]).to(where)
    tokens = torch.from_numpy(text(shape).astype(np.int64)).to(where)
    stream = tokens.view(shape.streams, -1).t().contiguous()
    place, state = 0, None

    def step() -> None:
        nonlocal place, state
        x, target = stream[place : place + shape.steps], stream[place + 1 : place + shape.steps + 1]
        place = (place + shape.steps) % (len(stream) - shape.steps - 1)
        model.zero_grad()
        if state is not None:
            state = tuple(part.detach() for part in state)
        h, state = lstm(drop(embedding(x)), state)
        logits = output(drop(h)).view(-1, shape.vocabulary)
        loss = nn.functional.cross_entropy(logits, target.reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        with torch.no_grad():
            for param in model.parameters():
                param.add_(param.grad, alpha=-RATE)

    return step


ENGINES: dict[str, Callable[[Shape], Callable[[], None]]] = {
    "rnnlm": this_engine,
    "PyTorch": pytorch,
    "plain": lambda shape: this_engine(shape, "plain"),
}


def measure(shape: Shape, rounds: int, steps: int) -> dict[str, float]:
    """Return tokens per second of each engine, taking turns: medians over all steps."""
    run = {name: ENGINES[name](shape) for name in ENGINES}
    seconds: dict[str, list[float]] = {name: [] for name in run}
    for turn in range(rounds + 1):
        for name, step in run.items():
            step()  # gives the other engine's threads time to stop
            for _ in range(steps):
                start = time.perf_counter()
                step()
                if turn > 0:
                    seconds[name].append(time.perf_counter() - start)
    return {name: shape.tokens / float(np.median(times)) for name, times in seconds.items()}


def sgemm_rate() -> float:
    """Return the machine's rate of float32 products, in operations per second."""
    a = np.random.default_rng(0).standard_normal((2048, 2048)).astype(np.float32)
    times = []
    for _ in range(15):
        start = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - start)
    return 2 * 2048**3 / float(np.median(times[5:]))  # the first ones wake the cores


def peak_memory(engine: str, shape_name: str) -> float:
    """Train in a separate process; return its peak resident memory in MB."""
    command = [sys.executable, __file__, "--memory", engine, "--shape", shape_name]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(found.stdout)


def train_and_print_memory(engine: str, shape: Shape) -> None:
    """Train a few steps; print the peak memory."""
    median_step_seconds(ENGINES[engine](shape), 10)
    print(peak_of_this_process())


def median_step_seconds(step: Callable[[], None], steps: int) -> float:
    """Run a few steps; return the median of their seconds, without the first two."""
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds[2:]))


def peak_of_this_process() -> float:
    """Return the peak resident memory of this program in MB.

    The system's figure for a process (getrusage) starts with the memory of its parent; that of
    /proc starts with the program.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def remembered_ratio(machine: dict[str, Any], rate: float, name: str) -> float | None:
    """Return the committed ratio to PyTorch of a shape on a machine like this one."""
    for known in json.loads(RATIOS.read_text(encoding="utf-8")):
        same = all(known[key] == machine[key] for key in ("processor", "level", "cores"))
        if same and abs(known["sgemm"] * 1e9 / rate - 1) <= ALIKE and name in known["ratios"]:
            return float(known["ratios"][name])
    return None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--memory", choices=ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    shapes = {name: SHAPES[name] for name in options.shape or SHAPES}
    if options.memory:
        train_and_print_memory(options.memory, *shapes.values())
        return
    import torch

    machine, rate = system_values(), sgemm_rate()
    print(system_table(machine))
    print(f"SGEMM        {rate / 1e9:.0f} GFLOPS on all cores")
    print(f"PyTorch      {torch.__version__}", flush=True)
    for name, shape in shapes.items():
        speeds = measure(shape, options.rounds, options.steps)
        share = speeds["rnnlm"] / shape.tokens * shape.flops / rate
        ratios = {other: speeds["rnnlm"] / speeds[other] for other in speeds if other != "rnnlm"}
        memory = {engine: peak_memory(engine, name) for engine in ("rnnlm", "PyTorch")}
        parts = [f"{ratios['PyTorch']:.2f}x PyTorch"]
        parts += [f"{n} {speed:,.0f} tokens/s" for n, speed in speeds.items()]
        parts.append(f"{ratios['plain']:.2f}x plain")
        parts.append(f"{share:.0%} of the SGEMM rate")
        parts += [f"{n} {mb:.0f} MB" for n, mb in memory.items()]
        print(f"{name:<12} {' | '.join(parts)}", flush=True)
        before = remembered_ratio(machine, rate, name)
        if before is not None and ratios["PyTorch"] < before * (1 - TOLERANCE):
            print(
                f"note: {name} was {before:.2f}x PyTorch on such a machine and is now "
                f"{ratios['PyTorch']:.2f}x; if another run confirms it, find out why",
                file=sys.stderr,
            )


if __name__ == "__main__":
    main()
