"""A group of ranks, by threads: what they tell each other, and which of them tells of an error."""

import numpy as np
import pytest

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.train.failures import Elsewhere
from rnnlm_cli.train.group import ALONE
from rnnlm_cli.train.poll import Stopped


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
