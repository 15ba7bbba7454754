"""A group of ranks: what they tell each other, by threads, and by MPI where it is installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.train.parallel import ALONE, Elsewhere, in_order
from rnnlm_cli.train.poll import Stopped
from rnnlm_cli.train.start import begin


def outcome(work):
    """The result, or the error: its class and text."""
    try:
        return work()
    except (Exception, Elsewhere) as error:
        return type(error), str(error)


def test_one_process_is_a_group_of_one():
    values = np.array([1.0, 2.0])
    ALONE.sum(values)
    assert values.tolist() == [1.0, 2.0]
    assert ALONE.gather("x") == ["x"]
    assert [ALONE.any(flag) for flag in (True, False)] == [True, False]
    assert ALONE.first(lambda: 3) == 3
    assert ALONE.described() == {}
    error = CorpusError("it is empty")
    assert (ALONE.of_all(error), ALONE.tells(error)) == (error, "")


def test_sums_are_in_the_order_of_the_ranks():
    parts = np.array([[1e16], [1.0], [-1e16]])
    assert in_order(parts.copy()).tolist() == [0.0]
    assert in_order(parts[[0, 2, 1]]).tolist() == [1.0]


def test_what_one_rank_has_all_get(on_threads):
    def work(group):
        values = np.full(3, 10.0**group.rank)
        group.sum(values)
        flags = group.any(group.rank == 2), group.any(False)
        return values.tolist(), flags, group.gather(group.rank), group.first(lambda: group.rank)

    assert on_threads(3, work) == [([111.0] * 3, (True, False), [0, 1, 2], 0)] * 3


def test_an_error_of_rank_0_ends_all_and_is_told_once(on_threads):
    def fail():
        raise UsageError("is there already", place="m.pkl")

    def work(group):
        try:
            group.first(fail)
        except (UsageError, Elsewhere) as error:
            return type(error), error.exit_code, group.tells(error), group.is_known(error)

    told, silent = (UsageError, 2, "", True), (Elsewhere, 2, None, True)
    assert on_threads(3, work) == [told, silent, silent]


@pytest.mark.parametrize(
    ("failing", "told"),
    [
        ([1], [None, "rank 1 (here)", None]),
        ([2, 1], [None, "rank 1 (here)", None]),
        ([0, 1, 2], ["", None, None]),
    ],
)
def test_of_the_ranks_that_fail_before_training_the_first_tells(failing, told, on_threads):
    """The others learn of it at whatever they do next."""

    def work(group):
        try:
            if group.rank in failing:
                raise CorpusError("it is empty")
            group.first(lambda: 1)
        except (CorpusError, Elsewhere) as error:
            return group.tells(error), group.is_known(error)

    assert on_threads(3, work) == [(name, True) for name in told]


def test_once_training_has_begun_a_failing_rank_tells_and_ends_all(on_threads):
    def work(group):
        group.begun = True
        error = OSError("no space")
        return group.tells(error), group.is_known(error)

    names = [f"rank {rank} (here)" for rank in range(2)]
    assert on_threads(2, work) == [(name, False) for name in names]


def test_a_signal_to_one_rank_stops_all_at_the_same_poll(on_threads):
    def work(group):
        def poll():
            if group.rank == 1 and polls == 3:
                raise Stopped

        agreed, polls = group.agreed(poll), 0
        try:
            while polls < 9:
                polls += 1
                agreed()
        except Stopped:
            return polls

    assert on_threads(3, work) == [3] * 3


@pytest.mark.parametrize(
    ("facts", "shown", "said"),
    [
        ({"seed": 1}, True, "rank 2 (here): seed is 9, and 1 on rank 0 (here); do so"),
        ({"text": "abc"}, False, "rank 2 (here): text is not that of rank 0 (here); do so"),
    ],
)
def test_a_rank_that_has_something_else_is_named(facts, shown, said, on_threads):
    def work(group):
        mine = dict.fromkeys(facts, 9) if group.rank == 2 else facts
        return outcome(lambda: group.check_same({"same": 1, **mine}, "do so", shown))

    other = Elsewhere, "2"
    assert on_threads(3, work) == [(UsageError, said), other, other]


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
