"""``rnnlm ngram``."""

import gzip
import json

import numpy as np
import pytest

import rnnlm_cli
from rnnlm_cli.commands.main import run
from rnnlm_cli.exchange.arpa import read_arpa

CONFIG = """\
corpus: {train: train.txt, valid: valid.txt, test: test.txt}
model: {embedding_size: 4, hidden_size: 4}
training: {epochs: 1, batch_size: 1, bptt: 5}
checkpoint: {path: m.pkl}
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("train", "a b a\nb a c\n"), ("valid", "a b\n"), ("test", "a z\n")):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def test_a_file_that_mixes_with_the_network_of_the_config(place, capsys):
    assert run(["ngram", "--config", "c.yaml", "--order", "3", "--json"]) == 0
    out, err = capsys.readouterr()
    own = json.loads(out)
    assert [one["ngrams"] for one in own["orders"]] == [6, 7, 6]
    assert "1-grams: the text is too small" in err
    assert "wrote m.3gram.arpa" in err
    assert run(["train", "--config", "c.yaml"]) == 0
    for split in ("valid", "test"):
        args = ["--split", split, "--interpolate", "m.3gram.arpa", "--interpolate-weight", "0.5"]
        capsys.readouterr()
        assert run(["eval", "perplexity", "--checkpoint", "m.pkl", *args, "--json"]) == 0
        mixed = json.loads(capsys.readouterr().out)["interpolated"]
        assert own[split]["perplexity"] == pytest.approx(mixed["ngram"], rel=1e-5)
    assert own["test"]["oov"] == mixed["unknown"] == 1


def test_a_table_and_a_compressed_file_which_is_not_replaced(place, capsys, arpa_entries):
    args = ["ngram", "--config", "c.yaml", "--order", "2", "--prune", "0,1", "--out", "m.arpa.gz"]
    assert run(args) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[2][:3] == ["2", "7", "1"]
    assert [row[:2] for row in rows[-2:]] == [["valid", "2"], ["test", "2"]]
    assert gzip.decompress((place / "m.arpa.gz").read_bytes()).endswith(b"\n\\end\\\n")
    assert ("b", "a") in arpa_entries(read_arpa("m.arpa.gz"))
    assert run(args) == 2
    assert "m.arpa.gz: already exists" in capsys.readouterr().err


def test_the_vocabulary_of_a_model(place, capsys):
    (place / "more.txt").write_text("a b d\n", encoding="utf-8")
    assert run(["train", "--config", "c.yaml"]) == 0
    fine = ["--config", "c.yaml", "--set", "corpus.train=more.txt"]
    assert run(["ngram", *fine, "--set", "training.init_from=m.pkl"]) == 2
    assert "is that of another model; name it with --checkpoint" in capsys.readouterr().err
    assert run(["ngram", *fine, "--order", "1", "--out", "n.arpa", "--checkpoint", "m.pkl"]) == 0
    words = {"a", "b", "c", "<unk>", "<UNK>", "<s>", "</s>"}
    assert set(read_arpa("n.arpa").words) == words


def test_a_model_that_is_mixed_with_that_of_what_the_network_writes(place, capsys):
    assert run(["train", "--config", "c.yaml"]) == 0
    common = ["ngram", "--config", "c.yaml", "--checkpoint", "m.pkl", "--order", "2", "--json"]
    assert run([*common, "--out", "own.arpa"]) == 0
    assert run([*common, "--out", "both.arpa", "--generated", "2000"]) == 0
    out, err = capsys.readouterr()
    assert "the training text and 2,0" in err
    own, both = (json.loads(line)["valid"]["perplexity"] for line in out.splitlines()[-2:])
    assert both < own
    tables = read_arpa("both.arpa").tables
    every = np.arange(tables.types)
    for before in range(tables.types):
        logs = tables.log_probs_after(np.full((tables.types, 1), before), every)[:-1]  # no <s>
        assert (10**logs).sum() == pytest.approx(1, abs=1e-5)
    assert run([*common, "--set", "corpus.valid=null", "--out", "n.arpa", "--generated", "99"]) == 2
    assert "corpus.valid: there is no validation text" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "args", "message"),
    [
        ("a\n", ["--prune", "0,x"], "'--prune': '0,x' is not of the form N[,N...]"),
        ("a\n", ["--order", "0"], "'--order': '0' is not a whole number from 1 to 20"),
        ("a\n", ["--prune", "1"], "--prune 1: the first number drops words of the vocabulary"),
        ("<s> a\n", [], "has the token <s>, and an ARPA file cannot"),
        ("a\n", ["--set", "model.direction=bidirectional"], "use a config with forward"),
    ],
)
def test_what_is_refused_in_one_line(place, capsys, text, args, message):
    (place / "train.txt").write_text(text, encoding="utf-8")
    assert run(["ngram", "--config", "c.yaml", *args]) in (1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err.replace("\n", " ")
    assert not list(place.glob("*.arpa"))


def test_python_has_the_same(place):
    found = rnnlm_cli.ngram("c.yaml", "n.arpa", order=2)
    assert found.sizes == [6, 7]
    assert found.valid.tokens == found.test.tokens == 2
    assert found.test.oov == 1
    assert [discounts.estimated for discounts in found.discounts] == [False, False]
    assert found.sizes == [len(table) for table in read_arpa(found.path).tables.tables]
