"""The most likely filled lines, against an exhaustive search."""

from itertools import product

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.errors import DivergedError, UsageError
from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.generate import continuations
from rnnlm_cli.generate.fill import fill_from_the_left


def test_the_lines_are_the_best_of_all(hello):
    saved = checkpoint.load("checkpoints/hello.pkl").model
    form = ["you", None, "goodbye", None, "i"]
    end, tokens = saved.line_start(), saved.vocabulary.tokens
    choices = [k for k in range(len(tokens)) if k != end]
    lines = []
    for pair in product(choices, repeat=2):
        fill = iter(pair)
        lines.append([next(fill) if t is None else saved.vocabulary.index[t] for t in form] + [end])
    totals = [
        s.sum() for s in score_sequences(saved.network, [np.array(ids) for ids in lines], end)
    ]
    best = np.argsort(-np.array(totals))[:5]
    found = fill_from_the_left(saved, form, 5, width=100)
    for line, k in zip(found, best, strict=True):
        assert line.tokens == [tokens[i] for i in lines[k][:-1]]
        assert line.log_prob == pytest.approx(totals[k], rel=1e-5)
    skip = [saved.vocabulary.index["say"]]
    assert all(line.tokens[1] != "say" for line in fill_from_the_left(saved, form, 5, skip))


def test_some_token_must_be_left(hello):
    saved = checkpoint.load("checkpoints/hello.pkl").model
    with pytest.raises(UsageError, match="leaves no token"):
        fill_from_the_left(saved, [None], 1, range(len(saved.vocabulary)))


def test_a_blank_that_no_token_can_fill_is_an_error(hello):
    saved = checkpoint.load("checkpoints/hello.pkl").model
    impossible = np.full((1, len(saved.vocabulary)), -np.inf)
    saved.network.next_log_probs = lambda ids, state: (impossible, state)
    with pytest.raises(DivergedError, match="no token can fill the blank"):
        fill_from_the_left(saved, ["you", None, "goodbye"], 3)


def test_many_lines_are_read_in_parts_and_the_same_are_found(hello, monkeypatch):
    saved = checkpoint.load("checkpoints/hello.pkl").model
    form = ["you", None, "goodbye", None, None]
    expected = fill_from_the_left(saved, form, 20)
    streams, read = [], saved.network.next_log_probs
    saved.network.next_log_probs = lambda ids, state: (
        streams.append(ids.shape[1]),
        read(ids, state),
    )[1]
    monkeypatch.setattr(continuations, "ELEMENTS", 3 * len(saved.vocabulary))
    found = fill_from_the_left(saved, form, 20)
    assert max(streams) == 3
    assert [line.tokens for line in found] == [line.tokens for line in expected]
    np.testing.assert_allclose([f.log_prob for f in found], [e.log_prob for e in expected])
