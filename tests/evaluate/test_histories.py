"""Distributions after many histories, in bounded memory."""

import numpy as np
import pytest

from rnnlm_cli.evaluate.histories import AHEAD, Distributions, History


def read(saved, ids):
    """The distribution after ids, read from the zero state in one go."""
    log_probs, _ = saved.next_log_probs(np.array([ids]).T, saved.network.initial_state(1))
    return log_probs[0]


def test_histories_are_equal_by_their_ids():
    shared = History().then(1, 2)
    assert shared.then(3) == shared.then(3) == History().then(1, 2, 3)
    assert hash(shared.then(3)) == hash(History().then(1, 2, 3))
    assert shared.then(3) != shared.then(4)
    assert History().then(2) != History().then(1, 2)
    assert shared.then(3, 4).ids == (1, 2, 3, 4)
    assert (shared.then(3, 4).length, History().ids) == (4, ())


@pytest.mark.parametrize("most_bytes", [0, 1 << 20])
def test_it_is_what_reading_gives_whatever_had_to_make_room(saved, most_bytes):
    found = Distributions(saved, most_bytes)
    histories = [History().then(*ids) for ids in ((0,), (1, 2, 3), (1, 2), (4, 5, 1, 0), (1, 2, 3))]
    for history, log_probs in zip(histories, found.after_each(histories), strict=True):
        assert log_probs == pytest.approx(read(saved, history.ids), rel=1e-12)
    assert found.after(histories[1].then(6)) == pytest.approx(read(saved, (1, 2, 3, 6)), rel=1e-12)
    assert sum(h in found for h in histories) == (0 if most_bytes == 0 else 5)


def test_each_history_is_read_once_and_those_that_are_expected_beside_it(saved):
    found = Distributions(saved)
    start = History().then(0)
    found.after(start)
    after = [start.then(k) for k in range(1, 5)]
    for history in after:
        found.expect(history)
    found.expect(start.then(6))  # which nobody holds
    steps = []
    of_network = saved.network.next_log_probs
    saved.network.next_log_probs = lambda ids, state: (steps.append(ids), of_network(ids, state))[1]
    for history in [*after, *after]:
        assert found.after(history) == pytest.approx(read_with(of_network, saved, history.ids))
    assert [ids.shape for ids in steps] == [(1, 4)]
    assert found.computed == 5
    assert AHEAD >= 4


def read_with(next_log_probs, saved, ids):
    return next_log_probs(np.array([ids]).T, saved.network.initial_state(1))[0][0]


def test_it_may_begin_at_a_state(saved):
    _, state = saved.next_log_probs(np.array([[2], [3]]), saved.network.initial_state(1))
    found = Distributions(saved, state=state).after(History().then(1))
    assert found == pytest.approx(read(saved, (2, 3, 1)), rel=1e-12)
