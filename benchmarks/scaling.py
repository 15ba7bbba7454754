"""Training on several ranks: how much faster, what a step consists of, and how far it goes.

Run by ``make scaling``; it prints Markdown. Three parts:

- two ranks with a core each, against one process with one core and with two, and PyTorch's
  DistributedDataParallel over gloo; they take turns, and figures are medians over all steps;
- the model of ``train/scaling.py`` against ranks in network namespaces, which are throttled (see
  ``throttled.py``): what one step sends and waits, and what the model says;
- what that model says of 8 to 1,024 machines like this one, for the shapes of ``make bench`` and
  for a billion words with an adaptive softmax.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scaling_worker import BILLION
from speed import SHAPES
from throttled import ENVIRONMENT, in_namespace, missing, network
from watched import launcher, output_of

from rnnlm_cli.report.system import system_table, system_values
from rnnlm_cli.train.scaling import Network, Step, Work, numbers_up_to, scaled, still_pays

WORKER = str(Path(__file__).with_name("scaling_worker.py"))
Found = dict[str, Any]

NETWORKS = ((100e6, 0.0), (50e6, 0.0), (100e6, 2e-3))
"""Bits per second and delay of the throttled networks; faster ones are limited by the program that
passes packets on."""

GBITS = (1, 10, 100)
LATENCY = 50e-6
MACHINES = (8, 32, 128, 512, 1024)


def ranks_of(cores: list[list[int]], work: list[str], wrap: Any = None) -> list[str]:
    """Return the command line of a rank for each list of cores."""
    words = [launcher()]
    for rank, own in enumerate(cores):
        command = ["taskset", "-c", ",".join(map(str, own)), sys.executable, WORKER, *work]
        words += [":"] * (rank > 0) + ["-n", "1", *(wrap(rank, command) if wrap else command)]
    return words


def rnnlm(cores: list[list[int]], work: list[str], wrap: Any = None, **environment: str) -> Found:
    """Run ranks of this package; return what rank 0 found."""
    command = ranks_of(cores, ["rnnlm", *work], wrap)
    found = output_of(command, environment={**os.environ, **environment})
    return dict(json.loads(found.splitlines()[-1]))


def pytorch(python: str, cores: list[list[int]], work: list[str]) -> Found:
    """Run processes of PyTorch; return what the first found."""
    with tempfile.TemporaryDirectory() as name:
        processes = []
        for rank, own in enumerate(cores):
            command = ["taskset", "-c", ",".join(map(str, own)), python, WORKER, "pytorch", *work]
            place = {"RANK": str(rank), "RANKS": str(len(cores)), "STORE": f"{name}/store"}
            processes.append(
                subprocess.Popen(
                    command, env={**os.environ, **place}, stdout=subprocess.PIPE, text=True
                )
            )
        said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit("PyTorch failed")
    return dict(json.loads(said[0].splitlines()[-1]))


def compare(shapes: list[str], python: str | None, rounds: int, steps: int) -> None:
    """Print the speed of ranks, of one process and of PyTorch."""
    first, second = sorted(os.sched_getaffinity(0))[:2]
    places = {
        "1 process, 1 core": [[first]],
        "1 process, 2 cores": [[first, second]],
        "2 ranks, 1 core each": [[first], [second]],
    }
    head = (
        "| shape | program | processes | tokens/s | times 1 core | computing | exchange | update |"
    )
    print(f"{head}\n|---|---|---|---|---|---|---|---|")
    for name in shapes:
        found: dict[tuple[str, str], list[Found]] = defaultdict(list)
        for _ in range(rounds):
            for place, cores in places.items():
                work = [name, str(steps)]
                found["rnnlm", place].append(rnnlm(cores, work))
                if len(cores) > 1:
                    found["rnnlm, fastest", place].append(rnnlm(cores, [*work, "fastest"]))
                if python is not None:
                    found["PyTorch", place].append(pytorch(python, cores, work))
        alone = {}
        for (program, place), several in found.items():
            median = {key: float(np.median([one[key] for one in several])) for key in several[0]}
            speed = SHAPES[name].tokens / median["seconds"]
            alone.setdefault(program, speed)
            base = alone["rnnlm"] if program.startswith("rnnlm") else alone[program]
            parts = [
                f"{1000 * median[part]:.0f} ms" if part in median else ""
                for part in ("computing", "exchange", "update")
            ]
            print(
                f"| {name} | {program} | {place} | {speed:,.0f} | {speed / base:.2f} | "
                f"{' | '.join(parts)} |",
                flush=True,
            )


def check_model(shape: str, ranks: tuple[int, ...], steps: int) -> None:
    """Print what the model says of a throttled network, beside what is measured."""
    lacks = missing()
    print("\n## The model and throttled networks\n")
    if lacks:
        print(f"Not checked: namespaces need {lacks}, which is not here.")
        return
    cores = sorted(os.sched_getaffinity(0))
    print(
        f"{shape}. A small message takes as long as is measured on that network (latency).\n\n"
        "| ranks | reduction | Mbit/s | delay | latency | sent per step | exchange | model "
        "| ratio |\n|---|---|---|---|---|---|---|---|---|"
    )
    for size in ranks:
        own = [[cores[rank % len(cores)]] for rank in range(size)]
        for bits, delay in NETWORKS:
            for how in ("fixed", "fastest"):
                with network(size, bits, delay):
                    found = rnnlm(own, [shape, str(steps), how], in_namespace, **ENVIRONMENT)
                work = Work(
                    *[Step(1, found["computing"], found["dense"], found["rows"])] * 2,
                    tokens=1,
                    averaged=0,
                    adding=found["adding"],
                    fixed=how == "fixed",
                )
                said = scaled(work, Network(bits / 8, found["latency"]), size, grows=True)
                expected = said.network + (said.computing - found["computing"])
                print(
                    f"| {size} | {how} | {bits / 1e6:,.0f} | {1000 * delay:.0f} ms | "
                    f"{1000 * found['latency']:.2f} ms | {said.sent / 1e6:.1f} MB | "
                    f"{1000 * found['exchange']:,.0f} ms | {1000 * expected:,.0f} ms | "
                    f"{found['exchange'] / expected:.2f} |",
                    flush=True,
                )


def far(shapes: list[str], steps: int) -> None:
    """Print what the model says of many machines."""
    cores = [sorted(os.sched_getaffinity(0))]
    print(
        f"\n## Many machines like this one, latency {LATENCY * 1e6:.0f} us\n\n"
        "`batch_size` divided: the most machines of which half the speed is used, and how much "
        "faster these are. `batch_size` growing with the machines: the share of their speed that "
        "is used.\n\n"
        "| shape | sent dense | rows | Gbit/s | divided | "
        + " | ".join(f"growing, {number:,}" for number in MACHINES)
        + " | with average_every 8, 1,024 |\n|---|---|---|---|---|"
        + "---|" * (len(MACHINES) + 1)
    )
    for name in shapes:
        found = rnnlm(cores, [name, str(steps), "measure"])
        whole, least = Step(*found["whole"]), Step(*found["least"])
        work = Work(whole, least, found["tokens"], found["averaged"], found["adding"])
        for gbits in GBITS:
            net = Network(gbits * 1e9 / 8, LATENCY)
            same = [scaled(work, net, number) for number in numbers_up_to(whole.streams)]
            best = next(one for one in same if one.machines == still_pays(same))
            grown = [scaled(work, net, number, grows=True).efficiency for number in MACHINES]
            rare = scaled(work._replace(every=8), net, MACHINES[-1], grows=True).efficiency
            print(
                f"| {name} | {whole.dense / 1e6:.1f} MB | {whole.rows / 1e6:.1f} MB | {gbits} | "
                f"{best.machines} ({best.times:.1f}x) | "
                + " | ".join(f"{one:.0%}" for one in [*grown, rare])
                + " |",
                flush=True,
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, action="append", help="to compare")
    parser.add_argument("--torch", help="the Python that has PyTorch; omit it to leave that out")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--part", choices=("compare", "model", "far"), action="append")
    options = parser.parse_args()
    parts = options.part or ["compare", "model", "far"]
    print(f"```\n{system_table(system_values())}\n```\n", flush=True)
    if "compare" in parts:
        shapes = options.shape or ["word-large", "char-large"]
        compare(shapes, options.torch, options.rounds, options.steps)
    if "model" in parts:
        check_model((options.shape or ["word-small"])[0], (2, 4), options.steps)
    if "far" in parts:
        far(options.shape or [*SHAPES, BILLION], max(3, options.steps // 2))


if __name__ == "__main__":
    main()
