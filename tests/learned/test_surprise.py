"""Surprise, against the scores of other code."""

import math

import numpy as np
import pytest

from rnnlm_cli.api import LanguageModel
from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.surprise import entropy, mean_nats, surprises


@pytest.mark.parametrize("lines", ["stream", "independent"])
def test_nats_are_those_of_the_scores(make, excerpt_of, lines):
    model = make(lines=lines)
    found = surprises(model, excerpt_of(model, "a b x c\n"), top=6)
    scores = LanguageModel(model).full_scores("a b x c")
    assert [one.nats for one in found] == pytest.approx(
        [-score.log10_prob * math.log(10) for score in scores], rel=1e-9
    )
    assert [one.known for one in found] == [True, True, False, True, True]
    for one in found:
        token = one.token if one.known else "<unk>"
        assert one.expected[one.rank - 1].token == token
        assert one.expected[one.rank - 1].log_prob == pytest.approx(-one.nats)
        p = np.exp([candidate.log_prob for candidate in one.expected])
        assert p.sum() == pytest.approx(1)
        assert one.entropy == pytest.approx(-(p * np.log(p)).sum())


def test_long_texts_are_read_on_from_block_to_block(make, excerpt_of):
    model = make()
    found = surprises(model, excerpt_of(model, "a b c d\n" * 40), top=1)
    scored = LanguageModel(model).perplexity(["", *["a b c d"] * 40], independent=False)
    assert mean_nats(found) == pytest.approx(math.log(scored), rel=1e-9)


def test_what_is_impossible_adds_nothing_to_the_entropy():
    assert entropy(np.log([0.5, 0.5])) == pytest.approx(math.log(2))
    assert entropy(np.array([0.0, -np.inf])) == 0


def test_a_bidirectional_model_is_refused(make, excerpt_of):
    model = make(direction="bidirectional", lines="independent")
    with pytest.raises(UsageError, match="bidirectional"):
        surprises(model, excerpt_of(model, "a"), 1)
