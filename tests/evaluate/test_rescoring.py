"""Scoring n-best lists in batches."""

import numpy as np
import pytest

from rnnlm_cli.errors import DivergedError
from rnnlm_cli.evaluate import rescoring
from rnnlm_cli.evaluate.lines import score_lines
from rnnlm_cli.evaluate.rescoring import TOKENS_AT_ONCE, batches, score_hypotheses
from rnnlm_cli.text.reader import Piece


def test_a_batch_has_a_limited_number_of_tokens(saved, monkeypatch):
    monkeypatch.setattr(rescoring, "TOKENS_AT_ONCE", 10)
    texts = ["a", "a b c", "a b", "a b c d e f g a b c d e", "", "b"]  # and the end of each line
    found = [[text for text, _ in batch] for batch in batches(saved, texts, str)]
    assert found == [["a", "a b c", "a b"], ["a b c d e f g a b c d e"], ["", "b"]]


def test_at_most_a_batch_is_read_ahead(saved):
    read = []

    def endless():
        while True:
            read.append("a b c")
            yield read[-1]

    next(score_hypotheses(saved, endless(), str))
    assert len(read) == TOKENS_AT_ONCE // 4 + 1


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_the_score_does_not_depend_on_the_batch(saved, monkeypatch, most):
    monkeypatch.setattr(rescoring, "TOKENS_AT_ONCE", most)
    texts = ["a b c", "a b d", "", "c", "a b c", "zzz a"]
    found = dict(score_hypotheses(saved, texts, str))
    for text in texts:
        (line,) = score_lines(saved, [Piece(f"{text}\n", True)], independent=True)
        assert found[text] == pytest.approx(float(np.sum(line.log_probs)), rel=1e-12)


def test_a_probability_of_zero_is_not_a_score(saved):
    saved.network.output.bias.value[saved.vocabulary.index["b"]] = -np.inf
    found = score_hypotheses(saved, ["a", "a b"], str)
    with pytest.raises(DivergedError, match="a log-probability of -inf"):
        list(found)
