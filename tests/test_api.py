"""The Python interface, and the examples in its documentation."""

import dataclasses
import doctest
import math

import numpy as np
import pytest

import rnnlm_cli
from rnnlm_cli import api
from rnnlm_cli.errors import UsageError


@pytest.fixture
def lm(hello):
    return rnnlm_cli.load("checkpoints/hello.pkl")


def test_the_examples_in_the_documentation(lm):
    result = doctest.testmod(api, extraglobs={"lm": lm})
    assert result.attempted >= 9
    assert result.failed == 0


def by_hand(lm, tokens):
    """log10 of each token after an end of line, from the distributions."""
    saved, found = lm.saved, []
    state, given = saved.model.initial_state(1), saved.line_start()
    for token in tokens:
        log_probs, state = saved.model.next_log_probs(np.array([[given]]), state)
        given = saved.vocabulary.id_of(token)
        found.append(float(log_probs[0, given]) / math.log(10))
    return found


def test_scores_have_the_meaning_of_kenlm(lm):
    expected = by_hand(lm, ["you", "say", "shout", "<eos>"])
    scores = list(lm.full_scores("you say shout"))
    assert [score.log10_prob for score in scores] == pytest.approx(expected, rel=1e-4)
    assert [score.ngram_length for score in scores] == [2, 3, 4, 5]
    assert [score.oov for score in scores] == [False, False, True, False]
    assert lm.score("you say shout") == pytest.approx(sum(expected), rel=1e-4)
    assert lm.score("you say shout", eos=False) == pytest.approx(sum(expected[:-1]), rel=1e-4)
    assert lm.perplexity("you say shout") == pytest.approx(10 ** (-sum(expected) / 4), rel=1e-4)
    assert lm.score("") == pytest.approx(by_hand(lm, ["<eos>"])[0], rel=1e-4)


def test_without_a_beginning_the_first_token_has_its_frequency(lm):
    counts = lm.saved.vocabulary.counts
    first, second, end = lm.full_scores("you say", bos=False)
    share = (counts[lm.tokens.index("you")] + 1) / (counts.sum() + len(counts))
    assert first.log10_prob == pytest.approx(math.log10(share))
    assert 10**second.log10_prob > 0.9  # that is how the training text begins
    assert [first.ngram_length, second.ngram_length, end.ngram_length] == [1, 2, 3]
    assert lm.score("", bos=False, eos=False) == 0


def test_several_lines_are_pooled(lm):
    lines = ["you say", "hello"]
    total = lm.score(lines[0]) + lm.score(lines[1])
    assert lm.perplexity(lines) == pytest.approx(10 ** (-total / 5), rel=1e-4)
    assert lm.perplexity("you say\nhello\n") == pytest.approx(lm.perplexity(lines))
    with pytest.raises(UsageError, match="no line to score"):
        lm.perplexity([])
    with pytest.raises(UsageError, match="no token to predict"):
        lm.perplexity("", independent=False)


def test_states_branch(lm):
    begin = lm.state()
    one, after = begin.read("you")
    expected = by_hand(lm, ["you", "say"])
    assert one == pytest.approx(expected[0], rel=1e-4)
    assert after.read("say")[0] == pytest.approx(expected[1], abs=1e-5)
    assert begin.read("you")[0] == pytest.approx(one, rel=1e-5)
    assert sum(p for _, p in after.next(top=100)) == pytest.approx(1, rel=1e-5)
    assert begin.read("shout")[0] == pytest.approx(begin.read("<unk>")[0], rel=1e-5)


def test_errors_are_the_tools_own(lm):
    with pytest.raises(UsageError, match="'shout' is not in the model"):
        lm.next("shout")
    with pytest.raises(UsageError, match="No such file"):
        rnnlm_cli.load("none.pkl")


def test_lines_may_keep_their_ends(lm):
    assert lm.score("you say\n") == pytest.approx(lm.score("you say"), rel=1e-5)
    with_ends = lm.perplexity(["you say\n", "hello\r\n"])
    assert with_ends == pytest.approx(lm.perplexity(["you say", "hello"]), rel=1e-5)
    form_feed = "you say\x0cgoodbye ."
    assert lm.perplexity(form_feed) == pytest.approx(lm.perplexity([form_feed]), rel=1e-5)


def test_a_model_of_lower_case_reads_lower_case(lm, monkeypatch):
    lower = dataclasses.replace(lm.saved.tokenizer, lowercase=True)
    monkeypatch.setattr(type(lm.saved), "tokenizer", lower)
    assert "YOU" in lm
    assert lm.state().read("YOU")[0] == pytest.approx(lm.state().read("you")[0], rel=1e-5)
    assert lm.score("YOU say") == pytest.approx(lm.score("you say"), rel=1e-5)
