"""Comparison of two models."""

import dataclasses
import math

import numpy as np
import pytest
from msgspec import structs

from rnnlm_cli.data.texts import read_text
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.evaluate import comparison
from rnnlm_cli.evaluate.comparison import (
    Comparison,
    Read,
    compare,
    compare_read,
    line_nats,
    read_lines_with,
    read_with,
    reads_alike,
    reasons_against,
    single_spaced,
)
from rnnlm_cli.evaluate.lines import score_lines
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.model.history import TextFigures
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.reader import Piece
from rnnlm_cli.text.target_sizes import TextSize
from rnnlm_cli.text.vocabulary import Vocabulary


def test_line_nats_are_those_of_the_text(saved, text_file):
    text = read_text(saved.config, str(text_file), saved.codec, saved.vocabulary)
    nats, tokens = line_nats(saved.network, text, saved.line_start())
    whole = evaluate(saved, text)
    assert len(nats) == len(tokens) == 30
    assert nats.sum() == pytest.approx(whole.nats, rel=1e-12)
    assert tokens.sum() == whole.tokens
    lines = text_file.read_text(encoding="utf-8").splitlines()
    assert tokens.tolist() == [len(line.split()) + (k > 0) for k, line in enumerate(lines)]
    read = read_with("a.pkl", saved, text)
    assert read.perplexity == pytest.approx(whole.perplexity)
    assert read.oov == 0


def test_a_model_is_as_good_as_itself():
    nats, tokens = np.array([3.0, 4.0]), np.array([2, 2])
    found = compare(nats, nats, tokens)
    assert found[:3] == (0, 0, 0)
    assert found.better_model is None


def test_the_interval_contains_the_difference_in_95_percent(monkeypatch):
    monkeypatch.setattr(comparison, "RESAMPLES", 400)
    rng = np.random.default_rng(0)
    found = []
    for trial in range(200):
        tokens = rng.integers(1, 20, 200)
        gained = rng.normal(1.0, 0.3, 200) * tokens  # long lines gain more, and have more tokens
        found.append(compare(np.zeros(200), gained, tokens, seed=trial))
        assert found[-1].low <= found[-1].difference <= found[-1].high
    hits = sum(one.low <= 1.0 <= one.high for one in found)
    assert 180 <= hits <= 198  # 190 is 95%, and 3 of its standard error are 9
    width = np.mean([one.high - one.low for one in found])
    spread = np.std([one.difference for one in found])
    assert width == pytest.approx(2 * 1.96 * spread, rel=0.15)


@pytest.mark.parametrize(
    ("low", "high", "better"), [(0.1, 0.2, 0), (-0.2, -0.1, 1), (-0.1, 0.1, None), (0.0, 0.1, None)]
)
def test_the_better_model_has_fewer_nats(low, high, better):
    assert Comparison((low + high) / 2, low, high, 10, 0.5).better_model == better


SIZE = TextSize(characters=12, bytes=24, words=3, tokens=4)


def a_reading(saved, name, oov=0, **keys):
    config = structs.replace(saved.config, corpus=structs.replace(saved.config.corpus, **keys))
    saved = dataclasses.replace(saved, config=config)
    return Read(name, saved, np.array([3.0, 4.0]), np.array([2, 2]), oov, SIZE)


def test_figures_per_unit_of_the_text(saved):
    found = a_reading(saved, "a.pkl").figures
    bits = 7 / math.log(2)
    assert found == TextFigures(bits / 12, bits / 24, pytest.approx(math.exp(7 / 3)))


def test_models_without_unknown_tokens_that_read_alike_can_be_compared(saved):
    keys = {"train": "other.txt", "test": "t.txt", "unknown": "?", "max_vocabulary": 9}
    keys |= {"max_token_bytes": 99, "max_expansion": 9.0}
    assert reasons_against(a_reading(saved, "a.pkl"), a_reading(saved, "b.pkl", **keys)) == []


def with_another_word(saved):
    tokens = [*saved.vocabulary.tokens[:-1], "z"]
    vocabulary = Vocabulary(tokens, saved.vocabulary.counts, saved.vocabulary.unknown)
    return dataclasses.replace(saved, vocabulary=vocabulary)


@pytest.mark.parametrize("unknown", [(1, 0), (0, 1), (3, 1)])
def test_a_model_that_lacks_a_token_is_reported(saved, unknown):
    reads = [a_reading(saved, f"{name}.pkl", k) for name, k in zip("ab", unknown, strict=True)]
    assert reasons_against(*reads) == []  # of one vocabulary: both replace the same
    reads[1] = reads[1]._replace(model=with_another_word(saved))
    reasons = reasons_against(*reads)
    lacking = [f"{name}.pkl: {k} of 4" for name, k in zip("ab", unknown, strict=True) if k]
    assert [reason[: len("a.pkl: 1 of 4")] for reason in reasons] == lacking


def test_lines_that_are_not_the_same_to_both_are_counted(saved):
    lines = single_spaced([Piece("a  b\n", True), Piece(" A b\n", True), Piece("c", False)])
    assert [line.text for line in lines] == ["a b\n", "A b\n", "c"]
    lower = dataclasses.replace(saved, codec=WordCodec(lowercase=True))
    one, other = (read_lines_with(*pair, lines) for pair in (("a", saved), ("b", lower)))
    assert one.tokens.tolist() == one.lines.words.tolist() == [3, 3, 1]
    assert one.size == TextSize(9, 9, 7, 7)
    assert (one.oov, other.oov) == (1, 0)
    reasons = reasons_against(one, other)
    assert reasons[0].startswith("a: 1 of 7 tokens are not in its vocabulary")
    assert reasons[1:] == [
        "a and b do not read the same text: 1 of 3 lines differ in case or Unicode form"
    ]
    assert compare_read(one, other).unit == "word"


def test_a_model_of_single_lines_reads_each_by_itself(saved):
    training = structs.replace(saved.config.training, lines="independent")
    single = dataclasses.replace(saved, config=structs.replace(saved.config, training=training))
    assert reads_alike(saved, saved)
    assert not reads_alike(saved, single)
    lines = [Piece("a b\n", True), Piece("b a\n", True)]
    scored = [line.log_probs.sum() for line in score_lines(single, lines, independent=True)]
    read = read_lines_with("a.pkl", single, lines)
    np.testing.assert_allclose(-read.nats, scored, rtol=1e-12)
    carried = read_lines_with("a.pkl", saved, lines)
    assert carried.nats[0] == pytest.approx(read.nats[0], rel=1e-5)
    assert carried.nats[1] != pytest.approx(read.nats[1], rel=1e-5)


def test_a_model_that_does_not_predict_the_ends_of_lines_is_reported(saved):
    endless = dataclasses.replace(saved, codec=WordCodec(end_of_line=None))
    lines = [Piece("a b\n", True), Piece("c\n", True)]
    one, other = (read_lines_with(*pair, lines) for pair in (("a", saved), ("b", endless)))
    assert (one.tokens.tolist(), other.tokens.tolist()) == ([3, 2], [1, 1])  # the first is given
    (reason,) = reasons_against(one, other)
    assert reason.startswith("b: does not predict the ends of lines")


def test_a_model_with_scores_that_are_not_finite_is_named(saved, text_file, monkeypatch):
    def no_number(model, text):
        raise DivergedError("the model's probabilities are no numbers")

    text = read_text(saved.config, str(text_file), saved.codec, saved.vocabulary)
    monkeypatch.setattr(comparison, "target_log_probs", no_number)
    with pytest.raises(DivergedError, match=r"^b\.pkl: the model's probabilities are no numbers"):
        read_with("b.pkl", saved, text)


@pytest.mark.parametrize(("factor", "absurd"), [(9.9, False), (10.1, True)])
def test_a_model_with_absurd_scores_gets_no_verdict(saved, factor, absurd):
    """A model has diverged at ten times the nats of guessing, ln V."""
    nats = np.full(2, 3 * factor * math.log(len(saved.vocabulary)))
    good, bad = (
        Read(k, saved, n, np.array([3, 3]), 0, SIZE) for k, n in (("a", nats / 100), ("b", nats))
    )
    reasons = reasons_against(good, bad)
    assert [reason.startswith("b: the loss is") for reason in reasons] == [True] * absurd
