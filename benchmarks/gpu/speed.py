"""Speed and memory on a CUDA device, beside PyTorch's ``nn.LSTM`` (cuDNN) in the same run.

Steps are those of ``benchmarks/speed.py``: forward, backward, clipping, SGD, with dropout. The two
take turns, some steps at a time; a figure is the median over the turns of tokens per second, with
the device waited for at a turn's end. Memory is what each allocator took from the card. A row is
printed when it is known, so that a limit of time leaves those before.
"""

from __future__ import annotations

import gc
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.speed import MAX_NORM, RATE, SHAPES, Shape, network, pytorch, text, this_engine
from rnnlm_cli.evaluate.perplexity import mean_nats
from rnnlm_cli.evaluate.stream import evaluation_blocks
from rnnlm_cli.nn import device
from rnnlm_cli.nn.cuda.graph import Graphs
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.train.clipping import clip_gradients

LARGE = {
    "word-large": SHAPES["word-large"],
    "word-large, B = 128": SHAPES["word-large"]._replace(streams=128),
    "char-large": SHAPES["char-large"],
    "2 x 1500": Shape(10_000, 1500, 1500, 2, True, 20, 35, 0.65),
}
TURNS, STEPS = 5, 20


def own_step(shape: Shape) -> Callable[[], object]:
    """Return a step of this package."""
    return this_engine(shape, "cuda")


def pytorch_step(shape: Shape) -> Callable[[], object]:
    """Return a step of PyTorch."""
    return pytorch(shape, "cuda")


def wait() -> None:
    """Wait for all that the device has to do."""
    device.cupy().cuda.Device().synchronize()


def medians(steps: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of a step of each, taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(TURNS + 1):
        for name, step in steps.items():
            wait()
            start = time.perf_counter()
            for _ in range(STEPS):
                step()
            wait()
            if turn > 0:
                seconds[name].append((time.perf_counter() - start) / STEPS)
    return {name: float(np.median(found)) for name, found in seconds.items()}


def megabytes(step: Callable[[Shape], Callable[[], object]], shape: Shape) -> float:
    """Return what the allocator of a program takes for some steps."""
    gc.collect()
    pool = device.cupy().get_default_memory_pool()
    pool.free_all_blocks()
    if step is own_step:
        run = step(shape)
        for _ in range(4):
            run()
        return float(pool.total_bytes()) / 1e6
    import torch

    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    run = step(shape)
    for _ in range(4):
        run()
    return float(torch.cuda.max_memory_reserved()) / 1e6


def use(precision: str) -> None:
    """Let both multiply in a precision."""
    import torch

    device.round_factors(precision)
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.set_autocast_dtype("cuda", torch.bfloat16)
    torch.set_autocast_enabled("cuda", precision == "bfloat16")
    torch.set_autocast_cache_enabled(False)  # it would keep a step's weights for the next one


def compared() -> Iterator[str]:
    """Yield the rows of the table against PyTorch."""
    head = ("shape", "precision", "rnnlm tokens/s", "PyTorch tokens/s", "ratio", "MB", "PyTorch MB")
    yield row(*head)
    yield row(*["---"] * len(head))
    for precision in ("float32", "tf32", "bfloat16"):
        for name, shape in LARGE.items():
            use(precision)
            memory = [megabytes(step, shape) for step in (own_step, pytorch_step)]
            found = medians({"rnnlm": own_step(shape), "PyTorch": pytorch_step(shape)})
            own, other = (shape.tokens / found[one] for one in ("rnnlm", "PyTorch"))
            speeds = f"{own:,.0f}", f"{other:,.0f}", f"{own / other:.2f}"
            yield row(name, precision, *speeds, *(f"{one:,.0f}" for one in memory))
    use("float32")


def by_part(shape: Shape) -> Iterator[str]:
    """Yield the milliseconds of each part of a step, waited for one by one."""
    model = network(shape, "cuda")
    rng = np.random.default_rng(0)
    ids = text(shape)[: shape.tokens + shape.streams].astype(np.int64)
    ids = ids.reshape(-1, shape.streams)
    zeros, seconds = model.initial_state(shape.streams), dict[str, list[float]]()
    work: dict[str, Any] = {}

    def begin() -> None:
        model.zero_grad()
        work["tape"] = model.begin(shape.steps, shape.streams, rng)

    def forward() -> None:
        work["h"], _ = work["tape"].forward(ids[:-1], zeros)

    def loss() -> None:
        work["loss"] = model.output.loss_and_gradients(work["h"], ids[1:], rng)

    def backward() -> None:
        work["tape"].backward(work["loss"].dh, zeros)

    def update() -> None:
        for param in model.params.values():
            param.descend(RATE)

    parts: dict[str, Callable[[], object]] = {
        "masks": begin,
        "forward": forward,
        "softmax and its gradients": loss,
        "backward": backward,
        "gradients of the weights": lambda: work["tape"].finish(),
        "clipping": lambda: clip_gradients(model.params.values(), MAX_NORM),
        "update": update,
    }
    with model.running():
        for _ in range(15):
            for name, part in parts.items():
                wait()
                start = time.perf_counter()
                part()
                wait()
                seconds.setdefault(name, []).append(time.perf_counter() - start)
    yield row("part of a step of word-large", "ms")
    yield row("---", "---")
    for name, found in seconds.items():
        yield row(name, f"{1e3 * float(np.median(found[5:])):.2f}")


def reading() -> Iterator[str]:
    """Yield the speed of generation and evaluation, without training."""
    shape = LARGE["word-large"]
    model = network(shape, "cuda")
    yield row("word-large", "tokens/s")
    yield row("---", "---")
    with model.unchanged():
        for streams in (1, 512):
            state, ids = model.initial_state(streams), np.zeros((1, streams), np.int64)
            begun, steps = time.perf_counter(), 0
            while steps < 20 or time.perf_counter() - begun < 2:
                if steps == 5:
                    begun = time.perf_counter()
                _, state = model.next_log_probs(ids, state)
                steps += 1
            rate = streams * (steps - 5) / (time.perf_counter() - begun)
            yield row(f"next distributions, {streams} streams", f"{rate:,.0f}")
        for streams in (1, 20):
            corpus = Corpus("random", text(shape)[:82_430], 0, 0)
            mean_nats(model, evaluation_blocks(corpus, streams))  # captures the graphs
            begun = time.perf_counter()
            mean_nats(model, evaluation_blocks(corpus, streams))
            rate = len(corpus) / (time.perf_counter() - begun)
            yield row(f"scores of 82,430 tokens, {streams} streams", f"{rate:,.0f}")


def row(*cells: str) -> str:
    """Return a row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print all tables; a part that fails prints its traceback, and the next goes on."""
    failed = False
    for table in (lambda: by_part(LARGE["word-large"]), compared, reading):
        try:
            for line in table():
                print(line, flush=True)
            print("| |", flush=True)
        except Exception:
            failed = True
            traceback.print_exc()
    print(f"CUDA graphs: {Graphs.failure or 'in use'}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
