"""``--mix``, ``--interpolate`` and ``--mix-weights``: one mixture in every command."""

import io
import json
import math
import sys

import numpy as np
import pytest

import rnnlm_cli
from rnnlm_cli.commands.main import run

CONFIG = """\
corpus: {train: train.txt, valid: valid.txt}
model: {embedding_size: 4, hidden_size: 4}
training: {epochs: 1, batch_size: 1, bptt: 5}
checkpoint: {path: a.pkl}
"""
MIX = ["--checkpoint", "a.pkl", "--mix", "b.pkl", "--interpolate", "m.arpa"]
ALL = "a", "b", "c", "<eos>", "<unk>"
WEIGHTS = ["--mix-weights", "0.5,0.2,0.3"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("mix")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name, text in (
            ("train", "a b a c\nb a c\na b\n"),
            ("valid", "a b\nb a c\n"),
            ("other", "z b\n"),
        ):
            (root / f"{name}.txt").write_text(text, encoding="utf-8")
        (root / "c.yaml").write_text(CONFIG, encoding="utf-8")
        train = ["train", "--config", "c.yaml"]
        assert run(train) == 0
        assert run([*train, "--set", "checkpoint.path=b.pkl", "--set", "training.seed=2"]) == 0
        other = ["--set", "checkpoint.path=o.pkl", "--set", "corpus.train=other.txt"]
        assert run([*train, *other]) == 0
        both = ["--set", "checkpoint.path=both.pkl", "--set", "model.direction=bidirectional"]
        assert run([*train, *both]) == 0
        assert run(["ngram", "--config", "c.yaml", "--order", "2", "--out", "m.arpa"]) == 0
    return root


@pytest.fixture
def here(place, monkeypatch):
    monkeypatch.chdir(place)
    return place


def printed(capsys, *args):
    capsys.readouterr()
    assert run([*args]) == 0
    return capsys.readouterr().out


def test_perplexity_of_each_model_and_of_all(here, capsys):
    found = json.loads(printed(capsys, "eval", "perplexity", "--split", "valid", *MIX, "--json"))
    ensemble, all_of_them = found["ensemble"], found["interpolated"]
    assert [one["checkpoint"] for one in ensemble["models"]] == ["a.pkl", "b.pkl"]
    assert ensemble["models"][0]["perplexity"] == pytest.approx(found["perplexity"])
    assert ensemble["fitted"]
    assert all_of_them["fitted"]
    figures = [one["perplexity"] for one in ensemble["models"]] + [all_of_them["ngram"]]
    assert all_of_them["mix"] <= min(figures) + 1e-3  # on the text that the weights are fitted on
    table = printed(capsys, "eval", "perplexity", "--split", "valid", *MIX, *WEIGHTS)
    assert "weight 0.7143: a.pkl: perplexity" in table
    assert "ensemble: perplexity" in table
    assert "the network's weight 0.7000, as given" in table


def test_of_a_mixture_the_first_model_adapts(here, capsys):
    command = ["eval", "perplexity", "--split", "valid", *MIX, *WEIGHTS, "--json"]
    still = json.loads(printed(capsys, *command))
    assert run([*command, "--cache", "9,0.5,0.3"]) == 0
    out, said = capsys.readouterr()
    assert "of the mixture only a.pkl adapts" in said
    found = json.loads(out)
    first, other = found["ensemble"]["models"]
    assert first["perplexity"] == pytest.approx(found["adapted"]["perplexity"])
    assert first["perplexity"] != still["perplexity"]
    assert other == still["ensemble"]["models"][1]


def test_every_command_has_the_same_mixture(here, capsys):
    both = [*MIX, *WEIGHTS]
    (here / "line.txt").write_text("a b\n", encoding="utf-8")
    line = json.loads(printed(capsys, "eval", "sentences", "--corpus", "line.txt", "--json", *both))
    words = ["eval", "words", "--independent", "--corpus", "line.txt", "--json", *both]
    logprobs = json.loads(printed(capsys, *words))["logprobs"]
    assert sum(logprobs) == pytest.approx(line["logprob"])
    (here / "list.txt").write_text("1 a b\n", encoding="utf-8")
    rescored = printed(capsys, "eval", "rescore", "list.txt", "--json", *both)
    score = json.loads(rescored)["logprob"]
    assert score == pytest.approx(line["logprob"])
    every = ["eval", "next", "--start", "a", "--top", "9", "--json", *both]
    following = json.loads(printed(capsys, *every))["next"]
    assert sum(math.exp(one["logprob"]) for one in following) == pytest.approx(1)
    drawn = ["generate", "--start", "a", "--length", "3", "--seed", "1", "--json", *both]
    text = json.loads(printed(capsys, *drawn))
    searched = printed(capsys, "generate", "--start", "a", "--beam", "2", "--length", "3", *both)
    assert len(text["tokens"]) > 3
    assert searched.startswith("a")
    model = rnnlm_cli.load("a.pkl").mixed_with(["b.pkl"], ngram="m.arpa", weights=[5, 2, 3])
    assert model.score("a b") * math.log(10) == pytest.approx(line["logprob"], rel=1e-5)
    assert model.generate("a", length=3, seed=1) == text["text"]
    assert "2 networks and an n-gram model" in repr(model)
    for what in (lambda: model.trace("a"), lambda: model.state("a").layers):
        with pytest.raises(rnnlm_cli.UsageError, match="a mixture has no layers"):
            what()


def test_blanks_and_typed_starts_are_for_the_mixture(here, capsys, monkeypatch):
    both = [*MIX, *WEIGHTS]
    best = json.loads(printed(capsys, "fill", "a ___", "--top", "2", "--json", *both))["lines"]
    (here / "filled.txt").write_text("".join(f"{one['text']}\n" for one in best), encoding="utf-8")
    scores = printed(capsys, "eval", "sentences", "--corpus", "filled.txt", "--json", *both)
    for one, line in zip(best, scores.splitlines(), strict=True):
        assert one["logprob"] == pytest.approx(json.loads(line)["logprob"])
    following = printed(capsys, "eval", "next", "--start", "a", "--top", "4", *both)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"/top 4 a\n")))
    assert printed(capsys, "interactive", *both) == following
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"/top 4 a\n")))
    assert printed(capsys, "interactive", "--checkpoint", "a.pkl") != following


def test_weights_are_fitted_and_told(here, capsys):
    capsys.readouterr()
    assert run(["eval", "sentences", "--split", "valid", *MIX]) == 0
    out, err = capsys.readouterr()
    shown = err.split("--mix-weights ")[1].split()[0]
    assert "weights fitted on valid.txt" in err
    given = printed(capsys, "eval", "sentences", "--split", "valid", *MIX, "--mix-weights", shown)
    numbers = [
        [float(row.split("\t")[0]) for row in text.splitlines()[1:]] for text in (out, given)
    ]
    np.testing.assert_allclose(*numbers, atol=1e-3)
    model = rnnlm_cli.load("a.pkl").mixed_with(["b.pkl", rnnlm_cli.load("a.pkl")])
    assert sum(model.weights) == pytest.approx(1)
    assert model.weights[0] == pytest.approx(model.weights[2])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--mix", "o.pkl"], "o.pkl: 3 tokens are known to it or to the first model alone"),
        (["--mix", "both.pkl"], "the model is bidirectional"),
        (["--mix", "none.pkl"], "none.pkl"),
        (["--mix", "b.pkl", "--mix-weights", "1,2,3"], "for each of the 2 models"),
        (["--mix", "b.pkl", "--mix-weights", "1,-2"], "--mix-weights 1,-2: is not a weight"),
        (["--mix", "b.pkl", "--mix-weights", "1"], "'1' is not of the form W,W[,W...]"),
        (["--mix-weights", "1,1"], "--mix-weights needs --mix or --interpolate"),
    ],
)
def test_what_is_refused(here, capsys, args, message):
    capsys.readouterr()
    assert run(["eval", "sentences", "--checkpoint", "a.pkl", "--split", "valid", *args]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


@pytest.mark.parametrize(
    "args",
    [
        ["generate", "--start", "z"],
        ["generate", "--start", "a", "--no-repeat-ngram", "1"],
        ["eval", "next", "--start", "z"],
        ["fill", "a ___ z"],
        ["fill", "a ___", *(part for token in ALL for part in ("--skip", token))],
        ["eval", "words", "--split", "test"],
        ["eval", "sentences", "--split", "test"],
        ["eval", "words", "--corpus", "none.txt"],
        ["eval", "sentences", "--corpus", "none.txt"],
        ["eval", "rescore", "none.txt"],
        ["eval", "rescore", "train.txt", "--context", "none.txt"],
    ],
)
def test_what_can_be_refused_at_once_is_refused_before_weights_are_fitted(here, capsys, args):
    assert run([*args, "--checkpoint", "a.pkl", "--mix", "b.pkl"]) == 2
    assert "weights fitted" not in capsys.readouterr().err
