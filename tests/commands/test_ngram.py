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
    own, both = map(json.loads, out.splitlines()[-2:])
    assert both["valid"]["perplexity"] < own["valid"]["perplexity"]
    for mine, mixed, generated in zip(
        own["orders"], both["orders"], both["generated"]["orders"], strict=True
    ):
        assert mixed == {**mine, "ngrams": mixed["ngrams"]}  # counts, discounts: the text's own
        assert max(mine["ngrams"], generated["counted"]) <= mixed["ngrams"]
        assert generated["discounts"] != mine["discounts"] or not generated["estimated"]
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


def test_python_mixes_as_the_command_does(place, capsys):
    assert run(["train", "--config", "c.yaml"]) == 0
    args = ["--checkpoint", "m.pkl", "--order", "2", "--generated", "2000", "--seed", "3"]
    capsys.readouterr()
    assert run(["ngram", "--config", "c.yaml", *args, "--json", "--out", "one.arpa"]) == 0
    shown = json.loads(capsys.readouterr().out)
    options = {"checkpoint": "m.pkl", "generated": 2000, "seed": 3}
    found = rnnlm_cli.ngram("c.yaml", "other.arpa", order=2, **options)
    assert (place / "one.arpa").read_bytes() == (place / "other.arpa").read_bytes()
    assert found.valid.perplexity == shown["valid"]["perplexity"]
    assert found.generated.tokens == shown["generated"]["tokens"]
    assert found.generated.weight == shown["generated"]["weight"]
    assert [list(one.amounts) for one in found.generated.discounts] == [
        one["discounts"] for one in shown["generated"]["orders"]
    ]
    assert run(["ngram", "--config", "c.yaml", *args, "--out", "table.arpa"]) == 0
    out, err = capsys.readouterr()
    header, *rows = (line.split() for line in out.splitlines()[:3])
    assert [header.count(name) for name in ("D1", "D2", "D3+")] == [2, 2, 2]
    assert [len(row) for row in rows] == [10, 10]
    assert "1-grams: the generated text is too small, or too regular" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"generated": 2000}, "generated: there is no model that writes; name it with checkpoint"),
        ({"seed": 2}, "seed: is of the generated text; give generated too"),
        ({"checkpoint": "m.pkl", "generated": 3}, "generated: 3 is not a whole number from 64"),
        ({"checkpoint": "m.pkl", "generated": 99, "seed": -1}, "seed: -1 is not a whole number"),
    ],
)
def test_what_python_refuses(place, options, message):
    assert run(["train", "--config", "c.yaml"]) == 0
    with pytest.raises(rnnlm_cli.UsageError, match=message):
        rnnlm_cli.ngram("c.yaml", "n.arpa", **options)
    assert not (place / "n.arpa").exists()


def test_python_refuses_an_existing_file_before_any_work(place):
    (place / "n.arpa").touch()
    with pytest.raises(rnnlm_cli.UsageError, match=r"n\.arpa: already exists; use overwrite=True"):
        rnnlm_cli.ngram("c.yaml", "n.arpa", checkpoint="missing.pkl")


def test_python_has_the_same(place):
    found = rnnlm_cli.ngram("c.yaml", "n.arpa", order=2)
    assert found.sizes == [6, 7]
    assert found.valid.tokens == found.test.tokens == 2
    assert found.test.oov == 1
    assert [discounts.estimated for discounts in found.discounts] == [False, False]
    assert found.sizes == [len(table) for table in read_arpa(found.path).tables.tables]
