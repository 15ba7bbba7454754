"""The estimate of a dry run against what a training takes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.config import load_config
from rnnlm_cli.train.estimate import PROGRAM_BYTES, Estimate, estimate
from rnnlm_cli.train.prepare import prepare

CONFIG = """
corpus: {train: text.txt}
model: {embedding_size: 300, hidden_size: 300}
training: {epochs: 1, clip_norm: null}
checkpoint: {path: a.pkl}
"""

PEAK_OF_A_TRAINING = """
import json, sys
from rnnlm_cli.config import load_config
from rnnlm_cli.train.prepare import prepare
run = prepare(load_config("c.yaml", sys.argv[1:]), overwrite=True)
list(run.events())
status = open("/proc/self/status").read()
print(json.dumps(int(status.split("VmHWM:")[1].split()[0]) * 1024))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = np.random.default_rng(0).integers(0, 12_000, 25_000)
    lines = [" ".join(map(str, words[k : k + 25])) for k in range(0, len(words), 25)]
    Path("text.txt").write_text("\n".join(lines), encoding="utf-8")
    Path("c.yaml").write_text(CONFIG, encoding="utf-8")


def test_the_sum_has_all_parts():
    assert Estimate(1, 2, 3, 4).megabytes == pytest.approx((10 + PROGRAM_BYTES) / 1e6)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to read the peak from")
@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["model.cell=gru", "training.optimizer.kind=adam", "training.optimizer.learning_rate=1e-3"],
        ["model.layers=3", "training.batch_size=100", "model.tie_weights=true"],
        ["model.direction=bidirectional", "training.optimizer.kind=momentum"],
    ],
)
def test_a_training_takes_about_what_was_said(folder, overrides):
    said = estimate(prepare(load_config("c.yaml", overrides), dry=True)).megabytes * 1e6
    command = [sys.executable, "-c", PEAK_OF_A_TRAINING, *overrides]
    peak = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert 0.7 < said / peak < 1.5
