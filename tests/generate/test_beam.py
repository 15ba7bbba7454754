"""Beam search against an exhaustive search."""

from itertools import product

import numpy as np
import pytest

from rnnlm_cli.generate import continuations
from rnnlm_cli.generate.beam import beam_search
from rnnlm_cli.generate.filters import no_repeat_ngram
from rnnlm_cli.nn.state import of_streams

V = 4


def reader(seed=0):
    """A second-order Markov chain: the next token depends on the last two."""
    table = np.random.default_rng(seed).dirichlet(np.full(V, 0.5), (V, V))

    def read(ids, state):
        (before,) = state  # (B, 1)
        for row in ids:
            last, before = before, row[:, np.newaxis]
        return np.log(table[last[:, 0], before[:, 0]]), (before,)

    return read, table


def all_of(table, start, length):
    """Every continuation with its log-probability."""
    for ids in product(range(V), repeat=length):
        last, before, total = 0, start, 0.0
        for k in ids:
            total += np.log(table[last, before, k])
            last, before = before, k
        yield list(ids), total


START = (np.zeros((1, 1), int),)


@pytest.mark.parametrize("seed", range(4))
def test_a_wide_beam_finds_the_best_of_all(seed):
    read, table = reader(seed)
    found = beam_search(read, START, [1], V**4, 4)
    expected = sorted(all_of(table, 1, 4), key=lambda pair: -pair[1])
    assert len(found) == V**4
    for beam, (ids, total) in zip(found[:20], expected[:20], strict=True):
        assert beam.ids == ids
        assert sum(beam.log_probs) == pytest.approx(total)
        assert beam.score == pytest.approx(total / 4)


def test_a_beam_of_one_is_greedy():
    read, table = reader()
    (found,) = beam_search(read, START, [1], 1, 6)
    last, before = 0, 1
    for k in found.ids:
        assert k == table[last, before].argmax()
        last, before = before, k


def test_texts_that_end_leave_the_beam_and_are_compared_by_the_penalty():
    read, _ = reader()

    def ends(ids):
        return ids[-1] == 2

    short, long = (beam_search(read, START, [1], 8, 6, (), ends, p)[0] for p in (0.0, 2.0))
    assert (short.ids.index(2), long.ids.index(2)) == (len(short.ids) - 1, len(long.ids) - 1)
    assert sum(short.log_probs) > sum(long.log_probs)
    assert len(short.ids) < len(long.ids)
    assert long.score == pytest.approx(sum(long.log_probs) / len(long.ids) ** 2)


def test_forbidden_tokens_are_in_no_text():
    from rnnlm_cli.generate.filters import forbid

    read, _ = reader()
    for beam in beam_search(read, START, [1], 5, 5, [forbid([0, 3])]):
        assert not {0, 3} & set(beam.ids)
        assert np.isfinite(beam.log_probs).all()


def test_streams_of_a_nested_state():
    state = ((np.arange(3), (np.arange(3) * 2,)), ())
    (first, (second,)), empty = of_streams(state, np.array([2, 0, 0]))
    assert (first.tolist(), second.tolist(), empty) == ([2, 0, 0], [4, 0, 0], ())


def test_unfinished_texts_come_last():
    table = np.array([0.55, 0.03, 0.02, 0.4])

    def read(ids, state):
        return np.log(np.tile(table, (ids.shape[1], 1))), state

    def ends(ids):
        return ids[-1] == 3

    found = beam_search(read, (), [0], 2, 4, (), ends, 0.0)
    assert [beam.ids for beam in found] == [[3], [0, 3]]
    found = beam_search(read, (), [0], 3, 2, (), ends, 1.0)
    assert [beam.ids[-1] == 3 for beam in found] == [True, True, False]


def test_a_long_start_is_read_in_parts(monkeypatch):
    from rnnlm_cli.generate import sampling

    monkeypatch.setattr(sampling, "PART", 2)
    read, table = reader()
    log_probs, (before,) = sampling.read_start(read, START, [1, 2, 3, 0, 2])
    np.testing.assert_allclose(np.exp(log_probs[0]), table[0, 2])
    assert before.tolist() == [[2]]


@pytest.mark.parametrize("filters", [[], [no_repeat_ngram(2)]])
def test_a_wide_beam_is_read_in_parts_and_finds_the_same(monkeypatch, filters):
    read, _ = reader()
    streams = []

    def counting(ids, state):
        streams.append(ids.shape[1])
        return read(ids, state)

    expected = beam_search(read, START, [1, 2], 30, 6, filters)
    monkeypatch.setattr(continuations, "ELEMENTS", 3 * V)
    found = beam_search(counting, START, [1, 2], 30, 6, filters)
    assert max(streams) == 3
    assert [beam.ids for beam in found] == [beam.ids for beam in expected]
    assert [beam.score for beam in found] == pytest.approx([beam.score for beam in expected])
