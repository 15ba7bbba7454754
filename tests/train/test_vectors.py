"""Trainings that start from word vectors, and files of vectors that other programs read."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.train.start import Start, begin

LINES = 20
CONFIG = """
corpus: {train: train.txt}
model: {embedding_size: 3, hidden_size: 4, embeddings: v.txt}
training: {epochs: 1, batch_size: 2, bptt: 10}
checkpoint: {path: m.pkl}
"""
VECTORS = "b 3 0.5 -1\na 1 -0.5 -1\nfather 1 1 1\n"


@pytest.fixture
def vectors(folder):
    Path("v.txt").write_text(VECTORS, encoding="utf-8")


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


def test_the_embedding_starts_from_the_file_and_its_coverage_is_told(vectors):
    session = prepared()
    plain = prepared("model.embeddings=null")
    vocabulary, weight = session.texts.vocabulary, session.model.embedding.weight.value
    np.testing.assert_array_equal(weight[vocabulary.index["b"]], [3, 0.5, -1])
    np.testing.assert_array_equal(weight[vocabulary.index["a"]], [1, -0.5, -1])
    counts = vocabulary.counts
    share = counts[[vocabulary.index["a"], vocabulary.index["b"]]].sum() / counts.sum()
    assert session.notes == [
        f"v.txt: 2 of {len(vocabulary)} types ({share:.1%} of tokens) have a vector"
    ]
    assert plain.notes == []
    for name, param in session.model.params.items():  # all others are as without vectors
        same = np.array_equal(param.value, plain.model.params[name].value)
        assert same == (name != "embedding.weight")


def test_types_without_a_vector_are_drawn_like_the_others(folder):
    """From N(mean, deviation), number by number: here (2, 1), (0, 0.5) and (-1, 0)."""
    words = [f"w{k}" for k in range(2000)]
    Path("train.txt").write_text("\n".join(["a b", *words]), encoding="utf-8")
    Path("v.txt").write_text(VECTORS, encoding="utf-8")
    session = prepared()
    index = session.texts.vocabulary.index
    drawn = session.model.embedding.weight.value[[index[word] for word in words]]
    np.testing.assert_allclose(drawn.mean(axis=0), [2, 0, -1], atol=0.1)
    np.testing.assert_allclose(drawn.std(axis=0), [1, 0.5, 0], atol=0.05)


def test_lower_case_is_told(vectors):
    Path("train.txt").write_text("A b B A\n" * 9, encoding="utf-8")
    (note,) = prepared().notes
    assert note.endswith("have a vector, 2 of them that of the word in lower case")


def test_what_does_not_fit_is_refused_in_a_dry_run_too(vectors):
    with pytest.raises(UsageError, match=r"vectors of 3 numbers, but model\.embedding_size is 5"):
        prepared("model.embedding_size=5", dry=True)
    Path("v.txt").write_text("una 1 2 3\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="no vector for any of the 8 types"):
        prepared(dry=True)
    with pytest.raises(UsageError, match="which it also reads"):
        prepared("model.embeddings=m.pkl")


@pytest.mark.bitwise
def test_a_training_resumes_without_the_file(vectors, stop_after):
    list(prepared("model.freeze=[embedding]").events())
    whole = checkpoint.load("m.pkl").model
    session = prepared("model.freeze=[embedding]", start=Start.OVERWRITE)
    stop_after(session, 3)
    Path("v.txt").unlink()
    others = ["model.freeze=[embedding]", "model.embeddings=null"]
    list(prepared(*others, start=Start.RESUME).events())
    resumed = checkpoint.load("m.pkl").model
    for name, param in whole.network.params.items():
        np.testing.assert_array_equal(resumed.network.params[name].value, param.value)
    index = whole.vocabulary.index
    np.testing.assert_array_equal(whole.network.embedding.weight.value[index["b"]], [3, 0.5, -1])


@pytest.mark.parametrize(
    "more",
    [
        "training.precision=float64",
        "training.seed=7",
        "model.output_layer={kind: adaptive, cutoffs: [4]}",
    ],
)
def test_exported_vectors_are_read_back_as_they_are(folder, more, capsys):
    start = ["train", "--config", "c.yaml", "--set", more]
    assert run([*start, "--set", "model.embeddings=null"]) == 0
    export = ["export", "m.pkl", "--format", "word2vec"]
    assert run(export) == 0
    assert "wrote m.word2vec: 8 vectors of 3 numbers" in capsys.readouterr().err
    assert Path("m.word2vec").read_text(encoding="utf-8").splitlines()[0] == "8 3"
    session = prepared(more, "model.embeddings=m.word2vec", "checkpoint.path=n.pkl")
    expected = checkpoint.load("m.pkl").model.network.embedding.weight.value
    np.testing.assert_array_equal(session.model.embedding.weight.value, expected)
    assert "8 of 8 types (100.0% of tokens)" in session.notes[0]


def test_a_token_with_white_space_is_not_exported(folder, capsys):
    none = ["--set", "model.embeddings=null", "--set", "corpus.unit=char"]
    assert run(["train", "--config", "c.yaml", *none]) == 0
    assert run(["export", "m.pkl", "--format", "word2vec"]) == 2
    *_, line = capsys.readouterr().err.splitlines()
    assert line.startswith(r"Error: the token ")
    assert "white space" in line
    assert not Path("m.word2vec").exists()
