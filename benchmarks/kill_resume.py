"""Trainings that are killed and resumed, compared with one that never was.

Run by ``make kill-resume``. A small model (two layers, dropout, momentum, a falling rate) whose
loss is NaN at three blocks, so that it rolls back three times (``on_nan: rollback``), is trained
once undisturbed. Then trainings that save their state after every block are started and killed with
SIGKILL. The moment is drawn from three kinds in turn:

- call: the n-th system call that writes in its directory (open, write, fsync, rename, unlink and so
  on), for any n of the whole training; half of the data being written is on disk. This needs a C
  compiler and the dynamic linker's preloading; without them a line says so;
- poll: the n-th poll between two blocks, of training, of validation or of the last evaluation;
- time: any moment.

After each kill a copy of all its files is resumed to the end and compared with the undisturbed one:
the model file byte for byte, the log line by line except its clock. Another copy is resumed with a
config that differs in an allowed key: it must end, and its log must have no gap and no torn line.
The killed one itself is resumed and killed again until it is finished; then the next one starts.

With ``--ranks N`` each training is that many processes (``mpiexec``, the extra ``mpi``), and the
kill is one of them: any one at a poll or a moment, and the one that writes at a call.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np

HERE = Path(__file__).parent
ranks = 1
"""Processes per training, as asked for."""
longest = 10.0
"""Seconds in which all ranks end after one is killed, as asked for."""
OUT = "killed-models"
"""The directory in which writes count; no other path contains this part."""

CONFIG = f"""
corpus: {{train: train.txt, valid: 0.1}}
model: {{embedding_size: 12, hidden_size: 12, layers: 2, dropout: {{input: 0.2, hidden: 0.2}}}}
training:
  epochs: 2
  batch_size: 4
  bptt: 10
  report_every: 7
  on_nan: rollback
  optimizer: {{kind: momentum, learning_rate: 1.0}}
  schedule: {{kind: linear, hold: 0.5}}
checkpoint: {{path: {OUT}/m.pkl, every_seconds: 0.001}}
"""

CHANGES = (
    "training.on_nan=stop",
    "training.epochs=3",
    "training.patience=1",
    "checkpoint.every_seconds=300",
)

CLOCK = {"seconds", "tokens_per_second", "date"}
FILES = {"m.jsonl", "m.last.pkl", "m.pkl"}

Log = list[dict[str, object]]


class Whole(NamedTuple):
    """The undisturbed training."""

    seconds: float
    calls: int  # that write
    polls: int
    outcome: tuple[bytes, Log]


class Verdict(NamedTuple):
    """The result of a kill."""

    kind: str
    in_a_save: bool  # a temporary file was there
    equal: bool
    left: bool  # a file that nobody removed
    change: str
    log_whole: bool


def prepare(directory: Path) -> None:
    """Write config and corpus."""
    directory.mkdir(parents=True)
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(list("abcdefgh"), 7)) for _ in range(300)]
    (directory / "train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (directory / "c.yaml").write_text(CONFIG, encoding="utf-8")


def start(directory: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """Start or resume the training in a directory, by one process or several."""
    command = [sys.executable, str(HERE / "planted.py"), "train", "--config", "c.yaml", "--resume"]
    command += options
    if ranks > 1:  # only rank 0 writes, so its calls count
        launcher = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or "mpiexec"
        given = [word for item in environment.items() for word in ("-env", *item)]
        others = [] if "LD_PRELOAD" in environment else given
        more = ["-n", str(ranks - 1), *others, *command]
        command = [launcher, "-n", "1", *given, *command, ":", *more]
        environment = {"KILL_MARK": str(directory)}
    return subprocess.Popen(
        command,
        cwd=directory,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def process_of(rank: int, directory: Path) -> int | None:
    """Return the id of a rank's process in the training of a directory."""
    wanted = {f"KILL_MARK={directory}".encode(), f"PMI_RANK={rank}".encode()}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environment = set((entry / "environ").read_bytes().split(b"\0"))
            if wanted <= environment and b"planted.py" in (entry / "cmdline").read_bytes():
                return int(entry.name)
    return None


def finish(directory: Path, *options: str, **environment: str) -> int:
    """Train to the end, or to a bad block without rollback; return the exit code."""
    process = start(directory, *options, **environment)
    _, errors = process.communicate()
    if process.returncode != 0 and "the loss is nan" not in errors:
        raise SystemExit(f"resuming failed in {directory} with {options}: {errors}")
    return process.returncode


def read_log(directory: Path) -> Log:
    """Return the log without its clock."""
    lines = (directory / OUT / "m.jsonl").read_text(encoding="utf-8").splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in CLOCK} for line in lines]


def outcome(directory: Path) -> tuple[bytes, Log]:
    """Return what must be equal: the model file, and the log without its clock."""
    return (directory / OUT / "m.pkl").read_bytes(), read_log(directory)


def is_whole(directory: Path) -> bool:
    """Whether a log has exactly one line every seven steps, and no torn line."""
    try:
        steps = [line["step"] for line in read_log(directory) if line["event"] == "step"]
    except ValueError:
        return False
    return steps == list(range(7, 7 * len(steps) + 1, 7))


def build(directory: Path) -> dict[str, str]:
    """Build the library that kills at a call; return the environment that preloads it."""
    library = directory / "kill_at.so"
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        print("no C compiler, or not Linux: no kills at system calls", flush=True)
        return {}
    source = str(HERE / "kill_at.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    return {"LD_PRELOAD": str(library), "KILL_IN": OUT}


def undisturbed(directory: Path, preload: dict[str, str]) -> Whole:
    """Train without a kill twice: once to count, once to time."""
    prepare(directory)
    counts = {"KILL_COUNT": str(directory / "calls"), "POLL_COUNT": str(directory / "polls")}
    finish(directory, **preload, **counts)
    found = outcome(directory)
    shutil.rmtree(directory / OUT)
    begin = time.monotonic()
    finish(directory)
    seconds = time.monotonic() - begin
    if outcome(directory) != found:
        raise SystemExit("two undisturbed trainings differ")
    if [line["event"] for line in found[1]].count("rollback") != 3:
        raise SystemExit("the undisturbed training did not go back three times")
    calls = int((directory / "calls").read_text()) if preload else 0
    return Whole(seconds, calls, int((directory / "polls").read_text()), found)


def killed(
    directory: Path, kind: str, whole: Whole, preload: dict[str, str], rng: random.Random
) -> bool:
    """Resume a training and kill it; return whether the kill came before its end."""
    environment = {}
    if kind == "call":
        environment = {**preload, "KILL_AT": str(rng.randint(1, whole.calls))}
    elif kind == "poll":
        rank = str(rng.randrange(ranks))
        environment = {"POLL_AT": str(rng.randint(1, whole.polls)), "POLL_RANK": rank}
    process = start(directory, **environment)
    try:
        _, errors = process.communicate(
            timeout=rng.uniform(0, whole.seconds) if kind == "time" else None
        )
    except subprocess.TimeoutExpired:
        return kill_now(process, directory, rng)
    if process.returncode not in (0, -9, 9):
        raise SystemExit(f"training failed in {directory}: {errors}")
    return process.returncode != 0


def kill_now(process: subprocess.Popen[str], directory: Path, rng: random.Random) -> bool:
    """Kill a running training, or one of its ranks; return whether it was before its end."""
    victim = process.pid if ranks == 1 else process_of(rng.randrange(ranks), directory)
    begin = time.monotonic()
    if victim is not None:  # else it has not started yet, or has just ended
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    _, errors = process.communicate()
    seconds = time.monotonic() - begin
    if victim is not None and seconds > longest:
        raise SystemExit(f"{directory}: ended {seconds:.1f} s after the kill: {errors}")
    return process.returncode != 0


def examine(victim: Path, kind: str, whole: Whole, change: str) -> Verdict:
    """Resume copies of a killed training to the end, with the same and with another config."""
    found = {path.name for path in victim.glob(f"{OUT}/*")}
    copy = victim.with_name(f"{victim.name}-copy")
    shutil.copytree(victim, copy)
    finish(copy, "--set", change)
    log_whole = is_whole(copy)
    shutil.rmtree(copy)
    shutil.copytree(victim, copy)
    finish(copy)
    equal = outcome(copy) == whole.outcome
    left = {path.name for path in (copy / OUT).iterdir()} != FILES
    shutil.rmtree(copy)
    in_a_save = bool(found - FILES - {"m.rollback.pkl", ".m.lock"})
    return Verdict(kind, in_a_save, equal, left, change, log_whole)


def kill(root: Path, kills: int, seed: int, whole: Whole, preload: dict[str, str]) -> list[Verdict]:
    """Kill ``times`` times; return the result of each."""
    rng = random.Random(seed)
    kinds = ["call", "poll", "time"] if preload else ["poll", "time"]
    verdicts: list[Verdict] = []
    for number in count():
        victim = root / f"victim-{seed}-{number}"
        prepare(victim)
        while len(verdicts) < kills:
            kind = kinds[len(verdicts) % len(kinds)]
            if not killed(victim, kind, whole, preload, rng):
                break  # this one came through
            change = CHANGES[len(verdicts) % len(CHANGES)]
            verdicts.append(examine(victim, kind, whole, change))
            if not (verdicts[-1].equal and verdicts[-1].log_whole):
                print(f"{victim}: {verdicts[-1]}", flush=True)
        shutil.rmtree(victim)
        if len(verdicts) == kills:
            return verdicts
    raise AssertionError


def table(verdicts: list[Verdict]) -> str:
    """Return tables of the counts, by kind of moment and by change of the config."""
    lines = [
        "| killed at a | kills | during a save | equal to the undisturbed one | with files left |"
    ]
    lines.append("|---|---|---|---|---|")
    for kind in dict.fromkeys(verdict.kind for verdict in verdicts):
        some = [verdict for verdict in verdicts if verdict.kind == kind]
        counts = Counter(
            field for v in some for field in ("in_a_save", "equal", "left") if getattr(v, field)
        )
        lines.append(
            f"| {kind} | {len(some)} | {counts['in_a_save']} | {counts['equal']} "
            f"| {counts['left']} |"
        )
    lines += ["", "| resumed with | times | log whole |", "|---|---|---|"]
    for change in CHANGES:
        some = [verdict for verdict in verdicts if verdict.change == change]
        lines.append(f"| {change} | {len(some)} | {sum(v.log_whole for v in some)} |")
    return "\n".join(lines)


def main() -> None:
    """Kill, resume, compare; print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument(
        "--longest",
        type=float,
        default=10,
        help="seconds in which all ranks end after one is killed; a busy machine needs more",
    )
    options = parser.parse_args()
    global ranks, longest
    ranks, longest = options.ranks, options.longest
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(options.jobs) as pool:
        root = Path(name)
        preload = build(root)
        whole = undisturbed(root / "whole", preload)
        print(
            f"{whole.calls} calls that write, {whole.polls} polls, {whole.seconds:.1f} s",
            flush=True,
        )
        shares = [len(range(job, options.kills, options.jobs)) for job in range(options.jobs)]
        work = [
            pool.submit(kill, root, share, options.seed + 1000 * job, whole, preload)
            for job, share in enumerate(shares)
        ]
        verdicts = [verdict for done in work for verdict in done.result()]
    print(table(verdicts))
    equal = sum(verdict.equal and verdict.log_whole for verdict in verdicts)
    within = sum(verdict.in_a_save for verdict in verdicts)
    print(
        f"\n{len(verdicts)} kills, {within} of them during a save; "
        f"{equal} equal to the undisturbed one"
    )
    sys.exit(equal != len(verdicts))


if __name__ == "__main__":
    main()
