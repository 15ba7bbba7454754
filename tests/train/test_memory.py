"""The estimate of a dry run against the memory of a training, on few and on many cores."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.config import load_config
from rnnlm_cli.config import optimizer as schema
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cells.elman import Elman
from rnnlm_cli.train.memory import PROGRAM_BYTES, Estimate, estimate
from rnnlm_cli.train.optimizers import OPTIMIZERS
from rnnlm_cli.train.optimizers.sgd import Sgd
from rnnlm_cli.train.start import begin

CONFIG = """
corpus: {train: text.txt}
model: {embedding_size: 300, hidden_size: 300}
training: {epochs: 1, clip_norm: null}
checkpoint: {path: a.pkl}
"""

SAID_AND_PEAKS = """
import contextlib, json, os, sys
from rnnlm_cli.config import load_config
from rnnlm_cli.train.memory import estimate
from rnnlm_cli.train.poll import Stopped
from rnnlm_cli.train.start import begin

def said_and_peak(cores, overrides):
    os.sched_getaffinity = lambda process: set(range(cores))  # whatever this machine has
    config = load_config("c.yaml", overrides)
    said = estimate(begin(config, dry=True)).megabytes * 1e6
    run, polls = begin(config), iter([False, True])
    def poll():
        if next(polls):
            raise Stopped
    with contextlib.suppress(Stopped):  # after two steps and a saving
        list(run.events(poll))
    status = open("/proc/self/status", encoding="utf-8").read()
    return said, int(status.split("VmHWM:")[1].split()[0]) * 1024

for line in sys.stdin:
    child = os.fork()  # its peak begins with what the imports take
    if not child:
        print(json.dumps(said_and_peak(*json.loads(line))), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("estimate")
    words = np.random.default_rng(0).integers(0, 12_000, 25_000)
    lines = [" ".join(map(str, words[k : k + 25])) for k in range(0, len(words), 25)]
    (folder / "text.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "c.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


def test_the_sum_has_all_parts():
    assert Estimate(1, 2, 3, 4, 1).megabytes == pytest.approx((10 + PROGRAM_BYTES) / 1e6)
    assert Estimate(1, 2, 3, 4, 9).megabytes == pytest.approx((17 + PROGRAM_BYTES) / 1e6)


def test_a_new_cell_and_a_new_optimizer_are_estimated(folder, monkeypatch):
    """They have only their rows in the tables; the cell does not report its arrays."""

    class Forgetful(Sgd):
        arrays_per_parameter = 5

    class NewCell(Elman):
        block_arrays = Cell.block_arrays

    monkeypatch.chdir(folder)
    known = [cell.block_arrays for cell in CELLS.values()]
    config = load_config("c.yaml", ["model.cell=rnn"])
    before = estimate(begin(config, dry=True))
    monkeypatch.setitem(CELLS, "rnn", NewCell())
    monkeypatch.setitem(OPTIMIZERS, schema.Sgd, Forgetful)
    after = estimate(begin(config, dry=True))
    assert after.parameters / before.parameters == pytest.approx((2 + 5) / 2)
    assert after.activations > before.activations
    assert Cell.block_arrays > max(known)


@pytest.fixture(scope="module")
def said_and_peak(folder):
    """Return what gives the estimate of a training and the most memory that it took."""
    environment = {k: v for k, v in os.environ.items() if k != "RNNLM_THREADS"}
    with subprocess.Popen(
        [sys.executable, "-c", SAID_AND_PEAKS],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:

        def ask(cores, overrides):
            process.stdin.write(json.dumps([cores, overrides]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to read the peak from")
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="cores are counted otherwise")
@pytest.mark.parametrize(
    ("cores", "overrides"),
    [
        (1, []),
        (32, []),
        (2, ["model.cell=gru", "training.optimizer={kind: adam, learning_rate: 1e-3}"]),
        (16, ["model.layers=3", "training.batch_size=60", "model.tie_weights=true"]),
        (2, ["model.direction=bidirectional", "training.optimizer.kind=momentum"]),
        (16, ["model.embedding_size=100", "model.hidden_size=900", "model.tie_weights=true"]),
        (2, ["model.cell=mogrifier"]),
        (16, ["model.output_layer.kind=adaptive"]),
        (16, ["model.output_layer.kind=sampled"]),
        (1, ["model.layers=6", "model.output_layer.kind=adaptive", "training.batch_size=40"]),
        (1, ["model.direct={order: 3, size: 20000000}"]),
        (16, ["model.direct.order=3", "model.output_layer.kind=adaptive"]),
        (2, ["model.direct.order=3", "model.freeze=[output]"]),
    ],
    ids=str,
)
def test_a_training_takes_about_the_estimated_memory(said_and_peak, tmp_path, cores, overrides):
    said, peak = said_and_peak(cores, [*overrides, f"checkpoint.path={tmp_path}/a.pkl"])
    assert 0.7 < said / peak < 1.4
