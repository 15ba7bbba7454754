"""A server under load: what many clients get of it together, and whether it stays well.

    python benchmarks/serving.py [--checkpoint FILE | --hidden 650 --layers 2 --types 10000]
    python benchmarks/serving.py --streams 200 --seconds 120

Starts ``rnnlm serve`` with the given model, or with random weights, and asks it over the loopback:

    one client, then --clients (64): tokens per second in total, and their ratio (at least 10)
    --streams (200) at once for --seconds: each client asks for one stream after another; errors,
    tokens per second, p50 and p99 of the wait for the first token, of the gap between pieces and of
    whole requests, and the server's memory at the beginning, in the middle and at the end

It ends with 1 if a request failed, a text was not what it is alone, or memory grew by more than a
tenth after the first quarter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.checkpoint import save
from rnnlm_cli.config import make_config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.vocabulary import Vocabulary


@dataclass
class Seen:
    """What clients saw."""

    tokens: int = 0
    requests: int = 0
    errors: list[str] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checkpoint", help="the model; without, one with random weights")
    parser.add_argument("--hidden", type=int, default=650)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--types", type=int, default=10_000, help="size of the vocabulary")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=100, help="of each text")
    parser.add_argument("--seconds", type=float, default=120, help="of the long run")
    parser.add_argument("--short", type=float, default=10, help="seconds of each short run")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = args.checkpoint or random_model(directory, args)
        with server(path) as (port, pid):
            return measured(port, pid, args)


def random_model(directory: str, args: Any) -> str:
    """Write a model with random weights; return its path."""
    path = str(Path(directory) / "random.pkl")
    config = make_config(
        {
            "corpus": {"train": "none.txt"},
            "model": {
                "cell": "lstm",
                "embedding_size": args.hidden,
                "hidden_size": args.hidden,
                "layers": args.layers,
            },
            "checkpoint": {"path": path},
        }
    )
    tokens = [*(f"w{k}" for k in range(args.types - 2)), "<eos>", "<unk>"]
    vocabulary = Vocabulary(tokens, np.ones(len(tokens), np.int64), "<unk>")
    network = Rnnlm.random(config.model, len(tokens), np.random.default_rng(0))
    save(path, TrainedModel(config, codec_of(config), vocabulary, network))
    return path


@contextmanager
def server(path: str) -> Iterator[tuple[int, int]]:
    """Start a server; yield its port and its process, and end it."""
    command = [sys.executable, "-m", "rnnlm_cli", "serve", "--checkpoint", path, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        print(line.strip())
        try:
            yield int(line.partition("127.0.0.1:")[2].partition(" ")[0]), process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            print(f"after SIGTERM: exit code {process.wait(60)}")


def measured(port: int, pid: int, args: Any) -> int:
    """Measure, print, and return the exit code."""
    asyncio.run(clients(port, 2, 1.0, args.tokens))  # the first steps are slower
    one = asyncio.run(clients(port, 1, args.short, args.tokens))
    many = asyncio.run(clients(port, args.clients, args.short, args.tokens))
    rates = [seen.tokens / args.short for seen in (one, many)]
    print(f"1 client       {rates[0]:10,.0f} tokens/s")
    print(
        f"{args.clients} clients     {rates[1]:10,.0f} tokens/s   {rates[1] / rates[0]:.1f} times"
    )
    same = all(many.texts.get(seed, text) == text for seed, text in one.texts.items())
    print(f"texts as alone {same}")
    memory: list[int] = []
    long = asyncio.run(clients(port, args.streams, args.seconds, args.tokens, pid, memory))
    report(f"{args.streams} streams", long, args.seconds, memory)
    quarter = memory[len(memory) // 4 :] or [0]
    flat = quarter[-1] <= 1.1 * quarter[0]
    failed = [*one.errors, *many.errors, *long.errors]
    for error in failed[:5]:
        print(f"error: {error}")
    print(f"errors {len(failed)}, memory flat {flat}")
    return int(bool(failed) or not same or not flat)


def report(name: str, seen: Seen, seconds: float, memory: list[int]) -> None:
    """Print what a run has shown."""
    print(f"{name}: {seen.requests} requests, {seen.tokens / seconds:,.0f} tokens/s, ", end="")
    print(f"{len(seen.errors)} errors")
    for what in ("first", "gaps", "whole"):
        values = sorted(getattr(seen, what)) or [0.0]
        p50, p99 = statistics.median(values), values[int(0.99 * (len(values) - 1))]
        print(f"  {what:6s} p50 {p50 * 1000:8.1f} ms   p99 {p99 * 1000:8.1f} ms")
    places = [0, len(memory) // 4, len(memory) // 2, len(memory) - 1]
    print("  memory", ", ".join(f"{memory[k] / 2**20:.0f} MiB" for k in places if memory))


async def clients(
    port: int,
    count: int,
    seconds: float,
    tokens: int,
    pid: int | None = None,
    memory: list[int] | None = None,
) -> Seen:
    """Ask for one stream after another, as many clients, until the time is over."""
    seen, until = Seen(), time.monotonic() + seconds

    async def client(number: int) -> None:
        turn = 0
        while time.monotonic() < until:
            try:
                await stream(port, number + count * turn, tokens, until, seen)
            except (OSError, ValueError, asyncio.IncompleteReadError) as error:
                seen.errors.append(f"{type(error).__name__}: {error}")
                await asyncio.sleep(0.1)
            turn += 1

    async def watch() -> None:
        while time.monotonic() < until and memory is not None:
            memory.append(resident_bytes(pid))
            await asyncio.sleep(seconds / 40)

    await asyncio.gather(watch(), *(client(k) for k in range(count)))
    return seen


async def stream(port: int, seed: int, tokens: int, until: float, seen: Seen) -> None:
    """Ask for a text, and count its tokens as they come.

    Raises:
        ValueError: The answer is not what was asked for.
    """
    fields = {"prompt": "", "max_tokens": tokens, "seed": seed, "stream": True, "logprobs": 0}
    body = json.dumps(fields)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun = last = time.monotonic()
    try:
        head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise ValueError(status.decode().strip())
        text, done = "", False
        async for line in reader:
            if not line.startswith(b"data: "):
                continue
            if line.startswith(b"data: [DONE]"):
                done = True
                break
            now = time.monotonic()
            (seen.gaps if text else seen.first).append(now - last)
            last = now
            choice = json.loads(line[6:])["choices"][0]
            text += choice["text"]
            if now < until:
                seen.tokens += len(choice["logprobs"]["tokens"])
        if not done:
            raise ValueError("the stream was cut")
        seen.requests += 1
        seen.whole.append(time.monotonic() - begun)
        seen.texts[seed] = text
    finally:
        writer.close()


def resident_bytes(pid: int | None) -> int:
    """Return the memory of a process."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


if __name__ == "__main__":
    sys.exit(main())
