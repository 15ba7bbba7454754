"""Minutes until a validation perplexity: this package beside PyTorch's own example, on these cores.

What a user feels is neither steps per second nor the figure at the end, but how soon a model is
good. ``--train`` trains the tied model of PyTorch's word_language_model example, written here anew:
2 LSTM layers of 650, dropout 0.5, SGD at 20, clipped to 0.25, and divided by 4 when a validation is
no better. It goes on where an earlier call ended, and writes a log as ``rnnlm train`` does. Then a
table of several logs says after how many minutes, validations among them, each had reached
``GOALS``. So recipes are compared, each with its own schedule, not engines; ``make bench`` does
that::

    rnnlm train --config configs/ptb-hour.yaml
    python benchmarks/quality.py --train pytorch.jsonl --text corpora --minutes 180
    python benchmarks/quality.py --table checkpoints/ptb-hour.jsonl pytorch.jsonl

``make quality`` does all three, one after the other, and goes on where it was stopped. Only the
second needs PyTorch. A validation reads the text in parallel streams, ten there and twenty here.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.report.log import LogLine, read_log, validations

GOALS = 100.0, 90.0, 82.0
"""Validation perplexities."""

RATE, DIVIDED_BY, MOST_NORM, DROPOUT = 20.0, 4.0, 0.25, 0.5
STREAMS, VALIDATION_STREAMS, STEPS, EPOCHS, LAYERS, SEED = 20, 10, 35, 40, 2, 1
"""Of PyTorch's example."""

END = "<eos>"


def minutes_until(epochs: Sequence[LogLine], goal: float) -> float | None:
    """Return after how many minutes of training a log has this figure, or ``None`` if never."""
    for line in epochs:
        assert line.seconds is not None
        if (line.valid_perplexity or math.inf) <= goal:
            return line.seconds / 60
    return None


def table(paths: Sequence[str]) -> None:
    """Print a row per log, in Markdown."""
    goals = " | ".join(f"{goal:g}" for goal in GOALS)
    print(f"| minutes until a validation perplexity of | {goals} |\n|---|{'---|' * len(GOALS)}")
    for path in paths:
        epochs = validations(read_log(path))
        reached = [minutes_until(epochs, goal) for goal in GOALS]
        whole = (epochs[-1].seconds or 0.0) / 60
        cells = [f"not in {whole:.0f}" if one is None else f"{one:.0f}" for one in reached]
        print(f"| {Path(path).stem} | {' | '.join(cells)} |")


def ids_of(text: Path) -> tuple[dict[str, int], dict[str, np.ndarray]]:
    """Return the words of the training and the validation text, and the ids of both."""
    index: dict[str, int] = {}
    ids = {}
    for split in ("train", "valid"):
        words = (text / f"ptb.{split}.txt").read_text(encoding="utf-8").replace("\n", f" {END} ")
        ids[split] = np.array([index.setdefault(word, len(index)) for word in words.split()])
    return index, ids


def train(log: Path, text: Path, hidden: int, epochs: int, minutes: float) -> None:
    """Train PyTorch's example until the last goal or the end of the time; append to the log.

    Args:
        log: The log; the state of the training is beside it, in a file ``.pt``.
        text: The directory of the text.
        hidden: Units per layer.
        epochs: The last one to train.
        minutes: Of training, summed over all calls.
    """
    import torch
    from torch import nn

    torch.manual_seed(SEED)
    index, ids = ids_of(text)
    drop, embedding = nn.Dropout(DROPOUT), nn.Embedding(len(index), hidden)
    lstm = nn.LSTM(hidden, hidden, LAYERS, dropout=DROPOUT)
    output = nn.Linear(hidden, len(index))
    nn.init.uniform_(embedding.weight, -0.1, 0.1)
    nn.init.zeros_(output.bias)
    output.weight = embedding.weight
    model = nn.ModuleList([drop, embedding, lstm, output])

    def streams(split: str, count: int) -> Any:
        kept = len(ids[split]) // count * count
        return torch.from_numpy(ids[split][:kept]).view(count, -1).t().contiguous()

    def losses(stream: Any) -> Iterator[tuple[Any, int]]:
        """Yield the loss of each block, a mean over its targets, and how many they are."""
        state = None
        for start in range(0, len(stream) - 1, STEPS):
            target = stream[start + 1 : start + 1 + STEPS]
            h, state = lstm(drop(embedding(stream[start : start + len(target)])), state)
            state = tuple(part.detach() for part in state)
            logits = output(drop(h)).view(-1, len(index))
            yield nn.functional.cross_entropy(logits, target.reshape(-1)), target.numel()

    def validated(stream: Any) -> float:
        model.eval()
        with torch.no_grad():
            found = [(float(loss) * count, count) for loss, count in losses(stream)]
        return math.exp(sum(nats for nats, _ in found) / sum(count for _, count in found))

    training, validation = streams("train", STREAMS), streams("valid", VALIDATION_STREAMS)
    rate, best, epoch, spent = RATE, math.inf, 0, 0.0
    saved, new = log.with_suffix(".pt"), log.with_suffix(".pt.new")
    if saved.exists():
        state = torch.load(saved)
        model.load_state_dict(state["model"])
        torch.set_rng_state(state["rng"])
        rate, best, epoch, spent = (state[name] for name in ("rate", "best", "epoch", "spent"))
    while epoch < epochs and spent < 60 * minutes and best > GOALS[-1]:
        began, epoch = time.monotonic(), epoch + 1
        model.train()
        for loss, _ in losses(training):
            model.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), MOST_NORM)
            with torch.no_grad():
                for param in model.parameters():
                    param.add_(param.grad, alpha=-rate)
        valid = validated(validation)
        spent += time.monotonic() - began
        rate, best = (rate, valid) if valid < best else (rate / DIVIDED_BY, best)
        state = {"model": model.state_dict(), "rng": torch.get_rng_state()}
        torch.save(state | {"rate": rate, "best": best, "epoch": epoch, "spent": spent}, new)
        new.replace(saved)  # at no moment is there half a state
        values = {"event": "epoch", "epoch": epoch, "valid_perplexity": valid, "seconds": spent}
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        sys.stderr.write(f"epoch {epoch}: {valid:.2f} after {spent / 60:.1f} minutes\n")


def main() -> None:
    """Train, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--table", nargs="+", metavar="LOG", help="logs to compare")
    parser.add_argument("--train", metavar="LOG", type=Path, help="train with PyTorch")
    parser.add_argument("--text", type=Path, default=Path("corpora"), help="of ptb.train.txt")
    parser.add_argument("--hidden", type=int, default=650)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--minutes", type=float, default=180.0)
    given = parser.parse_args()
    if given.train:
        train(given.train, given.text, given.hidden, given.epochs, given.minutes)
    if given.table:
        table(given.table)


if __name__ == "__main__":
    main()
