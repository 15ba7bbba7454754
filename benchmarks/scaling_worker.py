"""One of the processes of ``scaling.py``: trains some steps, and the first prints their seconds.

scaling_worker.py rnnlm SHAPE STEPS [fixed|fastest|measure]
scaling_worker.py pytorch SHAPE STEPS
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from speed import MAX_NORM, RATE, SHAPES, Shape, text

BILLION = "billion words"
"""The corpus of Chelba et al. (2013), whose vocabulary has 793,471 words."""

ADAPTIVE = Shape(793_471, 256, 512, 1, False, 64, 20, 0.0)
CUTOFFS = [4_000, 40_000, 200_000]
SKIPPED = 2
SMALL = 30


def medians(seconds: list[float], **parts: list[float]) -> dict[str, float]:
    """Return the medians of some steps, without the first ones, and the rest as computing."""
    found = {name: float(np.median(values[SKIPPED:])) for name, values in parts.items()}
    whole = float(np.median(seconds[SKIPPED:]))
    return {"seconds": whole, **found, "computing": whole - sum(found.values())}


def timed(work: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    """Return a function that also records how long it takes."""

    def run(*args: Any) -> Any:
        begin = time.perf_counter()
        try:
            return work(*args)
        finally:
            seconds.append(time.perf_counter() - begin)

    return run


def trainer_of(shape: Shape, streams: int, group: Any, how: str) -> Any:
    """Return the trainer of a shape with some streams."""
    from rnnlm_cli.config.model import AdaptiveSoftmax, DropoutConfig, ModelConfig
    from rnnlm_cli.config.training import TrainingConfig
    from rnnlm_cli.data.streams import Blocks
    from rnnlm_cli.model import Rnnlm
    from rnnlm_cli.text.corpus import Corpus
    from rnnlm_cli.train.blocks import shared
    from rnnlm_cli.train.loop import Trainer

    rate = shape.dropout
    sizes = {"embedding_size": shape.embedding, "hidden_size": shape.hidden}
    dropout = DropoutConfig(input=rate, hidden=rate, output=rate)
    config = ModelConfig(**sizes, layers=shape.layers, tie_weights=shape.tied, dropout=dropout)
    if shape is ADAPTIVE:
        config = ModelConfig(**sizes, output_layer=AdaptiveSoftmax(cutoffs=tuple(CUTOFFS)))
    model = Rnnlm.random(config, shape.vocabulary, np.random.default_rng(1))
    training = TrainingConfig(
        epochs=10_000, batch_size=streams, bptt=shape.steps, clip_norm=MAX_NORM, reduction=how
    )
    tokens = text(shape) if shape is not ADAPTIVE else many_words(shape)
    blocks = Blocks(Corpus("random", tokens, 0, 0), streams, shape.steps)
    return Trainer(model, shared(blocks, group), training, group=group)


def many_words(shape: Shape) -> np.ndarray:
    """Return tokens by Zipf's law, drawn from its distribution function."""
    weights = np.cumsum(1 / np.arange(1, shape.vocabulary + 1))
    drawn = np.random.default_rng(0).random(shape.tokens * 30) * weights[-1]
    return np.searchsorted(weights, drawn).astype(np.uint32)


def gradient_bytes(trainer: Any) -> tuple[int, int]:
    """Return the bytes of dense gradients, and of rows."""
    from rnnlm_cli.nn.gradient import Dense, Rows

    found = [param.gradient for param in trainer.model.trained.values()]
    dense = sum(one.values.nbytes for one in found if isinstance(one, Dense))
    rows = sum(one.values.nbytes + one.rows.nbytes for one in found if isinstance(one, Rows))
    return dense, rows


def ranks(shape: Shape, steps: int, how: str) -> dict[str, float] | None:
    """Train some steps with the other ranks; rank 0 returns what it found."""
    from rnnlm_cli.nn.cpu.threads import use_threads
    from rnnlm_cli.train.parallel import join
    from rnnlm_cli.train.scaling import adding_rate

    group = join()
    use_threads(len(os.sched_getaffinity(0)))
    trainer = trainer_of(shape, shape.streams, group, how)
    sent, exchange, update, seconds = list[Any](), list[float](), list[float](), list[float]()
    others = trainer._others
    add_up = timed(others.add_up, exchange)

    def adding(nats: float) -> float:
        sent.append(gradient_bytes(trainer))
        group.gather(None)  # waiting for a slower rank is no exchange
        return float(add_up(nats))

    others.add_up = adding
    trainer.optimizer.step = timed(trainer.optimizer.step, update)
    events = trainer.run()
    for _ in range(SKIPPED + steps):
        begin = time.perf_counter()
        next(events)
        group.any(False)  # as each step of a training asks whether to stop
        seconds.append(time.perf_counter() - begin)
    small = list[float]()
    for _ in range(SMALL):
        timed(group.any, small)(False)
    if not group.leads:
        return None
    log = max(1, (group.size - 1).bit_length())
    dense, rows = map(float, sent[-1])
    return {
        **medians(seconds, exchange=exchange, update=update),
        "dense": dense,
        "rows": rows,
        "latency": float(np.median(small)) / log,
        "adding": adding_rate(),
    }


def measured(shape: Shape, steps: int) -> dict[str, Any]:
    """Measure steps with all streams and with few, by one process."""
    from rnnlm_cli.nn.cpu.threads import use_threads
    from rnnlm_cli.train.parallel import ALONE, FIXED
    from rnnlm_cli.train.scaling import adding_rate

    use_threads(len(os.sched_getaffinity(0)))
    found: dict[str, Any] = {"tokens": shape.tokens, "adding": adding_rate()}
    for name, streams in (("least", max(1, shape.streams // 8)), ("whole", shape.streams)):
        trainer, seconds = trainer_of(shape, streams, ALONE, FIXED), list[float]()
        events = trainer.run()
        for _ in range(SKIPPED + steps):
            timed(lambda: next(events), seconds)()  # noqa: B023 (called at once)
        found[name] = [streams, medians(seconds)["seconds"], *gradient_bytes(trainer)]
        weights = sum(param.value.nbytes for param in trainer.model.trained.values())
        found["averaged"] = weights
    return found


def pytorch(shape: Shape, steps: int) -> dict[str, float] | None:
    """Train some steps with DistributedDataParallel; the first process returns what it found."""
    import torch
    from torch import distributed, nn

    rank, size = int(os.environ["RANK"]), int(os.environ["RANKS"])
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(1)

    class Network(nn.Module):
        """PyTorch's word language model example."""

        def __init__(self) -> None:
            super().__init__()
            self.drop = nn.Dropout(shape.dropout)
            self.embedding = nn.Embedding(shape.vocabulary, shape.embedding)
            self.lstm = nn.LSTM(shape.embedding, shape.hidden, shape.layers, dropout=shape.dropout)
            self.output = nn.Linear(shape.hidden, shape.vocabulary)
            if shape.tied:
                self.output.weight = self.embedding.weight

        def forward(self, x: Any, target: Any, state: Any) -> Any:
            h, state = self.lstm(self.drop(self.embedding(x)), state)
            logits = self.output(self.drop(h)).view(-1, shape.vocabulary)
            return nn.functional.cross_entropy(logits, target.reshape(-1)), state

    model: Any = Network()
    if size > 1:
        store = f"file://{os.environ['STORE']}"
        distributed.init_process_group("gloo", init_method=store, rank=rank, world_size=size)
        model = nn.parallel.DistributedDataParallel(model)
    tokens = torch.from_numpy(text(shape).astype(np.int64))
    own = slice(shape.streams * rank // size, shape.streams * (rank + 1) // size)
    stream = tokens.view(shape.streams, -1).t()[:, own].contiguous()
    seconds, update, state, place = list[float](), list[float](), None, 0

    def change() -> None:
        nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        with torch.no_grad():
            for param in model.parameters():
                param.add_(param.grad, alpha=-RATE)

    for _ in range(SKIPPED + steps):
        begin = time.perf_counter()
        x, target = stream[place : place + shape.steps], stream[place + 1 : place + shape.steps + 1]
        place = (place + shape.steps) % (len(stream) - shape.steps - 1)
        model.zero_grad()
        loss, state = model(x, target, state)
        state = tuple(part.detach() for part in state)
        loss.backward()
        timed(change, update)()
        seconds.append(time.perf_counter() - begin)
    if size > 1:
        distributed.barrier()
        distributed.destroy_process_group()
    return None if rank else medians(seconds, update=update)


def main() -> None:
    """Train; print."""
    program, name, steps, *how = sys.argv[1:]
    shape = ADAPTIVE if name == BILLION else SHAPES[name]
    if program == "pytorch":
        found: Any = pytorch(shape, int(steps))
    elif how == ["measure"]:
        found = measured(shape, int(steps))
    else:
        found = ranks(shape, int(steps), *(how or ["fixed"]))
    if found is not None:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
