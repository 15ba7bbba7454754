"""Distributions after many histories, in bounded memory."""

import numpy as np
import pytest

from rnnlm_cli.evaluate.histories import Distributions, History


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


def test_each_history_is_read_once_and_together(saved, monkeypatch):
    found, steps = Distributions(saved), []
    of_network = saved.network.next_log_probs
    reading = lambda ids, state: (steps.append(ids.shape), of_network(ids, state))[1]  # noqa: E731
    monkeypatch.setattr(saved.network, "next_log_probs", reading)
    start = History().then(0)
    histories = [start.then(k) for k in range(1, 5)]
    found.after_each([*histories, *histories])
    assert steps == [(1, 1), (1, 4)]
    found.after(History().then(0, 3))
    assert (len(steps), found.computed) == (2, 5)


def test_it_may_begin_at_a_state(saved):
    _, state = saved.next_log_probs(np.array([[2], [3]]), saved.network.initial_state(1))
    found = Distributions(saved, state=state).after(History().then(1))
    assert found == pytest.approx(read(saved, (2, 3, 1)), rel=1e-12)
