"""Ranks by MPI, where it is installed: they do as threads do, and train as one process does."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.train.parallel import in_order
from rnnlm_cli.train.start import begin

PROGRAM = """
import sys
import numpy as np
from rnnlm_cli.train.parallel import join
from rnnlm_cli.errors import UsageError

group = join()
for count in (3, 10_001):
    for how in ("fixed", "fastest"):
        values = np.arange(count, dtype=np.float32) * (group.rank + 1)
        group.sum(values, how)
        assert np.array_equal(values, np.arange(count) * sum(range(group.size + 1))), (count, how)
assert group.gather({"rank": group.rank}) == [{"rank": rank} for rank in range(group.size)]
assert group.any(group.rank == 1) and not group.any(False)
assert group.first(lambda: group.rank) == 0
assert "MPI" in group.mpi and len(group.hosts) == group.size
sys.exit(int(sys.argv[1] != str(group.size)))
"""

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 5, hidden_size: 5, dropout: {input: 0.2}}
training:
  {max_steps: 12, batch_size: 5, bptt: 6, precision: float64, optimizer: {kind: adam}}
checkpoint: {path: out/m.pkl}
"""


def test_sums_are_in_the_order_of_the_ranks():
    parts = np.array([[1e16], [1.0], [-1e16]])
    assert in_order(parts.copy()).tolist() == [0.0]
    assert in_order(parts[[0, 2, 1]]).tolist() == [1.0]


def test_mpi_does_as_the_threads_do(folder):
    """Two launches: the group itself with three ranks, and a whole training with two."""
    pytest.importorskip("mpi4py")
    near = Path(sys.executable).parent
    launcher = shutil.which("mpiexec", path=near) or shutil.which("mpiexec")
    if launcher is None:
        pytest.skip("there is no mpiexec")

    def run(ranks, *command):
        words = [launcher, "-n", str(ranks), sys.executable, *command]
        done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    run(3, "-c", PROGRAM, "3")
    said = run(2, "-m", "rnnlm_cli", "train", "--config", "c.yaml")
    assert said.count("steps") == 1  # of one rank
    assert "2 ranks on" in said
    two = checkpoint.load("out/m.last.pkl")
    list(begin(load_config("c.yaml", ["checkpoint.path=1/m.pkl"])).events())
    one = checkpoint.load("1/m.last.pkl")
    assert (two.training_state.ranks, one.training_state.ranks) == (2, 1)
    for name, param in one.model.network.params.items():
        found = two.model.network.params[name].value
        np.testing.assert_allclose(found, param.value, rtol=0, atol=1e-11, err_msg=name)
