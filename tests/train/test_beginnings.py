"""Trainings whose output bias begins at the frequencies of the training text."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.config.raw import fill_former
from rnnlm_cli.train.start import Start, begin

LINES = 20
CONFIG = """
corpus: {train: train.txt}
model: {embedding_size: 3, hidden_size: 4, output_bias: unigram}
training: {epochs: 1, batch_size: 2, bptt: 10}
checkpoint: {path: m.pkl}
"""


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


def test_the_bias_is_the_log_of_each_frequency_and_nothing_else_differs(folder):
    session, plain = prepared(), prepared("model.output_bias=zero")
    counts = np.bincount(session.texts.train.ids, minlength=len(session.texts.vocabulary)) + 1
    for name, param in session.model.params.items():
        expected = plain.model.params[name].value
        if name == "output.bias":
            assert not expected.any()
            expected = np.log(counts / counts.sum())
        np.testing.assert_allclose(param.value, expected, rtol=1e-6)


def test_what_a_bidirectional_model_never_predicts_counts_as_if_it_did_not_occur(folder):
    session = prepared("model.direction=bidirectional")
    end = session.texts.vocabulary.index["<eos>"]
    unseen = session.texts.vocabulary.unknown_id
    bias = session.model.params["output.bias"].value
    assert bias[end] == bias[unseen] == bias.min()


@pytest.mark.parametrize("start", ["resume", "tune"])
def test_whoever_trains_a_model_further_keeps_its_value(folder, start):
    list(prepared("model.output_bias=zero").events())
    how = ["training.epochs=2"] if start == "resume" else ["training.init_from=m.pkl"]
    if start == "tune":
        how.append("checkpoint.path=t.pkl")
    later = prepared(*how, start=Start.RESUME if start == "resume" else Start.NEW)
    said = "model.output_bias is zero in this model, and stays so"
    assert any(said in note for note in later.notes)
    assert later.config.model.output_bias == "zero"
    bias = checkpoint.load(str(Path("m.pkl"))).model.network.params["output.bias"].value
    if start == "tune":
        np.testing.assert_array_equal(later.model.params["output.bias"].value, bias)


def test_a_model_file_without_the_key_began_at_zero():
    assert fill_former({"model": {}})["model"] == {"output_bias": "zero"}


def test_the_embedding_begins_at_the_neighbours_of_tokens_with_the_deviation_that_was_drawn(folder):
    """``a`` and ``b`` are always followed by ``x``, and ``c`` and ``d`` by ``y``."""
    rng = np.random.default_rng(0)
    ends = {"a": "x", "b": "x", "c": "y", "d": "y"}
    firsts = rng.choice(list(ends), 300)
    Path("train.txt").write_text("".join(f"{k} {ends[k]}\n" for k in firsts), encoding="utf-8")
    session, plain = prepared("model.embedding_start=ppmi"), prepared()
    weight, drawn = (s.model.embedding.weight.value for s in (session, plain))
    index = session.texts.vocabulary.index
    a, b, c, d = (weight[index[token]] / np.linalg.norm(weight[index[token]]) for token in "abcd")
    assert min(a @ b, c @ d) > 0.9 > 0.5 > max(a @ c, a @ d, b @ c, b @ d)
    np.testing.assert_array_equal(weight[index["<unk>"]], drawn[index["<unk>"]])
    known = [index[token] for token in "abcdxy"] + [index["<eos>"]]
    assert weight[known].std() == pytest.approx(drawn.std(), rel=1e-4)
    for name, param in session.model.params.items():
        same = np.array_equal(param.value, plain.model.params[name].value)
        assert same == (name != "embedding.weight")
